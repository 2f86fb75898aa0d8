"""The recordings that come with this package: `iw.replay("demo/layers")` plays one.

They are files on disk, as an installation leaves them: like the panel's scripts, they
cannot be played from a wheel that is imported without being unpacked.
"""

from __future__ import annotations

import contextlib
import os
from difflib import get_close_matches
from pathlib import Path

from imagewidget.progress.text.paths import flaw

_FOLDER = "demo"
_SUFFIX = ".jsonl"
_HERE = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the names of the recordings, such as `demo/layers`, in alphabetical order."""
    return tuple(sorted(f"{_FOLDER}/{file.stem}" for file in (_HERE / _FOLDER).glob(f"*{_SUFFIX}")))


def path(name: str) -> Path:
    """Return the file of a recording that comes with this package.

    Raises:
        FileNotFoundError: No recording has that name.
    """
    known = names()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean `{near[0]}`?" if near else "Call `iw.replay()` for their names."
        raise FileNotFoundError(
            f"{name!r:.80} is neither a file nor a recording that comes with imagewidget. {hint}"
        )
    return _HERE / f"{name}{_SUFFIX}"


def find(recording: str | os.PathLike[str]) -> Path:
    """Return the file to play for the path of a file, or for a name from :func:`names`.

    A `~` at its beginning is the user's home. A str such as `demo/layers`, without a suffix,
    is a name, unless there is a file of that path in the working directory.

    Raises:
        FileNotFoundError: It looks like a name, but no recording has that name.
        TypeError: It is neither a str nor a path.
        ValueError: No file can have this path: it contains a null byte, for example.
    """
    plain = os.fspath(recording) if isinstance(recording, os.PathLike) else recording
    if not isinstance(plain, str):
        raise TypeError(f"`recording` must be a str or a path, not {type(plain).__name__}.")
    if reason := flaw(plain):
        raise ValueError(f"`recording` is not a valid path: {reason}.")
    file = Path(plain)
    with contextlib.suppress(RuntimeError):  # a user without a home: the file will be missing
        file = file.expanduser()
    if isinstance(recording, str) and recording.startswith(f"{_FOLDER}/"):
        is_name = not file.suffix and not file.is_file()
        return path(recording) if is_name else file
    return file
