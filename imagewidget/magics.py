"""`%load_ext imagewidget`: `%pull`, `%%build` and `%provision`.

Each returns the job, so `job = %pull python:3.13-slim` works. The parameters are those of
the command line.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.exceptions import Exit
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class

from imagewidget.api import building, provisioning, pulling
from imagewidget.cli import verbs
from imagewidget.jobs.job import Job

_Magic = TypeVar("_Magic", bound=Callable[..., Any])

_PULL = verbs.verb("pull", shown="%pull")
_BUILD = verbs.verb("build", shown="%build")
_PROVISION = verbs.verb("provision", shown="%provision")


def _documented(verb: click.Command, more: str = "") -> Callable[[_Magic], _Magic]:
    """Return a decorator for a magic whose documentation, shown by `?`, is its verb's help."""

    def decorated(magic: _Magic) -> _Magic:
        with click.Context(verb, info_name=verb.name, **verb.context_settings) as context:
            magic.__doc__ = f"{more}{verb.get_help(context)}"
        return magic

    return decorated


@magics_class
class ImageMagics(Magics):
    """The public functions as magics, with lines parsed as a shell would.

    IPython replaces `{name}` in a line with the value of that variable; the body of
    a `%%build` cell is used unchanged.
    """

    @line_magic
    @_documented(_PULL)
    def pull(self, line: str) -> Job | None:  # noqa: D102 - its documentation is the help
        given = _parsed(_PULL, line)
        return None if given is None else pulling.pull(**given)

    @line_cell_magic
    @_documented(_BUILD, "In %%build, the cell is the Dockerfile.\n\n")
    def build(self, line: str, cell: str | None = None) -> Job | None:  # noqa: D102 - as above
        given = _parsed(_BUILD, line)
        if given is None:
            return None
        if cell is not None and "dockerfile" in given:
            raise UsageError("%%build uses the cell as the Dockerfile; leave out --file.")
        if cell is not None:
            given["dockerfile"] = cell
        return building.build(**given)

    @line_magic
    @_documented(_PROVISION)
    def provision(self, line: str) -> Job | None:  # noqa: D102 - as above
        given = _parsed(_PROVISION, line)
        return None if given is None else provisioning.provision(**given)


def _parsed(verb: click.Command, line: str) -> dict[str, Any] | None:
    """Return the arguments in the line of a magic, or None if it asks for help, now shown."""
    try:
        # On Windows a backslash is a path separator, not an escape character.
        words = shlex.split(line) if os.name != "nt" else _windows_words(line)
    except ValueError as error:
        raise UsageError(f"{line}: {error}") from error
    try:
        return verbs.given(verb.make_context(verb.name, words))
    except Exit:
        return None
    except click.UsageError as error:
        raise UsageError(error.format_message()) from error


def _windows_words(line: str) -> list[str]:
    return [word.replace('"', "") for word in shlex.split(line, posix=False)]


def load(ipython: Any) -> None:
    """Register the magics with a running IPython."""
    ipython.register_magics(ImageMagics)
