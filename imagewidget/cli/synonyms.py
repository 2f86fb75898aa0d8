"""What was meant by a word that does not exist: an option's or a verb's name elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from difflib import get_close_matches

import click

# What docker, other tools and the Python functions call a verb or an option. Names that
# differ by a letter or two are found without these tables, and so are Python's arguments.
VERBS = {
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
OPTIONS = {
    "--client": "--engine",
    "--config": "--engine",
    "--context": "--engine",
    "--host": "--engine",
    "--username": "docker login",
    "--password": "docker login",
    "--auth": "docker login",
    "--progress": "--plain",
    "--retries": "--attempts",
    "--timeout": "--stall-timeout",
    "--name": "--tag",
    "--arg": "--build-arg",
}
_CLOSE_VERB = 0.6
_CLOSE_OPTION = 0.7


def spelling(parameter: click.Parameter) -> str:
    """Return how a parameter is written on a command line: `--file`, or `CONTEXT`."""
    long = [flag for flag in parameter.opts if flag.startswith("--")]
    return long[0] if long else parameter.human_readable_name.upper()


def unknown_verb(group: click.Group, word: str, context: click.Context) -> click.UsageError:
    """Return the error for a verb that does not exist."""
    meant = VERBS.get(word)
    near = [meant] if meant else get_close_matches(word, group.commands, 1, _CLOSE_VERB)
    return _unknown("command", word, near, context)


@contextlib.contextmanager
def unknown_options(command: click.Command, context: click.Context) -> Iterator[None]:
    """Add to the error for an unknown option what may be meant by it.

    Raises:
        click.UsageError: There is no such option.
    """
    try:
        yield
    except click.NoSuchOption as error:
        near = _near(command, error.option_name)
        raise _unknown("option", error.option_name, near, context) from None


def _near(command: click.Command, unknown: str) -> list[str]:
    flags = [flag for each in command.params for flag in each.opts if flag.startswith("--")]
    argument = unknown.lstrip("-").replace("-", "_")
    near = [spelling(each) for each in command.params if each.name == argument]
    meant = OPTIONS.get(unknown, "")
    if meant in flags or " " in meant:
        near.append(meant)
    return near or get_close_matches(unknown, flags, 1, _CLOSE_OPTION)


def _unknown(kind: str, word: str, near: list[str], context: click.Context) -> click.UsageError:
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return click.UsageError(f"No such {kind}: {word}.{meant}", context)
