"""mypy and pyright accept what users write, and find their mistakes, on old and new Python."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.unit.tree import FRONT_END, PACKAGE, ROOT

CODE = ROOT / "tests" / "typing"
PYRIGHT = FRONT_END.parent / "node_modules" / ".bin" / "pyright"
VERSIONS = sorted({"3.10", f"{sys.version_info.major}.{sys.version_info.minor}"})
# The checkout is on the path as an installed package is: its annotations are used, its errors
# are not reported, and none of its settings apply.
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT)}

Found = dict[int, set[str]]
"""The names of the errors in each line."""


def marked(text: str) -> dict[int, tuple[str, str]]:
    """Return the errors that mypy and pyright must find, by line."""
    return {
        number: (found[1], found[2])
        for number, line in enumerate(text.splitlines(), 1)
        if (found := re.search(r"# wrong: ([\w-]+), (\w+)$", line))
    }


MARKED = marked((CODE / "wrong_code.py").read_text(encoding="utf-8"))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    for name in ("user_code.py", "wrong_code.py"):
        (tmp_path / name).write_bytes((CODE / name).read_bytes())
    return tmp_path


def run(command: list[str], directory: Path) -> str:
    ran = subprocess.run(
        command, cwd=directory, env=ENVIRON, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1, f"{ran.stdout}\n{ran.stderr}"  # there are errors, and it worked
    return ran.stdout


def by_file(errors: Iterable[tuple[str, int, str]]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for file, line, code in errors:
        found.setdefault(Path(file).name, {}).setdefault(line, set()).add(code)
    return found


def mypy(directory: Path, version: str) -> dict[str, Found]:
    # The cache is kept: checking the libraries takes most of the time.
    cache = ROOT / ".mypy_cache" / "user_code"
    options = ["--strict", "--config-file=", f"--cache-dir={cache}", f"--python-version={version}"]
    command = [sys.executable, "-m", "mypy", *options, "--output=json"]
    said = map(json.loads, run([*command, "user_code.py", "wrong_code.py"], directory).splitlines())
    return by_file(
        (each["file"], each["line"], each["code"]) for each in said if each["severity"] == "error"
    )


def pyright(directory: Path, version: str) -> dict[str, Found]:
    settings = {
        "include": ["user_code.py", "wrong_code.py"],
        "typeCheckingMode": "strict",
        "pythonVersion": version,
        # `ipywidgets` has no types, and lines that are only expressions are intended here.
        "reportMissingTypeStubs": False,
        "reportUnusedExpression": False,
    }
    (directory / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [str(PYRIGHT), "--outputjson", f"--pythonpath={sys.executable}"]
    said = json.loads(run(command, directory))["generalDiagnostics"]
    return by_file(
        (each["file"], each["range"]["start"]["line"] + 1, each.get("rule", "syntax"))
        for each in said
        if each["severity"] == "error"
    )


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_exactly_the_marked_lines_are_wrong(page: Path, checker: object, version: str) -> None:
    check, which = (mypy, 0) if checker is mypy else (pyright, 1)
    found = check(page, version)
    assert found.get("user_code.py", {}) == {}
    wrong = found["wrong_code.py"]
    assert sorted(wrong) == sorted(MARKED)
    assert [line for line, codes in wrong.items() if MARKED[line][which] not in codes] == []


def test_the_mistakes_are_marked_with_the_errors_to_expect() -> None:
    assert len(MARKED) >= 5
    assert marked("a\niw.pull()  # wrong: call-arg, reportCallIssue\n") == {
        2: ("call-arg", "reportCallIssue")
    }


def test_the_package_says_that_it_has_types() -> None:
    """`tests/notebooks/test_wheel.py` looks for the same file in the wheel."""
    assert (PACKAGE / "py.typed").is_file()
