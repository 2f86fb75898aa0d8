"""Where the files of a build go if its result is not an image: a directory, or a tar archive."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from imagewidget.engine.context.context import given_path
from imagewidget.engine.failure.errors import InvalidContext

_KINDS = ("local", "tar")
_ARCHIVE = ".tar"


@dataclass(frozen=True)
class Output:
    """The destination of a build's files.

    Attributes:
        kind: BuildKit's name for it: `local` is a directory.
        path: The directory, or the archive.
    """

    kind: Literal["local", "tar"]
    path: Path


def check_output(output: object) -> Output | None:
    """Check the destination of a build's files.

    Args:
        output: The path of a directory, or of an archive if it ends in `.tar`; also
            buildx's `type=local,dest=PATH` and `type=tar,dest=PATH`; None for an image.

    Raises:
        InvalidContext: Nothing can be written there.
        TypeError: It is not a path.
    """
    if output is None:
        return None
    if not isinstance(output, (str, os.PathLike)):
        raise TypeError(f"`output` must be a path, not {type(output).__name__}.")
    try:
        found = _parsed(output)
        _check_place(found)
    except OSError as error:  # a directory above may not be entered, or a name is too long
        raise InvalidContext(
            f"The output cannot be written to `{os.fsdecode(output)}`: {error.strerror or error}.",
            hint="Pass another path as `output`.",
        ) from error
    return found


def _parsed(output: str | os.PathLike[str]) -> Output:
    if isinstance(output, str) and output.startswith(("type=", "dest=")):
        fields = dict(_field(part) for part in output.split(","))
        kind, destination = fields.pop("type", "local"), fields.pop("dest", "")
        if kind not in _KINDS or fields:
            raise InvalidContext(
                f"The output `{output}` is not supported.",
                hint="Use the path of a directory or of a `.tar` file; leave out `output` for "
                "an image in the engine.",
            )
        if destination:
            path = given_path(destination).absolute()
            return Output("tar" if kind == "tar" else "local", path)
        output = destination
    if not os.fspath(output):
        raise InvalidContext(
            "`output` is empty.", hint="Pass the path of a directory or of a `.tar` file."
        )
    path = given_path(output).absolute()
    return Output("tar" if path.suffix == _ARCHIVE and not path.is_dir() else "local", path)


def _field(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value


def _check_place(output: Output) -> None:
    """Check that the destination can be made, before a long build."""
    path = output.path
    if output.kind == "tar" and path.is_dir():
        raise InvalidContext(
            f"`{path}` is a directory.", hint="Add a file name that ends in `.tar` to `output`."
        )
    if output.kind == "local" and path.exists() and not path.is_dir():
        raise InvalidContext(
            f"`{path}` is a file.",
            hint="Pass a directory as `output`, or a file name that ends in `.tar`.",
        )
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    place = existing.parent if existing == path and output.kind == "tar" else existing
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise InvalidContext(
            f"The output cannot be written to `{path}`: `{place}` is not a directory that you "
            "may write to.",
            hint="Pass another path as `output`.",
        )
