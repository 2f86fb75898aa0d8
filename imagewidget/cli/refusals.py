"""Errors before anything has started, in the words of a command line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import IO, Any

import click

from imagewidget.cli import exit_codes
from imagewidget.cli.wording import in_words
from imagewidget.engine.failure.errors import DockerError, InvalidContext, InvalidReference
from imagewidget.progress.text.safe_text import visible_block


class Refusal(click.ClickException):
    """The command cannot be carried out, and nothing was started."""

    def __init__(self, message: str, hint: str = "", exit_code: int = exit_codes.USAGE) -> None:
        super().__init__(message)
        self.hint = hint
        self.exit_code = exit_code  # type: ignore[misc]

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message and the hint to standard error."""
        click.secho(f"✗ {visible_block(self.message)}", file=file, err=True, fg="red")
        if self.hint:
            click.secho(f"  → {visible_block(self.hint)}", file=file, err=True, fg="yellow")


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turn the exceptions of a function that checks its arguments into refusals.

    Raises:
        Refusal: An argument is not valid, or there is no engine.
    """
    try:
        yield
    except (InvalidContext, InvalidReference) as error:
        raise Refusal(error.message, in_words(error.hint)) from error
    except DockerError as error:  # no engine, or one that cannot answer
        raise Refusal(error.message, in_words(error.hint), exit_codes.NO_ENGINE) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        raise Refusal(f"{name}{error.strerror or error}.") from error
    except (TypeError, ValueError) as error:
        raise Refusal(in_words(str(error))) from error
