"""Errors before anything has started, in the words of a command line."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import IO, Any

import click

from imagewidget.cli import exit_codes
from imagewidget.cli.wording import in_words
from imagewidget.engine.failure.errors import DockerError, InvalidContext, InvalidReference
from imagewidget.progress.text.safe_text import visible_block

_MOST_CHARACTERS = 2_000
_MOST_LINES = 20
_CUT = " […]"


class Refusal(click.ClickException):
    """The command cannot be carried out, and nothing was started."""

    def __init__(self, message: str, hint: str = "", exit_code: int = exit_codes.USAGE) -> None:
        super().__init__(message)
        self.hint = hint
        self.exit_code = exit_code  # type: ignore[misc]

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message and the hint to standard error."""
        color = False if os.environ.get("NO_COLOR") else None  # None: only on a terminal
        click.secho(f"✗ {safe(self.message)}", file=file, err=True, fg="red", color=color)
        if self.hint:
            click.secho(f"  → {safe(self.hint)}", file=file, err=True, fg="yellow", color=color)


def safe(text: str) -> str:
    """Return a message that repeats words of the command line, safe to show and not too long."""
    lines = visible_block(text).split("\n")
    shown = "\n".join(lines[:_MOST_LINES])
    is_cut = len(lines) > _MOST_LINES or len(shown) > _MOST_CHARACTERS
    return shown[:_MOST_CHARACTERS] + _CUT if is_cut else shown


def show(error: click.ClickException) -> None:
    """Write an error to standard error; click itself shows the words in it as they are."""
    if isinstance(error, click.UsageError):
        click.UsageError(safe(error.format_message()), error.ctx).show()
    elif isinstance(error, Refusal):
        error.show()
    else:
        click.ClickException(safe(error.format_message())).show()


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turn the exceptions of a function that checks its arguments into refusals.

    Raises:
        Refusal: An argument is not valid, or no engine can be reached.
    """
    try:
        yield
    except (InvalidContext, InvalidReference) as error:
        raise Refusal(in_words(error.message), in_words(error.hint)) from error
    except DockerError as error:  # no engine, or one that cannot answer
        raise Refusal(error.message, in_words(error.hint), exit_codes.NO_ENGINE) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        reason = f"{error.strerror}." if error.strerror else in_words(str(error))
        raise Refusal(f"{name}{reason}") from error
    except (TypeError, ValueError) as error:
        raise Refusal(in_words(str(error))) from error
