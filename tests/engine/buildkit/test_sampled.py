"""Sampled ignore files and Dockerfiles are understood as by buildx and a real engine.

Hypothesis draws other samples each time. Their number is bounded, because each needs a build.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from imagewidget.engine.context.context import DirectoryContext
from imagewidget.engine.context.ignore import IgnoreRules
from imagewidget.engine.failure.errors import BuildFailed, InvalidContext
from tests.engine.building import lay, try_build, unused_number
from tests.engine.buildx import Buildx, buildx
from tests.rig.engine import Engine
from tests.rig.registry import Registry

__all__ = ["buildx"]

# Shrinking would build for minutes. The sample that fails is printed.
SAMPLED = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
AT_ONCE = 40
"""Ignore files in one build: buildx reads one for each context that it is given."""

_NAMES = ("a", "b", "ab", "a.b", ".a")
_TREE = [
    "/".join(parts)
    for parts in (
        *((name,) for name in ("x", "x.b", ".x")),
        *((one, two) for one in _NAMES for two in ("x", "ab.x", "b.x")),
        *((one, two, three) for one in _NAMES for two in _NAMES for three in ("x", "ba")),
    )
]
_PARTS = st.sampled_from(
    [
        *_NAMES,
        "x",
        "*",
        "?",
        "**",
        "a*",
        "*b",
        "*.b",
        "[ab]",
        "[^a]",
        "[a-c]b",
        "\\a",
        ".",
        "..",
        "?.*",
    ]
)
_PATTERNS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!", "! "]),
    st.sampled_from(["", "", "", "/", "./"]),
    st.lists(_PARTS, min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "", "", "/", " "]),
)


def _is_valid(text: str) -> bool:
    """Whether neither refuses it, as both do with a lone `!`; `test_ignore.py` has those."""
    try:
        IgnoreRules.parse(text)
    except InvalidContext:
        return False
    return True


_IGNORE_FILES = st.lists(_PATTERNS, min_size=1, max_size=5).map("\n".join).filter(_is_valid)


@settings(SAMPLED, max_examples=1)
@given(texts=st.lists(_IGNORE_FILES, min_size=AT_ONCE, max_size=AT_ONCE))
def test_ignore_files_select_what_buildx_sends(
    engine_graphdriver: Engine,
    buildx: Buildx,
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
) -> None:
    root = tmp_path_factory.mktemp("sampled")
    contexts = [
        lay(root / f"c{number}", {**dict.fromkeys(_TREE, ""), ".dockerignore": text})
        for number, text in enumerate(texts)
    ]
    lines = [f"COPY --from={one.name} . /{one.name}/\n" for one in contexts]
    main = lay(root / "main", {"Dockerfile": "FROM scratch\n" + "".join(lines)})
    named = [f"--build-context={one.name}={one}" for one in contexts]
    buildx.build(engine_graphdriver, main, f"--output=type=local,dest={root / 'out'}", *named)

    for context, text in zip(contexts, texts, strict=True):
        rules = IgnoreRules.parse(text)
        ours = {entry.path for entry in DirectoryContext(context).entries(rules)}
        theirs = set(below(root / "out" / context.name))
        assert ours == theirs, text
    shutil.rmtree(root)


def below(directory: Path) -> Iterator[str]:
    """Yield the path of everything in a directory."""
    for path in directory.rglob("*"):
        yield str(path.relative_to(directory))


_FILLER = st.sampled_from(
    [
        "RUN true",
        "RUN echo a \\\n  # a comment\n  b",
        "RUN echo \\\n\n  after an empty line",
        "run echo lower",
        "# a comment",
        "",
        "  ENV A=b",
        "LABEL a=b \\\n      c=d",
        "RUN <<EOF\ntrue\nEOF",
        "RUN <<-'A B' cat\n\tRUN false\n\tA B",
        "RUN cat <<a <<b\nRUN false\na\n# no comment\nb",
        "COPY <<x.txt /x\nFROM nothing\nx.txt",
        'SHELL ["/bin/sh", "-c"]',
        "FROM base AS other",
        "FROM base\nRUN false || true",
        "ARG B=1\nRUN echo $B",
        "RUN echo '<<EOF'",
        "RUN echo $((1<<2))",
    ]
)
_FAILS = st.sampled_from(
    [
        "RUN exit 7",
        "RUN true && \\\n  # why\n  exit 7",
        "RUN <<EOF\ntrue\nexit 7\nEOF",
        "RUN <<-one cat && exit 7\n\tx\n\tone",
        "  RUN exit 7",
        "run exit 7",
        'RUN ["/bin/sh", "-c", "exit 7"]',
        "COPY nothing /",
        "WORKDIR ${UNSET:?needed}",
        "NOPE",
    ]
)


@settings(SAMPLED, max_examples=10)
@given(
    before=st.lists(_FILLER, max_size=4),
    fails=_FAILS,
    after=st.lists(_FILLER.filter(lambda lines: "FROM base" not in lines), max_size=2),
    escape=st.sampled_from(["", "", "# escape=`\n"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_the_line_that_fails_is_the_one_that_buildx_marks(
    engine_containerd: Engine,
    registry: Registry,
    buildx: Buildx,
    tmp_path_factory: pytest.TempPathFactory,
    **sample: object,
) -> None:
    text = dockerfile(registry.one, **sample)  # type: ignore[arg-type]
    context = lay(tmp_path_factory.mktemp("sampled"), {"Dockerfile": text.encode()})
    with pytest.raises(RuntimeError) as caught:
        buildx.build(engine_containerd, context, progress="plain")
    marked = re.findall(r"^ *(\d+) \| >>>", str(caught.value), re.MULTILINE)

    error = try_build(engine_containerd, context).error

    assert isinstance(error, BuildFailed), error
    assert marked, caught.value
    shown = [str(line.number) for line in error.source_lines if line.is_failing]
    assert shown == marked, text


def dockerfile(
    base: str, *, before: list[str], fails: str, after: list[str], escape: str, end: str
) -> str:
    """Return a Dockerfile whose last stage fails at one instruction."""
    head = f"FROM {base} AS base\nENV UNIQUE={unused_number()}"
    text = "\n".join([head, *before, fails, *after]) + "\n"
    if escape:
        text = escape + text.replace("\\\n", "`\n")
    return text.replace("\n", end)
