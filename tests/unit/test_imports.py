"""Which libraries a module loads: replay and the command line run without docker-py.

The modules of a row are imported in a new process that refuses some libraries. The package
itself is replaced by an empty module with the same path there, so that only what the modules
import counts, whatever the package's `__init__` imports.
"""

import subprocess
import sys
from collections.abc import Iterable

import pytest

from tests.unit.tree import FILES, PACKAGE, ROOT, inside

DOCKER = ("docker", "requests", "urllib3", "paramiko")
WIDGETS = ("IPython", "ipykernel", "ipywidgets", "anywidget", "traitlets", "comm")
SESSION = ("grpclib", "h2", "google.protobuf")
SLOW = ("asyncio", "rich", "tenacity", "certifi")
ALL = (*DOCKER, *WIDGETS, *SESSION, *SLOW)

# Only `make proto` runs these.
OF_MAKE_PROTO = ("engine.buildkit.proto.generate", "engine.buildkit.proto.__main__")

# What the modules of a folder, or one module, must not load. The innermost row applies; a
# module without a row may load anything. docker-py itself loads paramiko if it is installed.
TABLE = {
    "progress": ALL,
    "displays": ALL,
    "displays/terminal.py": (*DOCKER, *WIDGETS, *SESSION, "asyncio"),
    "environment": ALL,
    "jupyter": (*DOCKER, *WIDGETS, *SESSION, "rich"),
    "panel": (*DOCKER, *SESSION, "rich"),
    "jobs": ALL,
    "cli": ALL,
    "__main__.py": ALL,
    "engine/failure": ALL,
    "engine/cancel.py": ALL,
    "engine/credentials.py": ALL,
    "engine/engine_info.py": ALL,
    "engine/masking.py": ALL,
    "engine/image": ALL,
    "engine/context": ALL,
    "engine/dockerfile": ALL,
    "engine/request": ALL,
    "engine/connection": (*WIDGETS, *SESSION, "rich", "tenacity"),
    "engine/pull": (*WIDGETS, *SESSION, "rich", "tenacity"),
    "engine/pull/retry.py": ALL,
    "engine/pull/stream.py": ALL,
    "engine/classic": (*WIDGETS, *SESSION, "rich", "tenacity"),
    "engine/buildkit": (*WIDGETS, "rich", "tenacity"),
    "engine/client.py": (*WIDGETS, *SESSION, "rich", "tenacity"),
    "engine/build.py": (*WIDGETS, *SESSION, "rich", "tenacity"),
    "engine/provision.py": (*WIDGETS, *SESSION, "rich", "tenacity"),
}

# An AssertionError, because a module may handle an ImportError.
_ALONE = """
import importlib, sys, types

path, modules, refused = sys.argv[1], sys.argv[2].split(), sys.argv[3].split()

class Refusing:
    def find_spec(self, name, path=None, target=None):
        assert name not in refused, f"{name} is imported"

assert not {*refused} & {*sys.modules}, "Python itself has imported one of them"
sys.meta_path.insert(0, Refusing())
package = sys.modules["imagewidget"] = types.ModuleType("imagewidget")
package.__path__ = [path]
for module in modules:
    importlib.import_module(module)
"""


def row_of(file: str) -> str | None:
    """Return the innermost row of the table that a file belongs to."""
    parts = file.split("/")
    names = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in TABLE), None)


def refusal(modules: Iterable[str], refused: Iterable[str]) -> str:
    """Import modules in a process that refuses some libraries; return the traceback, if any."""
    return subprocess.run(
        [sys.executable, "-c", _ALONE, str(PACKAGE), " ".join(modules), " ".join(refused)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    ).stderr


@pytest.mark.parametrize("row", TABLE)
def test_a_module_does_not_load_what_it_does_not_need(row: str) -> None:
    files = [file for file in map(inside, FILES) if row_of(file) == row]
    names = [file.removesuffix(".py").replace("/", ".") for file in files]
    modules = [f"imagewidget.{name}" for name in names if not name.startswith(OF_MAKE_PROTO)]
    assert modules, f"{row} does not exist: correct the table"
    assert not refusal(modules, TABLE[row])


@pytest.mark.parametrize(
    "module",
    [
        "imagewidget.jobs.job",
        "imagewidget.jobs.replay",
        "imagewidget.displays.recording",
        "imagewidget.progress.state",
        "imagewidget.engine.failure.errors",
    ],
)
def test_a_replay_needs_no_docker_py(module: str) -> None:
    """Each by itself, in case one of them is moved to another row."""
    assert not refusal([module], DOCKER)


@pytest.mark.parametrize(
    ("module", "library"),
    [
        ("imagewidget.engine.connection.docker_py", "docker"),
        ("imagewidget.engine.pull.pull", "requests"),
        ("imagewidget.displays.terminal", "rich"),
        ("imagewidget.panel.panel", "anywidget"),
    ],
)
def test_a_library_that_is_loaded_is_detected(module: str, library: str) -> None:
    assert f"{library} is imported" in refusal([module], [library])
