"""Each wing imports only from the wings below it, and files and folders stay small."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.unit.tree import FILES, FRONT_END, PACKAGE, SCRIPTS, inside

MOST_LINES = 400
MOST_MODULES = 13

Wings = Mapping[str, set[str]]


def read(table: str) -> Wings:
    """Parse a table of wings: `wing < wings it may import`, continued on indented lines."""
    rows = re.sub(r"\n\s+", " ", table.strip()).splitlines()
    split = [row.partition("<")[::2] for row in rows]
    return {wing.strip(): set(below.split()) for wing, below in split}


# From the bottom up. A wing is a folder, or a file that has different rules from its folder.
WINGS = read("""
progress/clock
progress/text
progress/events          < progress/text
progress                < progress/clock progress/events progress/text
environment
recordings              < progress/text
jupyter
engine/engine_info
engine/failure          < progress/events progress/text
engine/cancel           < engine/failure
engine/masking
engine/json_stream
engine/image            < engine/failure progress/events
engine/credentials      < engine/failure engine/image
engine/context          < engine/failure progress/text
engine/dockerfile       < progress/events
engine/connection       < engine/cancel engine/credentials engine/engine_info engine/failure
                          engine/image engine/json_stream progress/events
engine/client           < engine/connection engine/engine_info progress/events
engine/finish           < engine/cancel engine/connection engine/failure engine/image
engine/request          < engine/context engine/credentials engine/dockerfile engine/engine_info
                          engine/failure engine/image engine/masking environment
engine/pull             < engine/cancel engine/connection engine/credentials engine/failure
                          engine/finish engine/image engine/masking progress/events progress/text
engine/classic          < engine/cancel engine/connection engine/context engine/dockerfile
                          engine/engine_info engine/failure engine/finish engine/image
                          engine/masking engine/pull engine/request progress/clock progress/events
                          progress/text
engine/buildkit/proto
engine/buildkit/session < engine/buildkit/proto engine/connection engine/credentials
engine/buildkit/files   < engine/buildkit/proto engine/buildkit/session engine/context
                          engine/failure
engine/buildkit         < engine/buildkit/files engine/buildkit/proto engine/buildkit/session
                          engine/cancel engine/connection engine/context engine/credentials
                          engine/dockerfile engine/failure engine/finish engine/image
                          engine/masking engine/request progress/clock progress/events
engine/build            < engine/buildkit engine/cancel engine/classic engine/connection
                          engine/failure engine/request progress/clock progress/events
engine/provision        < engine/cancel engine/connection engine/failure progress/events
displays                < progress progress/events progress/text
panel                   < displays jupyter progress progress/clock progress/events progress/text
jobs                    < displays engine/cancel engine/failure jupyter panel
                          progress progress/clock progress/events recordings
api                     < engine/build engine/cancel engine/client engine/connection
                          engine/credentials engine/failure engine/image engine/provision
                          engine/pull engine/request environment jobs progress/clock
                          progress/events recordings
cli                     < api displays engine/client engine/failure engine/pull engine/request
                          jobs progress progress/text recordings
__main__                < cli
magics                  < api cli jobs
workbench               < api displays engine/client engine/dockerfile engine/failure
                          engine/image engine/request environment jobs jupyter panel
                          progress progress/text
testing                 < engine/client engine/connection engine/dockerfile engine/failure
                          engine/image
__init__                < api displays engine/client engine/engine_info engine/failure
                          engine/pull engine/request jobs magics panel progress progress/events
                          workbench
