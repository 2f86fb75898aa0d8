"""The package as it lies in the repository: what the tests of its structure look at."""

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

# Those that `make proto` generates are nobody's to read.
FILES = sorted(path for path in PACKAGE.rglob("*.py") if not path.stem.endswith("_pb2"))
SCRIPTS = sorted(FRONT_END.rglob("*.ts"))


def inside(path: Path) -> str:
    """Return a file's path in the package."""
    return path.relative_to(PACKAGE).as_posix()
