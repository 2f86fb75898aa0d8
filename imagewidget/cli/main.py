"""The command `imagewidget`, also as `python -m imagewidget`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

import click

from imagewidget.cli import commands, exit_codes, verbs
from imagewidget.cli.outlet import unwritable
from imagewidget.cli.refusals import show
from imagewidget.cli.stopping import exit_code
from imagewidget.cli.synonyms import unknown_options, unknown_verb


class Unwritable(Exception):
    """Help or the like cannot be written; click would end with 1 at a closed pipe."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(reason)
        self.reason = reason


class Program(click.Group):
    """The group of all verbs, with help for those that it does not have."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command for the first word.

        Raises:
            click.UsageError: There is no such command, or it would ignore an option.
        """
        word = args[0]
        if not ctx.resilient_parsing:
            if word not in self.commands:
                raise unknown_verb(self, word, ctx)
            has_engine = "engine" in {each.name for each in self.commands[word].params}
            if ctx.params["engine"] is not None and not has_engine:
                raise click.UsageError(f"{word} needs no engine: leave out --engine.", ctx)
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words before the verb.

        Raises:
            click.UsageError: The words are not valid.
        """
        with unknown_options(self, ctx):
            return super().parse_args(ctx, args)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Parse the command line up to the verb; show help or the version if it asks for them.

        Raises:
            Unwritable: They cannot be written.
        """
        with _unwritable():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb.

        Raises:
            Unwritable: What it prints cannot be written.
        """
        with _unwritable():
            return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the exit codes."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Exit codes"):
            formatter.write_dl(exit_codes.MEANINGS)


def program() -> Program:
    """Return the command with all its verbs."""
    made = Program(
        commands.PROGRAM,
        params=[verbs.engine_option()],
        help="Pull and build Docker images, with live progress.\n\n"
        "Progress and errors are written to standard error. Standard output has only the "
        "result: the id of the image, or with --json the events.",
        context_settings=verbs.SETTINGS,
        invoke_without_command=True,
        subcommand_metavar="COMMAND [ARGS]...",
        callback=_without_a_verb,
    )
    for name in ("pull", "build", "provision"):
        made.add_command(commands.on_engine(name))
    for make in (commands.exists, commands.replay, commands.completion):
        made.add_command(make())
    return click.version_option(
        package_name="imagewidget", message="%(prog)s %(version)s", prog_name="imagewidget"
    )(made)


def _without_a_verb(engine: str | None = None) -> int:
    """Show the help on standard error, as for wrong usage, if there is no verb.

    click has an option for that, but whether it is an error depends on click's version.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        if engine is not None:
            raise click.UsageError("Missing command.", context)
        click.echo(context.get_help(), err=True)
    return exit_codes.USAGE


def run(words: list[str] | None = None) -> int:
    """Run the command, and return its exit code.

    Errors of the command line, of the job and of the output are shown, and not raised.

    Args:
        words: The command line without the program; None for that of this process.
    """
    _open_closed_streams()
    try:
        return _run(words)
    except Unwritable as error:
        return unwritable(error.reason)
    except OSError as error:  # from a completion, or while an error was shown
        return unwritable(error)


def _run(words: list[str] | None) -> int:
    try:
        result: Any = program().main(
            words, standalone_mode=False, complete_var=commands.COMPLETION_VARIABLE
        )
    except click.ClickException as error:
        show(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return exit_code(2)
    except SystemExit as end:  # of a completion
        return int(end.code or exit_codes.SUCCESS)
    return int(result or exit_codes.SUCCESS)


@contextlib.contextmanager
def _unwritable() -> Iterator[None]:
    """Turn the error of a stream into one that click does not handle."""
    try:
        yield
    except OSError as error:
        raise Unwritable(error) from error


def _open_closed_streams() -> None:
    """Discard what is written to a stream that is closed, as in `imagewidget … >&-`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(null, "w", encoding="utf-8"))


def main() -> None:
    """Run the command, and exit."""
    sys.exit(run())
