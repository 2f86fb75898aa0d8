"""Find the sources of a build: the context, the Dockerfile and the ignore file.

The rules are those of the docker CLI (`cli/command/image/build/context.go`) and, for
`NAME.dockerignore`, of BuildKit (`frontend/dockerui`): the path of a Dockerfile is
relative to the current directory, links are followed, and `dockerfile` in lower
case is used if there is no `Dockerfile`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from imagewidget import environment
from imagewidget.engine.context.context import (
    Context,
    DirectoryContext,
    MemoryContext,
    RemoteContext,
    given_path,
    is_readable,
    resolve_root,
    unreadable,
)
from imagewidget.engine.context.ignore import IgnoreRules
from imagewidget.engine.failure.errors import InvalidContext
from imagewidget.engine.request.repository import dockerfile_in_repository, repository_in

DEFAULT_NAME = "Dockerfile"
IGNORE_FILE = ".dockerignore"


class Readable(Protocol):
    """A file-like object with the content of a Dockerfile."""

    def read(self) -> str | bytes:
        """Return the whole content."""
        ...


PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Sources:
    """The sources of a build.

    Attributes:
        context: The files of the build.
        dockerfile: The content of the Dockerfile; empty if it is in a repository that the
            engine clones.
        dockerfile_name: Its name, without directories except in such a repository.
        dockerfile_path: Its path in the context, with `/`; empty if it is outside
            the context and must be sent separately.
        ignore: The rules for what to leave out of the context.
        ignore_text: The content of the ignore file; None if there is none.
        ignore_name: The name of the ignore file: `.dockerignore`, or the Dockerfile's
            own `NAME.dockerignore`.
        is_embedded: Whether this is the environment that comes with this package.
        find_again: Finds the sources again, in their state at the time of the call.
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
        """Whether the rules come from the Dockerfile's own `NAME.dockerignore`."""
        return self.ignore_name != IGNORE_FILE

    def hint_for_missing(self, path: str) -> str:
        """Return what to do about a file that is missing in the context."""
        if self.ignore.excludes(path):
            return (
                f"Add `!{path}` to `{self.ignore_name}`, which excludes it from the build context."
            )
        return "Check the path: it is relative to the build context, not to the Dockerfile."


