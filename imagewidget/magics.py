"""`%load_ext imagewidget`: `%pull`, `%%build` and `%provision`.

Each returns the job, so that `job = %pull python:3.13-slim` works as it reads.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments

from imagewidget import api
from imagewidget.engine.request.checks import Builder
from imagewidget.jobs.job import Job

_Magic = TypeVar("_Magic", bound=Callable[..., Any])

_BUILD_OPTIONS = (
    argument("-f", "--file", help="the Dockerfile"),
    argument("--target", help="the stage to build"),
    argument("--build-arg", action="append", default=[], help="NAME=VALUE, or NAME"),
    argument(
        "--secret", action="append", default=[], help="ID=PATH, or as docker's: id=ID,src=PATH"
    ),
    argument("--platform", help="such as linux/arm64"),
    argument("--label", action="append", default=[], help="NAME=VALUE, put on the image"),
    argument("--network", help="for RUN: host, none or a network's name"),
    argument("--builder", choices=get_args(Builder), help="auto takes BuildKit where there is one"),
    argument("--no-cache", action="store_true", help="run every step"),
    argument("--pull", action="store_true", help="look for newer base images"),
)


def _build_options(magic: _Magic) -> _Magic:
    for option in reversed(_BUILD_OPTIONS):
        magic = option(magic)
    return magic


@magics_class
class ImageMagics(Magics):
    """The verbs as magics, their lines read as a shell reads them.

    Values in `{braces}` in a line come from the notebook; the cell of `%%build`
    is taken as it is.
    """

    @magic_arguments()
    @argument("reference", help="the image, such as python:3.13-slim")
    @argument("--registry", action="append", help="ask this registry; may come several times")
    @argument("--platform", help="such as linux/arm64")
    @line_magic
    def pull(self, line: str) -> Job:
        """Pull an image and show it."""
        given = _parsed(self.pull, line)
        return api.pull(given.reference, registries=given.registry, platform=given.platform)

    @magic_arguments()
    @argument("context", nargs="?", help="the folder to build from; none for %%%%build")
    @argument("-t", "--tag", help="the name of the image")
    @_build_options
    @line_cell_magic
    def build(self, line: str, cell: str | None = None) -> Job:
        """Build an image; as a cell magic, the cell is the Dockerfile."""
        given = _parsed(self.build, line)
        if cell is not None and given.file:
            raise UsageError("%%build takes the cell as its Dockerfile; leave out --file.")
        file = cell if cell is not None else given.file
        return api.build(given.context, tag=given.tag, dockerfile=file, **_options(given))

    @magic_arguments()
    @argument("reference", nargs="?", help="the image; none for the embedded environment")
    @argument("context", nargs="?", help="the folder to build it from if no registry has it")
    @argument("--registry", action="append", help="ask this registry; may come several times")
    @_build_options
    @line_magic
    def provision(self, line: str) -> Job:
        """Find, pull or build an image."""
        given = _parsed(self.provision, line)
        return api.provision(
            given.reference,
            registries=given.registry or api.PROVISION_REGISTRIES,
            context=given.context,
            dockerfile=given.file,
            **_options(given),
        )


def _parsed(magic: Any, line: str) -> Any:
    """Read the line of a magic."""
    try:
        # On Windows a backslash stands in paths.
        words = shlex.split(line) if os.name != "nt" else _windows_words(line)
    except ValueError as error:
        raise UsageError(f"{line}: {error}") from error
    return magic.parser.parse_args(words)


def _windows_words(line: str) -> list[str]:
    return [word.replace('"', "") for word in shlex.split(line, posix=False)]


def _options(given: Any) -> dict[str, Any]:
    """Give what was said of a build, but for its context, Dockerfile and tag."""
    options = {
        "target": given.target,
        "build_args": dict(map(_pair, given.build_arg)),
        "secrets": dict(map(_secret, given.secret)),
        "platform": given.platform,
        "labels": {name: value or "" for name, value in map(_pair, given.label)},
        "network": given.network,
        "builder": given.builder,
        "no_cache": given.no_cache,
        "pull": given.pull,
    }
    return {name: value for name, value in options.items() if value}


def _pair(text: str) -> tuple[str, str | None]:
    """Split `NAME=VALUE`; no value takes the environment's, as Docker does."""
    name, has_value, value = text.partition("=")
    return name, value if has_value else None


def _secret(text: str) -> tuple[str, Path | str | None]:
    """Read a secret: `ID=PATH`, `ID` for a variable, or as `docker build --secret` has it."""
    if not text.startswith(("id=", "src=", "source=", "env=", "type=")):
        short, path = _pair(text)
        return short, None if path is None else Path(path)
    said = dict(map(_pair, text.split(",")))
    name, source = said.get("id"), said.get("src") or said.get("source")
    if not name:
        raise UsageError(f"--secret {text}: say its id, as in id=pip,src=pip.conf.")
    if source and said.get("type") != "env":
        return name, Path(source)
    variable = said.get("env") or source
    if variable and variable not in os.environ:
        raise UsageError(f"--secret {text}: the environment has no variable {variable}.")
    return name, os.environ[variable] if variable else None


def load(ipython: Any) -> None:
    """Register the magics with a running IPython."""
    ipython.register_magics(ImageMagics)
