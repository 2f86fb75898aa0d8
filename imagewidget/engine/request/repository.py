"""A Git repository as the build context, which BuildKit clones itself.

What counts as one follows BuildKit (`util/gitutil`, `dfgitutil`): `git://`, `ssh://` and
`user@host:path`, an `http(s)://` address whose path ends in `.git`, and `github.com/`.
After a `#` come a branch, tag or commit, and a directory: `https://host/owner/env.git#main:docker`;
newer engines understand `?ref=main&subdir=docker`, too, which is translated for the others.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePath, PurePosixPath

from imagewidget.engine.failure.errors import InvalidContext
from imagewidget.engine.failure.urls import without_logins

_ALWAYS_GIT = ("git://", "ssh://")
_WEB = ("http://", "https://")
_HUB = "github.com/"
_SCP = re.compile(r"[a-zA-Z0-9_-]+@[a-zA-Z0-9.-]+:[^\s:].*")
_LONGEST = 2048
_BEFORE_PATH = 2  # the slashes of `https://host`
_QUERY = re.compile(
    r"\?(?:(?P<kind>ref|branch|tag)=(?P<revision>[\w./-]+))?"
    r"(?:(?:&|(?<=\?))subdir=(?P<directory>[\w./-]+))?(?<!\?)"
)
_FILE = re.compile(r"\.(txt|md|py|json|ya?ml|toml|sh|html?|ipynb)$", re.IGNORECASE)
_FOLDERS = {"branch": "refs/heads/", "tag": "refs/tags/"}


def repository_in(context: object) -> str | None:
    """Return the address of a Git repository if that is what a context names, else None.

    Raises:
        InvalidContext: It is an address, but not of a Git repository.
    """
    if not isinstance(context, str):
        return None
    if context.startswith(_HUB):
        path, rest = _split(context)
        path = path.rstrip("/").removesuffix(".git")
        context = f"https://{path}.git{rest}"
    is_web = context.startswith(_WEB)
    if not (is_web or context.startswith(_ALWAYS_GIT) or _SCP.fullmatch(context)):
        return None
    if not context.isprintable() or " " in context or len(context) > _LONGEST:
        raise InvalidContext(
            "The address of the build context is not valid.",
            hint="Use one such as `https://host/owner/repository.git#main`, without blanks.",
        )
    if is_web and not _split(context)[0].endswith(".git"):
        raise InvalidContext(
            "The build context must be a directory or a Git repository, not another URL.",
            hint=_how_to_get(context),
        )
    return _with_fragment(context) if is_web else context


def _split(url: str) -> tuple[str, str]:
    """Return a URL up to its path, and the rest, from its `?` or `#`."""
    end = min((url.find(mark) for mark in "?#" if mark in url), default=len(url))
    return url[:end], url[end:]


def _with_fragment(url: str) -> str:
    """Write a simple query as a fragment, which older engines understand as well."""
    address, rest = _split(url)
    asked = _QUERY.fullmatch(rest)
    if asked is None:
        return url
    folder = _FOLDERS.get(asked["kind"], "")
    revision = folder + (asked["revision"] or "").removeprefix(folder)
    directory = asked["directory"]
    return f"{address}#{revision}" + (f":{directory}" if directory else "")


def _how_to_get(url: str) -> str:
    address, rest = _split(without_logins(url))
    if re.search(r"\.(tar|tgz|zip)\b", address):
        return f"Download and unpack {address} first, then pass the directory."
    shape = (
        "The address of a Git repository ends in `.git`; a branch and a directory come after a "
        "`#`, as in"
    )
    # A page of GitHub or GitLab that shows a branch, a directory or a file.
    repository = re.sub(r"/(-/)?(tree|blob)/.*", "", address).rstrip("/").removesuffix(".git")
    name = repository.rpartition("/")[2]
    if repository.count("/") <= _BEFORE_PATH:  # no path, or only a file's name
        repository = "https://host/owner/repository"
    elif "dockerfile" in name.lower() or _FILE.search(name):
        return f"Download {address} first, then pass its path as `dockerfile=`."
    fragment = rest.partition("#")[2]
    return f"{shape} `{repository}.git#{fragment or 'main:docker'}`."


def dockerfile_in_repository(dockerfile: object, default: str) -> str:
    """Return the path of the Dockerfile in a repository.

    Raises:
        InvalidContext: It is not the path of a file in the repository.
        TypeError: It is not a path.
    """
    if dockerfile is None:
        return default
    hint = "Pass its path in the repository, as in `dockerfile='docker/Dockerfile'`."
    if (isinstance(dockerfile, str) and "\n" in dockerfile) or hasattr(dockerfile, "read"):
        raise InvalidContext(
            "The content of a Dockerfile cannot be used with a Git repository.", hint=hint
        )
    if not isinstance(dockerfile, (str, os.PathLike)):
        raise TypeError(f"`dockerfile` must be a path, not {type(dockerfile).__name__}.")
    given = os.fspath(dockerfile)
    path = PurePosixPath(
        PurePath(given).as_posix() if isinstance(given, str) else os.fsdecode(given)
    )
    if path.is_absolute() or ".." in path.parts or not path.name:
        raise InvalidContext(
            "The Dockerfile is outside of the Git repository that is the build context.", hint=hint
        )
    return str(path)