""")

FRONT_END_WINGS = read("""
kit
page
version
wire
store/log < wire
store     < store/log version wire
parts/log < kit store store/log
parts     < kit parts/log store store/log wire
details   < parts parts/log store
view      < kit page parts store version
views     < store view
core      < page store views
stub      < core store wire
""")

# Libraries that only some wings may import, each with those that may.
HOMES = {
    "docker": {"engine/connection", "engine/buildkit/session"},
    "requests": {"engine/connection", "engine/pull", "engine/buildkit/session"},
    "urllib3": {"engine/connection", "engine/buildkit/session"},
    "grpclib": {"engine/buildkit/session", "engine/buildkit/files"},
    "grpc_tools": {"engine/buildkit/proto"},
    "google": {"engine/buildkit", "engine/buildkit/proto"},
    "click": {"cli", "magics"},
    "rich": {"displays"},
    "anywidget": {"panel", "workbench"},
    "ipywidgets": {"panel", "workbench"},
    "IPython": {"jupyter", "jobs", "magics", "workbench"},
    "nest_asyncio2": {"jupyter"},
}

# Modules that `progress` may not import, because it never waits. Only the log needs a lock.
WAITS = {"asyncio", "select", "selectors", "socket", "subprocess", "threading", "time"}
MAY_LOCK = "progress/log.py"

# A module name passed to `import_module`.
_DOTTED = re.compile(r"imagewidget(\.\w+)+")
_BY_NAME = ("import_module", "__import__")
_FROM = re.compile(
    r"""(?:\bfrom|^import)\s+["'](\.[^"']+)["']|\b(?:import|require)\(\s*["'`](\.[^"'`]+)""",
    re.MULTILINE,
)


FOLDERS = sorted({path.parent for path in (*FILES, *SCRIPTS)})


def place(path: Path) -> str:
    """Return where a file is, such as `engine/pull/retry`; an `__init__` is its folder."""
    root = FRONT_END if path.suffix == ".ts" else PACKAGE
    inside = path.relative_to(root).with_suffix("")
    return (
        inside.parent if inside.name == "__init__" and inside.parent.name else inside
    ).as_posix()


def of_python(source: str) -> Iterator[str]:
    """Yield every name that Python source imports, including lazy imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Constant) and _DOTTED.fullmatch(str(node.value)):
            yield node.value
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(_BY_NAME):
            assert not node.keywords, "a module is imported by one name that can be read here"
            assert len(node.args) == 1, "a module is imported by one name that can be read here"
            [name] = node.args
            if isinstance(name, ast.Constant):
                yield str(name.value)
            else:
                assert isinstance(name, ast.Subscript), "its names stand in a table"


def ours(source: str) -> Iterator[str]:
    """Yield the places in the package that Python source imports from."""
    for name in of_python(source):
        if name == "imagewidget" or name.startswith("imagewidget."):
            yield "/".join(name.split(".")[1:])


def of_typescript(source: str, path: Path) -> Iterator[str]:
    """Yield the places in the front end that TypeScript imports from, including type imports."""
    for found in _FROM.finditer(source):
        target = found[1] or found[2]
        if not target.endswith(".css"):
            yield (path.parent / target).resolve().relative_to(FRONT_END).as_posix()


def imports(path: Path, source: str | None = None) -> set[str]:
    text = path.read_text(encoding="utf-8") if source is None else source
    return set(of_typescript(text, path) if path.suffix == ".ts" else ours(text))


def wing_of(where: str, wings: Wings) -> str:
    """Return the innermost wing that contains a place, or the place itself if none does."""
    parts = where.split("/")
    names = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in wings), where)


def not_allowed(path: Path, source: str | None = None) -> list[str]:
    """Return the imports of a file that the row of its wing does not allow."""
    wings = FRONT_END_WINGS if path.suffix == ".ts" else WINGS
    wing = wing_of(place(path), wings)
    allowed = {wing, *wings.get(wing, ())}
    return sorted(one for one in imports(path, source) if wing_of(one, wings) not in allowed)


def test_a_wing_imports_only_what_its_row_allows() -> None:
    above = [
        f"{inside(path)} may not import {one}: move what both need below both, see the table"
        for path in (*FILES, *SCRIPTS)
        for one in not_allowed(path)
    ]
    assert not above


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("engine/pull/pull.py", "from imagewidget.engine.classic.build import build"),
        ("engine/pull/pull.py", "def f():\n    import imagewidget.engine.classic.build"),
        ("engine/pull/pull.py", "import_module('imagewidget.engine.classic.build')"),
        ("engine/request/checks.py", "from imagewidget.engine.pull import retry"),
        ("engine/buildkit/files/trees.py", "from imagewidget.engine.buildkit.trace import Trace"),
        ("engine/classic/stream.py", "from imagewidget.progress.state import State"),
        ("progress/tracker.py", "from imagewidget.engine.cancel import Cancellation"),
        ("progress/text/line.py", "from imagewidget.progress.log import Log"),
        ("displays/html.py", "from imagewidget.jupyter.kernel import kernel"),
        ("panel/panel.py", "from imagewidget.workbench.widget import ImageWidget"),
        ("panel/panel.py", "from imagewidget import pull"),
        ("jobs/job.py", "from imagewidget.api.pulling import pull"),
        ("jobs/job.py", "import imagewidget"),
        ("engine/__init__.py", "from imagewidget.workbench.widget import ImageWidget"),
        ("engine/new/new.py", "from imagewidget.progress.events import Event"),
        ("panel/frontend/src/store/store.ts", 'import { Layers } from "../parts/layers";'),
        ("panel/frontend/src/store/store.ts", 'import type { Layers } from "../parts/layers";'),
        ("panel/frontend/src/store/store.ts", 'const parts = import("../parts/layers");'),
        ("engine/pull/pull.py", "import_module('imagewidget')"),
        ("panel/frontend/src/kit/dom.ts", "import(\n  `../wire`\n)"),
        ("panel/frontend/src/kit/dom.ts", 'import wire = require("../wire")'),
        ("panel/frontend/src/kit/dom.ts", 'import {\n  type State,\n} from "../wire";'),
    ],
)
def test_a_forbidden_import_is_detected(file: str, line: str) -> None:
    assert len(not_allowed(PACKAGE / file, line)) == 1


def test_every_file_belongs_to_a_wing() -> None:
    """Except the `__init__` of a folder that only contains wings."""
    for path in (*FILES, *SCRIPTS):
        wings = FRONT_END_WINGS if path.suffix == ".ts" else WINGS
        is_folder = path.name == "__init__.py" and not imports(path)
        is_in_one = wing_of(place(path), wings) in wings
        assert is_folder or is_in_one, f"{inside(path)}: add a row for its wing to the table"


@pytest.mark.parametrize("wings", [WINGS, FRONT_END_WINGS], ids=["package", "front end"])
def test_the_table_is_ordered_from_the_bottom_up(wings: Wings) -> None:
    known: set[str] = set()
    for wing, below in wings.items():
        missing = ", ".join(below - known)
        assert not missing, f"{wing} imports wings that are not above it in the table: {missing}"
        known.add(wing)


@pytest.mark.parametrize(
    ("wings", "paths"),
    [(WINGS, FILES), (FRONT_END_WINGS, SCRIPTS)],
    ids=["package", "front end"],
)
def test_the_table_allows_only_imports_that_exist(wings: Wings, paths: Iterable[Path]) -> None:
    used: dict[str, set[str]] = {wing: set() for wing in wings}
    for path in paths:
        wing = wing_of(place(path), wings)
        used.setdefault(wing, set()).update(wing_of(one, wings) for one in imports(path))
    assert {wing: used[wing] - {wing} for wing in wings} == dict(wings)


@pytest.mark.parametrize("paths", [FILES, SCRIPTS], ids=["package", "front end"])
def test_there_are_no_circular_imports(paths: list[Path]) -> None:
    places = {place(path) for path in paths}

    def module(name: str) -> str:
        return name if name in places else name.rpartition("/")[0]

    graph = {place(path): {module(one) for one in imports(path)} for path in paths}
    graph = {name: below - {name} for name, below in graph.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_no_file_is_too_long() -> None:
    for path in (*FILES, *SCRIPTS):
        length = len(path.read_text(encoding="utf-8").splitlines())
        assert length <= MOST_LINES, f"{inside(path)} has {length} lines: split it"


def test_no_folder_has_too_many_modules() -> None:
    for folder in FOLDERS:
        names = [path.stem for path in (*FILES, *SCRIPTS) if path.parent == folder]
        count = len(names) - ("__init__" in names)
        assert count <= MOST_MODULES, f"{inside(folder)} has {count} modules: divide it"


def test_a_library_is_imported_where_it_belongs() -> None:
    for path in FILES:
        wing = wing_of(place(path), WINGS)
        for name in of_python(path.read_text(encoding="utf-8")):
            homes = HOMES.get(name.split(".")[0], {wing})
            assert wing in homes, f"{inside(path)} imports {name}, which is for {homes}"


def test_progress_imports_nothing_that_could_wait_or_show() -> None:
    for path in (PACKAGE / "progress").rglob("*.py"):
        roots = {name.split(".")[0] for name in of_python(path.read_text(encoding="utf-8"))}
        assert roots <= {"imagewidget", *sys.stdlib_module_names}, path.name
        forbidden = WAITS - {"threading"} if inside(path) == MAY_LOCK else WAITS
        assert not roots & forbidden, path.name
