"""The verbs with their parameters, for the command line and for the magics.

A parameter has the name of the argument that it sets, and its value is what the Python
function takes, so :func:`given` is all that is needed for a call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from imagewidget.cli.build_options import build_option, build_options
from imagewidget.cli.synonyms import unknown_options
from imagewidget.engine.pull.retry import RetryPolicy
from imagewidget.recordings import names

_REGISTRY = "A registry host to try, if the reference does not name one. May be repeated."
# Not `-h` first, which click 8.1 then recommends and 8.2 does not.
SETTINGS = {"help_option_names": ["--help", "-h"]}
_LOG_IN = "Credentials for registries are those of docker login."


class Verb(click.Command):
    """A command with help for options that it does not have."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words, with a suggestion for an unknown option.

        Raises:
            click.UsageError: The words are not valid.
        """
        with unknown_options(self, ctx):
            return super().parse_args(ctx, args)


class Recording(click.Path):
    """The path of a recording, or the name of one that comes with this package."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin with `incomplete`, and let the shell complete a path."""
        found = [CompletionItem(name) for name in names() if name.startswith(incomplete)]
        return [*found, *super().shell_complete(ctx, param, incomplete)]


def verb(name: str, shown: str = "", callback: Callable[..., Any] | None = None) -> Verb:
    """Return a verb with the parameters that its Python function has.

    Args:
        name: One of :data:`HELP`.
        shown: What it is called in its usage, if not by its name.
        callback: What runs it.
    """
    return Verb(
        shown or name,
        params=_PARAMETERS[name](),
        help=HELP[name],
        short_help=_SHORT.get(name),
        callback=callback,
        context_settings=SETTINGS,
    )


def engine_option() -> click.Option:
    """Return the option for the engine, which may also be written before the verb."""
    return click.Option(
        ["--engine"],
        metavar="TARGET",
        help="The engine: unix:///path, tcp://host:2376, ssh://user@host or a docker context; "
        "by default as for docker.",
    )


def output_options() -> list[click.Parameter]:
    """Return the options for what a job shows; magics have none of them."""
    return [
        click.Option(["--plain"], is_flag=True, help="Plain lines, also on a terminal."),
        click.Option(
            ["--json"],
            is_flag=True,
            help="One event a line on standard output, as in a recording; no progress.",
        ),
        click.Option(["-q", "--quiet"], is_flag=True, help="No progress: only the result."),
    ]


def given(context: click.Context) -> dict[str, Any]:
    """Return the arguments for the Python function: those that the words contain."""
    return {
        name: value
        for name, value in context.params.items()
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT
    }


HELP = {
    "pull": "Pull an image, showing the progress of every layer.\n\n"
    f"REFERENCE is the image, such as python:3.13-slim. {_LOG_IN}",
    "build": "Build an image, showing every step and the log.\n\n"
    "CONTEXT is the directory to build from, by default that of the Dockerfile, or the address "
    "of a Git repository. Without "
    f"CONTEXT and --file, the embedded data-science environment is built. {_LOG_IN}",
    "provision": "Make an image available: use the local one, else pull it, else build it.\n\n"
    "REFERENCE is the image, by default the embedded data-science environment. CONTEXT is the "
    f"directory to build from if no registry serves it. {_LOG_IN}",
    "replay": "Play back a recorded job, without Docker.\n\n"
    "RECORDING is a file that job.record() or --json has written, or the name of one that comes "
    "with this package, such as demo/layers. Without RECORDING, their names are printed.",
    "exists": "Check whether an image is in the engine's local cache.\n\n"
    "REFERENCE is its name, or an id of 7 to 64 hex digits. The exit code is the answer: 0 if "
    "it is there, 1 if not.",
}

# In place of a first line that is too long for the list of all verbs.
_SHORT = {"provision": "Use the local image, else pull it, else build it."}


def _pull() -> list[click.Parameter]:
    return [
        click.Argument(["reference"]),
        *_registry_options(),
        build_option("platform"),
    ]


def _build() -> list[click.Parameter]:
    return [
        click.Argument(["context"], required=False, type=click.Path()),
        click.Option(
            ["-t", "--tag"],
            multiple=True,
            metavar="NAME",
            help="The name and tag of the image. May be repeated.",
        ),
        *build_options(),
    ]


def _provision() -> list[click.Parameter]:
    return [
        click.Argument(["reference"], required=False),
        click.Argument(["context"], required=False, type=click.Path()),
        *_registry_options(),
        *build_options(),
    ]


def _replay() -> list[click.Parameter]:
    return [
        click.Argument(["recording"], required=False, type=Recording()),
        click.Option(
            ["--speed"],
            type=click.FloatRange(min=0, min_open=True),
            metavar="FACTOR",
            help="2 is twice as fast, inf skips all waiting.",
        ),
        click.Option(
            ["--until"],
            type=click.FloatRange(min=0),
            metavar="SECONDS",
            help="Pause at this time of the recording, until Ctrl-C.",
        ),
    ]


def _exists() -> list[click.Parameter]:
    return [click.Argument(["reference"]), build_option("platform")]


def _registry_options() -> list[click.Parameter]:
    return [
        click.Option(["--registry", "registries"], multiple=True, metavar="HOST", help=_REGISTRY),
        click.Option(
            ["--attempts", "retry"],
            type=click.IntRange(min=1),
            metavar="NUMBER",
            callback=_retry,
            help="How many times to try each registry; by default 3.",
        ),
        click.Option(
            ["--stall-timeout"],
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="Fail an attempt after this time without data; by default it waits forever.",
        ),
    ]


def _retry(_context: Any, _parameter: Any, attempts: int | None) -> RetryPolicy | None:
    return None if attempts is None else RetryPolicy(attempts=attempts)


_PARAMETERS: dict[str, Callable[[], list[click.Parameter]]] = {
    "pull": _pull,
    "build": _build,
    "provision": _provision,
    "replay": _replay,
    "exists": _exists,
}
