"""When the front end is built with the package."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from imagewidget.panel.modules import NAMES, STATIC

HOOK = Path(__file__).parents[2] / "hatch_build.py"


class Interface:
    """The part of hatchling's class that the hook uses; hatchling is only there in a build."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    interface: Any = ModuleType("interface")
    interface.BuildHookInterface = Interface
    monkeypatch.setitem(sys.modules, "hatchling.builders.hooks.plugin.interface", interface)
    spec = importlib.util.spec_from_file_location("hatch_build", HOOK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(hook: ModuleType, root: Path) -> None:
    hook.FrontEnd(root).initialize("standard", {})


def test_a_front_end_that_is_built_is_not_built_again(hook: ModuleType, tmp_path: Path) -> None:
    shutil.copytree(STATIC, tmp_path / "imagewidget/panel/static")
    run(hook, tmp_path)


@pytest.mark.parametrize("missing", ["stub", *NAMES])
def test_a_front_end_that_lacks_a_module_is_built(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    static = tmp_path / "imagewidget/panel/static"
    shutil.copytree(STATIC, static)
    (static / f"{missing}.js").unlink()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="needs Node"):
        run(hook, tmp_path)
