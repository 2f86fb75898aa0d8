"""The line of the Dockerfile that an error shows is the one that buildx marks."""

import re
from pathlib import Path

import pytest

from imagewidget.engine.failure.errors import BuildFailed
from tests.engine.building import lay, must_build, try_build, unused_number
from tests.engine.buildx import Buildx, buildx
from tests.rig.engine import Engine
from tests.rig.registry import Registry

__all__ = ["buildx"]

BASE = "BASE"
FILES = {
    "unterminated heredoc": f"FROM {BASE}\nRUN true\nRUN cat <<EOF\none\n",
    "a long line": f"FROM {BASE}\nRUN true\nENV A={'a' * 70_000}\nRUN false\n",
    "a base without a name": f"FROM {BASE} AS one\nRUN true\nFROM $NOPE\nRUN true\n",
    "a bad base": f"FROM {BASE} AS one\nFROM Not/Valid:x\n",
    "ENV without a value": f"FROM {BASE}\nRUN true\nENV ONE\nRUN true\n",
    "ENV without a name": f"FROM {BASE}\nENV =x\n",
    "ENV with a word": f"FROM {BASE}\nENV A=1 B\n",
    "STOPSIGNAL": f"FROM {BASE}\nSTOPSIGNAL NOPE\nRUN true\n",
    "STOPSIGNAL with two words": f"FROM {BASE}\nSTOPSIGNAL 9 9\n",
    "an unknown instruction": f"FROM {BASE}\nRUN true\nNOPE a\n",
    "an unknown flag": f"FROM {BASE}\nRUN --nope=1 true\n",
    "EXPOSE": f"FROM {BASE}\nEXPOSE nope\n",
    "an unset variable with an error": f"FROM {BASE}\nRUN true\nWORKDIR ${{A:?needed}}\n",
    "a bad substitution": f"FROM {BASE}\nRUN true\nWORKDIR ${{A\n",
    "an unknown stage": f"FROM {BASE}\nRUN true\nCOPY --from=9 a b\n",
    "equal instructions": f"FROM {BASE}\nRUN echo\nRUN mkdir /a\nRUN echo\nRUN mkdir /a\n",
    "equal, the second fails": f"FROM {BASE}\nRUN mkdir /a\nRUN true\nRUN mkdir /a\n",
    "a heredoc": f"FROM {BASE}\nRUN <<my-app.py\nexit 3\nmy-app.py\nRUN true\n",
    "a quoted heredoc": f"FROM {BASE}\nRUN true\nRUN <<-'A B'\n\texit 3\n\tA B\nRUN true\n",
    "two heredocs": f"FROM {BASE}\nRUN false <<a 3<<b\nRUN b\na\nexit 2\nb\nRUN true\n",
    "after a form feed": f"FROM {BASE}\nRUN echo a\fb\vc\x85d\u2028e\rf\nRUN false\n",
    "a missing file": f"FROM {BASE}\nRUN true\nCOPY nope /a\n",
    "an ONBUILD of the base": f"FROM {BASE}-onbuild\nRUN true\nRUN true\n",
}

# BuildKit reports no place for these.
UNMARKED = {"an unknown stage"}


@pytest.fixture
def base_image(docker_engine: Engine, registry: Registry, tmp_path: Path) -> str:
    """The name of an image with a failing ONBUILD is this name with `-onbuild` appended."""
    onbuild = f"FROM {registry.one}\nONBUILD RUN true\nONBUILD RUN exit 5\n"
    lay(tmp_path / "onbuild", {"Dockerfile": onbuild})
    must_build(docker_engine, tmp_path / "onbuild", tag="places-onbuild")
    lay(tmp_path / "plain", {"Dockerfile": f"FROM {registry.one}\nENV N={unused_number()}\n"})
    must_build(docker_engine, tmp_path / "plain", tag="places")
    return "places"


@pytest.mark.sample(every=3)
@pytest.mark.parametrize("name", FILES)
def test_the_line_is_marked_that_buildx_marks(
    name: str, *, docker_engine: Engine, base_image: str, buildx: Buildx, tmp_path: Path
) -> None:
    text = FILES[name].replace(BASE, base_image)
    lay(tmp_path / "context", {"Dockerfile": text})
    with pytest.raises(RuntimeError) as caught:
        buildx.build(docker_engine, tmp_path / "context", "--no-cache", progress="plain")
    said = str(caught.value)
    marked = [int(number) for number in re.findall(r"^ *(\d+) \| >>>", said, re.MULTILINE)]

    error = try_build(docker_engine, tmp_path / "context", no_cache=True).error

    assert isinstance(error, BuildFailed), error
    shown = [line.number for line in error.source_lines if line.is_failing]
    assert bool(marked) is (name not in UNMARKED), said
    if name == "a long line":
        # BuildKit has not counted it when it reports it.
        assert (marked, shown) == ([2], [3])
    elif marked:
        assert (shown[:1], shown[-1:]) == (marked[:1], marked[-1:])
