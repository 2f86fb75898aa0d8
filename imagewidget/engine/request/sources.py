"""Finds what a build is made of: the context, the Dockerfile, the ignore file.

The rules are the docker CLI's (`cli/command/image/build/context.go`) and, for
`NAME.dockerignore`, BuildKit's (`frontend/dockerui`): a relative Dockerfile is
looked for from the current directory, links are followed, and `dockerfile` in
lower case is taken where there is no `Dockerfile`.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from imagewidget import environment
from imagewidget.engine.context.context import (
    Context,
    DirectoryContext,
    MemoryContext,
    given_path,
    is_readable,
    resolve_root,
    unreadable,
)
from imagewidget.engine.context.ignore import IgnoreRules
from imagewidget.engine.failure.errors import InvalidContext

DEFAULT_NAME = "Dockerfile"
IGNORE_FILE = ".dockerignore"
_REMOTE = ("http://", "https://", "git://", "git@", "ssh://")


class Readable(Protocol):
    """A file-like object that gives a Dockerfile."""

    def read(self) -> str | bytes:
        """Read all of it."""
        ...


PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Sources:
    """What a build is made of.

    Attributes:
        context: Where its files come from.
        dockerfile: The Dockerfile, byte by byte.
        dockerfile_name: Its name, without directories.
        dockerfile_path: Where it is in the context, with `/`; empty if it is not
            in there and must be sent beside it.
        ignore: What to leave out of the context.
        ignore_text: The text these rules come from; None without an ignore file.
        ignore_name: The file they come from: `.dockerignore`, or the Dockerfile's
            own `NAME.dockerignore`.
        is_embedded: Whether it is the environment that comes with this package.
        find_again: Finds them once more, as they are then.
    """

    context: Context
    dockerfile: bytes = field(repr=False)
    dockerfile_name: str = DEFAULT_NAME
    dockerfile_path: str = ""
    ignore: IgnoreRules = field(default_factory=IgnoreRules)
    ignore_text: str | None = None
    ignore_name: str = IGNORE_FILE
    is_embedded: bool = False
    find_again: Callable[[], Sources] | None = field(default=None, repr=False, compare=False)

    @property
    def ignore_is_own(self) -> bool:
        """Whether the rules are those of this Dockerfile alone."""
        return self.ignore_name != IGNORE_FILE


def find_sources(
    context: PathLike | None = None,
    dockerfile: PathLike | Readable | None = None,
) -> Sources:
    """Find what a build is made of.

    Args:
        context: A directory; without it, the directory of the Dockerfile. With
            a Dockerfile given as text, no files at all; and with no Dockerfile
            either, the embedded environment.
        dockerfile: A path; or its text, if it has a line break in it; or a
            file-like object. Without it, `Dockerfile` in the context.

    Raises:
        InvalidContext: Something is missing, of the wrong kind, or unreadable.
        TypeError: An argument is of no use here.
    """
    text = _text_of(dockerfile)  # only once: a file-like object is empty after it
    found = _find(context, dockerfile, text)
    # Wherever the notebook goes meanwhile, the same files are meant.
    root = None if context is None else given_path(context).absolute()
    path = dockerfile
    if text is None and isinstance(dockerfile, (str, os.PathLike)):
        path = _in_context(given_path(dockerfile), root).absolute()

    def find_again() -> Sources:
        return replace(_find(root, path, text), find_again=find_again)

    return replace(found, find_again=find_again)


def _find(
    context: PathLike | None, dockerfile: PathLike | Readable | None, text: bytes | None
) -> Sources:
    if context is None and dockerfile is None:
        return _embedded()
    if text is not None:
        return _with_text(context, text)
    if isinstance(dockerfile, (str, os.PathLike)):
        return _with_path(context, given_path(dockerfile))
    if dockerfile is not None:
        raise TypeError(
            "`dockerfile` is a path, the text of a Dockerfile, or a file-like object, "
            f"not {type(dockerfile).__name__}."
        )
    root = _root(context)
    return _in_directory(root, _default_dockerfile(root))


def _embedded() -> Sources:
    files = environment.files()
    return Sources(
        context=MemoryContext(files),
        dockerfile=files[DEFAULT_NAME],
        dockerfile_path=DEFAULT_NAME,
        is_embedded=True,
    )


def _with_text(context: PathLike | None, text: bytes) -> Sources:
    if context is None:
        return Sources(MemoryContext({DEFAULT_NAME: text}), text, dockerfile_path=DEFAULT_NAME)
    root = _root(context)
    ignore_text = _read_ignore(root / IGNORE_FILE)
    return Sources(
        context=DirectoryContext(root),
        dockerfile=text,
        ignore=IgnoreRules.parse(ignore_text or ""),
        ignore_text=ignore_text,
    )


def _with_path(context: PathLike | None, path: Path) -> Sources:
    root = None if context is None else _root(context)
    return _in_directory(root, _in_context(path, root))


def _in_context(path: Path, root: Path | None) -> Path:
    """Look in the context, too, as docker-py and compose do; the docker CLI does not."""
    is_there = root is not None and not path.exists() and (root / path).exists()
    return root / path if root is not None and is_there else path


def _in_directory(root: Path | None, path: Path) -> Sources:
    """Take name and ignore file of the Dockerfile as it is given, a link too, as buildx does."""
    found = _existing(path)
    root = root or path.parent.resolve()
    own = path.with_name(f"{path.name}.dockerignore")
    ignore_text = _read_ignore(own)
    ignore_name = IGNORE_FILE if ignore_text is None else own.name
    if ignore_text is None:
        ignore_text = _read_ignore(root / IGNORE_FILE)
    is_inside = found.is_relative_to(root)
    return Sources(
        context=DirectoryContext(root),
        dockerfile=_read(found),
        dockerfile_name=path.name,
        dockerfile_path=found.relative_to(root).as_posix() if is_inside else "",
        ignore=IgnoreRules.parse(ignore_text or "", name=ignore_name),
        ignore_text=ignore_text,
        ignore_name=ignore_name,
    )


def _root(context: object) -> Path:
    if not isinstance(context, (str, os.PathLike)):
        raise TypeError(f"`context` is the path of a directory, not {type(context).__name__}.")
    given = os.fspath(context)
    if isinstance(given, str) and given.startswith(_REMOTE):
        raise InvalidContext(
            "A build context is a directory on this machine, not an address.",
            hint=f"Run `git clone {given}` first and give the directory.",
        )
    return resolve_root(given)


def _default_dockerfile(root: Path) -> Path:
    for name in (DEFAULT_NAME, DEFAULT_NAME.lower()):
        if os.path.lexists(root / name):
            return root / name
    raise InvalidContext(
        f"There is no Dockerfile in `{root}`.",
        hint="Name it with `dockerfile=`, or give its text there.",
    )


def _existing(path: Path) -> Path:
    try:
        found = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        reason = "" if isinstance(error, FileNotFoundError) else f": {error}"
        raise InvalidContext(
            f"There is no Dockerfile at `{path}`{reason}.",
            hint=f"A relative path is taken from `{Path.cwd()}`, then from the context. "
            "A text is taken for a Dockerfile if it has a line break in it.",
        ) from None
    if not found.is_file():
        raise InvalidContext(
            f"`{path}` is not a file.",
            hint="Give the Dockerfile as `dockerfile=`, and a directory as the context.",
        )
    return found


def _read(path: Path) -> bytes:
    if not is_readable(path):
        raise unreadable(path.name)
    return path.read_bytes()


def _read_ignore(path: Path) -> str | None:
    if not path.is_file():
        return None
    return _read(path).decode("utf-8", "surrogateescape")


def _text_of(dockerfile: object) -> bytes | None:
    """Give the Dockerfile if it was given as text, without the indentation of a notebook cell."""
    if isinstance(dockerfile, str) and "\n" in dockerfile:
        text = dockerfile
    elif hasattr(dockerfile, "read"):
        content = dockerfile.read()
        text = content.decode("utf-8", "surrogateescape") if isinstance(content, bytes) else content
    else:
        return None
    lines = textwrap.dedent(text).splitlines(keepends=True)
    while lines and not lines[0].strip():
        # A `# syntax=` only counts on the very first line.
        del lines[0]
    return "".join(lines).encode("utf-8", "surrogateescape")
