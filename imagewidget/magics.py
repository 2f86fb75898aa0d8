"""`%load_ext imagewidget`: `%pull`, `%%build` and `%provision`.

Each returns the job, so `job = %pull python:3.13-slim` works.
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

from imagewidget.api import building, provisioning, pulling
from imagewidget.engine.request.checks import Builder
from imagewidget.jobs.job import Job

_Magic = TypeVar("_Magic", bound=Callable[..., Any])

_BUILD_OPTIONS = (
    argument("-f", "--file", help="the path of the Dockerfile"),
    argument("--target", help="the stage to build; the last by default"),
    argument(
        "--build-arg",
        action="append",
        default=[],
        help="NAME=VALUE, or NAME for the environment variable of that name; may be repeated",
    ),
    argument(
        "--secret",
        action="append",
        default=[],
        help="ID=PATH, ID for the environment variable of that name, or as for docker: "
        "id=ID,src=PATH; may be repeated",
    ),
    argument("--platform", help="the platform, such as linux/arm64"),
    argument(
        "--label",
        action="append",
        default=[],
        help="NAME=VALUE, a label to put on the image; may be repeated",
    ),
    argument("--network", help="the network for RUN: host, none or a network's name"),
    argument(
        "--builder",
        choices=get_args(Builder),
        help="the builder to use; auto uses BuildKit where the engine has it",
    ),
    argument("--no-cache", action="store_true", help="run every step instead of using the cache"),
    argument("--pull", action="store_true", help="check the registry for newer base images"),
)


def _build_options(magic: _Magic) -> _Magic:
    for option in reversed(_BUILD_OPTIONS):
        magic = option(magic)
    return magic


@magics_class
class ImageMagics(Magics):
    """The public functions as magics, with lines parsed as a shell would.

    IPython replaces `{name}` in a line with the value of that variable; the body of
    a `%%build` cell is used unchanged.
    """

    @magic_arguments()
    @argument("reference", help="the image, such as python:3.13-slim")
    @argument("--registry", action="append", help="a registry to try; may be repeated")
    @argument("--platform", help="the platform, such as linux/arm64")
    @line_magic
    def pull(self, line: str) -> Job:
        """Pull an image, showing the progress of every layer."""
        given = _parsed(self.pull, line)
        return pulling.pull(given.reference, registries=given.registry, platform=given.platform)

    @magic_arguments()
    @argument(
        "context",
        nargs="?",
        help="the directory to build from; without one, %%%%build has no files to copy",
    )
    @argument("-t", "--tag", help="the name and tag of the image")
    @_build_options
    @line_cell_magic
    def build(self, line: str, cell: str | None = None) -> Job:
        """Build an image; in `%%build`, the cell is the Dockerfile."""
        given = _parsed(self.build, line)
        if cell is not None and given.file:
            raise UsageError("%%build uses the cell as the Dockerfile; leave out --file.")
        file = cell if cell is not None else given.file
        return building.build(given.context, tag=given.tag, dockerfile=file, **_options(given))

    @magic_arguments()
    @argument("reference", nargs="?", help="the image; the embedded environment by default")
    @argument("context", nargs="?", help="the directory to build from if no registry serves it")
    @argument("--registry", action="append", help="a registry to try; may be repeated")
    @_build_options
    @line_magic
    def provision(self, line: str) -> Job:
        """Make an image available: use the local one, else pull it, else build it."""
        given = _parsed(self.provision, line)
        return provisioning.provision(
            given.reference,
            registries=given.registry or provisioning.PROVISION_REGISTRIES,
            context=given.context,
            dockerfile=given.file,
            **_options(given),
        )


def _parsed(magic: Any, line: str) -> Any:
    """Parse the line of a magic."""
    try:
        # On Windows a backslash is a path separator, not an escape character.
        words = shlex.split(line) if os.name != "nt" else _windows_words(line)
    except ValueError as error:
        raise UsageError(f"{line}: {error}") from error
    return magic.parser.parse_args(words)


def _windows_words(line: str) -> list[str]:
    return [word.replace('"', "") for word in shlex.split(line, posix=False)]


def _options(given: Any) -> dict[str, Any]:
    """Return the build options in a line, except for the context, the Dockerfile and the tag."""
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
    """Split `NAME=VALUE`; a name alone has the value None, which reads the environment."""
    name, has_value, value = text.partition("=")
    return name, value if has_value else None


def _secret(text: str) -> tuple[str, Path | str | None]:
    """Parse a secret: `ID=PATH`, `ID` for a variable, or the syntax of `docker build --secret`."""
    if not text.startswith(("id=", "src=", "source=", "env=", "type=")):
        short, path = _pair(text)
        return short, None if path is None else Path(path)
    fields = dict(map(_pair, text.split(",")))
    name, source = fields.get("id"), fields.get("src") or fields.get("source")
    if not name:
        raise UsageError(f"--secret {text}: an id is required, as in id=pip,src=pip.conf.")
    if source and fields.get("type") != "env":
        return name, Path(source)
    variable = fields.get("env") or source
    if variable and variable not in os.environ:
        raise UsageError(f"--secret {text}: the environment variable {variable} is not set.")
    return name, os.environ[variable] if variable else None


def load(ipython: Any) -> None:
    """Register the magics with a running IPython."""
    ipython.register_magics(ImageMagics)
