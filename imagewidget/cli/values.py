"""What a command line's words mean: the values that the Python functions take."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from imagewidget.engine.client import DockerClient

_AS_DOCKER = ("id=", "src=", "source=", "env=", "type=")


def engine(target: str) -> DockerClient:
    """Return a client for the engine that `--engine` names.

    Raises:
        EngineUnavailable: There is no such context, or the address is not valid.
    """
    # Loads docker-py, which neither `--help` nor the completion of a word needs.
    from imagewidget.engine.client import connect  # noqa: PLC0415
    from imagewidget.engine.failure.errors import EngineUnavailable  # noqa: PLC0415

    try:
        return connect(target)
    except EngineUnavailable as error:
        message = error.message.replace("`target`", "`--engine`")
        raise EngineUnavailable(message, hint=error.hint) from error


def mapping(
    words: Iterable[str], separators: str = "=", *, may_be_unset: bool
) -> dict[str, str | None]:
    """Return the values of `NAME=VALUE`, by name.

    Args:
        words: What was written after each flag.
        separators: What may be between name and value; the first of them counts.
        may_be_unset: Whether a name alone has the value None, with which the environment
            variable of that name is read; its value is empty otherwise.
    """
    unset = None if may_be_unset else ""
    return {
        name: unset if value is None else value
        for name, value in (_pair(word, separators) for word in words)
    }


def secrets(words: Iterable[str]) -> dict[str, Path | str | None]:
    """Return secrets by id: files, contents, or None for the environment variable of that name.

    Raises:
        click.BadParameter: One of them has no id, or its environment variable is not set.
    """
    return dict(map(_secret, words))


def _pair(word: str, separators: str = "=") -> tuple[str, str | None]:
    at = min((word.index(one) for one in separators if one in word), default=None)
    return (word, None) if at is None else (word[:at], word[at + 1 :])


def _secret(word: str) -> tuple[str, Path | str | None]:
    """Parse `ID=PATH`, `ID` for a variable, or the syntax of `docker build --secret`."""
    if not word.startswith(_AS_DOCKER):
        short, path = _pair(word)
        return short, None if path is None else Path(path)
    fields = dict(map(_pair, word.split(",")))
    name, source = fields.get("id"), fields.get("src") or fields.get("source")
    if not name:
        raise click.BadParameter(f"{word}: an id is required, as in id=pip,src=pip.conf.")
    if source and fields.get("type") != "env":
        return name, Path(source)
    variable = fields.get("env") or source
    if variable and variable not in os.environ:
        raise click.BadParameter(f"{word}: the environment variable {variable} is not set.")
    return name, os.environ[variable] if variable else None
