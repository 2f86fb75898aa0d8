"""The command `imagewidget`, also as `python -m imagewidget`."""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from typing import Any

import click

from imagewidget.cli import commands, exit_codes
from imagewidget.cli.stopping import exit_code
from imagewidget.cli.verbs import unknown_word

# What docker, other tools and the Python functions call a verb. Names that differ by a
# letter or two are found without this table.
_ELSEWHERE = {
    "image_exists": "exists",
    "inspect": "exists",
    "has": "exists",
    "buildx": "build",
    "compose": "provision",
    "make": "provision",
    "ensure": "provision",
    "fetch": "pull",
    "download": "pull",
    "play": "replay",
}
_CLOSE = 0.6


class Program(click.Group):
    """The group of all verbs, with help for those that it does not have."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command for the first word.

        Raises:
            click.UsageError: There is no such command.
        """
        word = args[0]
        if word not in self.commands and not ctx.resilient_parsing:
            meant = _ELSEWHERE.get(word)
            near = [meant] if meant else get_close_matches(word, self.commands, 1, _CLOSE)
            raise unknown_word("command", word, near, ctx)
        return super().resolve_command(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the exit codes."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Exit codes"):
            formatter.write_dl(exit_codes.MEANINGS)


def program() -> Program:
    """Return the command with all its verbs."""
    made = Program(
        commands.PROGRAM,
        params=[commands.engine_option()],
        help="Pull and build Docker images, with live progress.\n\n"
        "Progress and errors are written to standard error. Standard output has only the "
        "result: the id of the image, or with --json the events.",
        context_settings={"help_option_names": ["-h", "--help"]},
        no_args_is_help=True,
    )
    for name in ("pull", "build", "provision"):
        made.add_command(commands.on_engine(name))
    for make in (commands.exists, commands.replay, commands.completion):
        made.add_command(make())
    return click.version_option(
        package_name="imagewidget", message="%(prog)s %(version)s", prog_name="imagewidget"
    )(made)


def run(words: list[str] | None = None) -> int:
    """Run the command, and return its exit code; every error is shown, and none raised.

    Args:
        words: The command line without the program; None for that of this process.
    """
    _open_closed_streams()
    try:
        result: Any = program().main(
            words, standalone_mode=False, complete_var=commands.COMPLETION_VARIABLE
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return exit_code(2)
    return int(result or exit_codes.SUCCESS)


def _open_closed_streams() -> None:
    """Discard what is written to a stream that is closed, as in `imagewidget … >&-`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(null, "w", encoding="utf-8"))


def main() -> None:
    """Run the command, and exit."""
    sys.exit(run())
