"""The files of the package in the repository, for the tests of its structure."""

import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "imagewidget"
FRONT_END = PACKAGE / "panel" / "frontend" / "src"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Without the modules that `make proto` generates.
FILES = sorted(path for path in PACKAGE.rglob("*.py") if not path.stem.endswith("_pb2"))
SCRIPTS = sorted(FRONT_END.rglob("*.ts"))


def inside(path: Path) -> str:
    """Return a file's path relative to the package."""
    return path.relative_to(PACKAGE).as_posix()
