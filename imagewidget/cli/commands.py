"""The commands: each verb with the options for its engine and its output."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from imagewidget.cli import exit_codes, verbs
from imagewidget.cli.refusals import refusals
from imagewidget.cli.running import Output, run
from imagewidget.jobs.job import Job
from imagewidget.recordings import names

PROGRAM = "imagewidget"
COMPLETION_VARIABLE = "_IMAGEWIDGET_COMPLETE"
_SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}

# The functions are imported when they are called, because they load docker-py, which
# neither `--help` nor the completion of a word needs.
_HOMES = {
    "pull": "imagewidget.api.pulling",
    "build": "imagewidget.api.building",
    "provision": "imagewidget.api.provisioning",
    "replay": "imagewidget.api.replaying",
}


def on_engine(name: str) -> click.Command:
    """Return the command that runs a job on an engine: `pull`, `build` or `provision`."""

    def command(**_: Any) -> int:
        context = click.get_current_context()
        output, arguments = _split(context)

        def start(**options: Any) -> Job:
            return _function(name)(**_with_client(context, arguments), **options)

        return run(start, output, has_result=True)

    made = verbs.verb(name, callback=command)
    made.params += [verbs.engine_option(), *verbs.output_options()]
    return made


def replay() -> click.Command:
    """Return the command that plays back a recording."""

    def command(**_: Any) -> int:
        context = click.get_current_context()
        output, arguments = _split(context)
        if "recording" not in arguments:
            if arguments or output != Output():
                raise click.UsageError("Missing argument 'RECORDING'.", context)
            click.echo("\n".join(names()))
            return exit_codes.SUCCESS
        return run(partial(_function("replay"), **arguments), output, has_result=False)

    made = verbs.verb("replay", callback=command)
    made.params += verbs.output_options()
    return made


def exists() -> click.Command:
    """Return the command whose exit code says whether an image is there."""

    def command(**_: Any) -> int:
        from imagewidget.api.images import image_exists  # noqa: PLC0415 - see above

        context = click.get_current_context()
        with refusals():
            found = image_exists(**_with_client(context, verbs.given(context)))
        return exit_codes.SUCCESS if found else exit_codes.FAILED

    made = verbs.verb("exists", callback=command)
    made.params.append(verbs.engine_option())
    return made


def completion() -> click.Command:
    """Return the command that prints the script for a shell."""

    def command(shell: str) -> None:
        program = click.get_current_context().find_root().command
        script = _SHELLS[shell](program, {}, PROGRAM, COMPLETION_VARIABLE)
        click.echo(script.source())

    return verbs.Verb(
        "completion",
        params=[click.Argument(["shell"], type=click.Choice(list(_SHELLS)))],
        help="Print a script that completes this command in a shell.\n\n\b\n"
        'bash  eval "$(imagewidget completion bash)"    in ~/.bashrc\n'
        'zsh   eval "$(imagewidget completion zsh)"     in ~/.zshrc\n'
        "fish  imagewidget completion fish | source     in ~/.config/fish/config.fish",
        callback=command,
    )


def _function(verb: str) -> Callable[..., Job]:
    found: Callable[..., Job] = getattr(import_module(_HOMES[verb]), verb)
    return found


def _split(context: click.Context) -> tuple[Output, dict[str, Any]]:
    """Return how to show the job, and the arguments of the function that starts it."""
    arguments = verbs.given(context)
    flags = {name: arguments.pop(name, False) for name in ("plain", "json", "quiet")}
    if flags["json"] and (flags["plain"] or flags["quiet"]):
        raise click.UsageError("--json cannot be combined with --plain or --quiet.", context)
    return Output(*flags.values()), arguments


def _with_client(context: click.Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the engine that was chosen, if one was."""
    others = {name: value for name, value in arguments.items() if name != "engine"}
    target = arguments.get("engine") or context.find_root().params.get("engine")
    if target is None:
        return others
    from imagewidget.engine.client import connect  # noqa: PLC0415 - see above

    return {**others, "client": connect(target)}