def find_sources(
    context: PathLike | None = None,
    dockerfile: PathLike | Readable | None = None,
) -> Sources:
    """Find the sources of a build.

    Args:
        context: A directory, or the address of a Git repository. By default the
            directory of the Dockerfile; no files if the content of the Dockerfile is
            passed; the embedded environment if there is no Dockerfile either.
        dockerfile: A path; or the content itself, if it contains a line break; or a
            file-like object. By default, `Dockerfile` in the context.

    Raises:
        InvalidContext: Something is missing, of the wrong kind, or unreadable.
        TypeError: An argument has the wrong type.
    """
    if isinstance(dockerfile, str) and not dockerfile:
        raise InvalidContext(
            "`dockerfile` is empty.",
            hint="Pass the path or the content of a Dockerfile, or leave it out.",
        )
    if isinstance(context, str) and not context:
        raise InvalidContext(
            "`context` is empty.",
            hint="Pass `.` for the current directory, or leave it out.",
        )
    if isinstance(context, str) and "\n" in context:
        raise InvalidContext(
            "The build context must be a directory, not the content of a Dockerfile.",
            hint="Pass the content as `dockerfile=`.",
        )
    # A directory of that name comes first, as with docker CLI.
    is_directory = isinstance(context, str) and os.path.isdir(context)  # noqa: PTH112
    repository = None if is_directory else repository_in(context)
    if repository is not None:
        name = dockerfile_in_repository(dockerfile, DEFAULT_NAME)
        return Sources(RemoteContext(repository), b"", dockerfile_name=name)
    text = _text_of(dockerfile)  # only once: a file-like object can be read only once
    found = _find(context, dockerfile, text)
    # Absolute paths, so that a later change of directory does not select other files.
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
        kind = type(dockerfile).__name__
        if isinstance(dockerfile, type):
            kind = f"the class {dockerfile.__name__}"
        raise TypeError(
            "`dockerfile` must be a path, the content of a Dockerfile, or a file-like object, "
            f"not {kind}."
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
    """Also look in the context, as docker-py and compose do; the docker CLI does not."""
    is_there = root is not None and not path.exists() and (root / path).exists()
    return root / path if root is not None and is_there else path


def _in_directory(root: Path | None, path: Path) -> Sources:
    """Find the sources for the Dockerfile at `path`.

    If `path` is a link, its own name and the ignore file beside it count, as in buildx.
    """
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
        raise TypeError(f"`context` must be the path of a directory, not {type(context).__name__}.")
    return resolve_root(context)


def _default_dockerfile(root: Path) -> Path:
    for name in (DEFAULT_NAME, DEFAULT_NAME.lower()):
        if os.path.lexists(root / name):
            return root / name
    raise InvalidContext(
        f"There is no Dockerfile in `{root}`.",
        hint="Pass its path or its content as `dockerfile=`.",
    )


def _existing(path: Path) -> Path:
    try:
        found = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        reason = "" if isinstance(error, FileNotFoundError) else f": {error}"
        raise InvalidContext(
            f"There is no Dockerfile at `{path}`{reason}.",
            hint=f"Check the path: it is looked up in `{Path.cwd()}`, then in the context. "
            "A str is the content of a Dockerfile only if it contains a line break.",
        ) from None
    if not found.is_file():
        raise InvalidContext(
            f"`{path}` is not a file.",
            hint="Pass the Dockerfile as `dockerfile=`, and a directory as the context.",
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
    """Return the Dockerfile if its content was passed, without common indentation."""
    if isinstance(dockerfile, str) and "\n" in dockerfile:
        text = dockerfile
    elif hasattr(dockerfile, "read") and not isinstance(dockerfile, type):
        text = _content_of(dockerfile)
    else:
        return None
    lines = _dedented(text.split("\n"))
    while len(lines) > 1 and not lines[0].strip():
        # A `# syntax=` counts only on the very first line.
        del lines[0]
    return _encoded("\n".join(lines))


def _dedented(lines: list[str]) -> list[str]:
    """Remove the common indentation, and nothing else: blanks inside a heredoc count."""
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip(" \t\r")]
    margin = indents[0] if indents else ""
    for indent in indents:
        while not indent.startswith(margin):
            margin = margin[:-1]
    return [
        line.removeprefix(margin) if line.startswith(margin) else line.lstrip(" \t")
        for line in lines
    ]


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        # `str.splitlines` would also count the line breaks that Docker does not know.
        row = text.count("\n", 0, error.start) + 1
        raise InvalidContext(
            f"Line {row} of `dockerfile` contains {text[error.start]!a}, half of a character, "
            "which cannot be encoded as UTF-8.",
            hint="Leave it out, or write the whole character.",
        ) from None


def _content_of(file: Readable) -> str:
    """Read a file-like object.

    Raises:
        InvalidContext: It is closed, not open for reading, at its end, or not text.
        TypeError: Its `read()` returns neither str nor bytes.
    """
    try:
        content = file.read()
    except (OSError, ValueError) as error:  # also UnsupportedOperation and UnicodeDecodeError
        raise InvalidContext(
            f"The file-like object `dockerfile` cannot be read: {error}",
            hint='Open it for reading, as in `open(path, "rb")`, or pass the path itself.',
        ) from error
    if not isinstance(content, (str, bytes)):
        raise TypeError(
            f"`dockerfile.read()` must return a str or bytes, not {type(content).__name__}."
        )
    if not content:
        raise InvalidContext(
            "The file-like object `dockerfile` has nothing left to read.",
            hint="Go back to its beginning with `dockerfile.seek(0)`, or pass its path.",
        )
    return content.decode("utf-8", "surrogateescape") if isinstance(content, bytes) else content
