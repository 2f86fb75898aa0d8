"""The options of a build as parameters of a command, made from the one list of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import click

from imagewidget.cli import values
from imagewidget.engine.request.options import Option, described

_IN_CODE = str.maketrans("", "", '`"')


def build_options() -> list[click.Parameter]:
    """Return every option of a build that a command line has."""
    return [
        click_option(name, annotation, option)
        for name, (annotation, option) in described().items()
        if option.on_command_line
    ]


def build_option(name: str) -> click.Parameter:
    """Return the option that sets the argument `name`."""
    return click_option(name, *described()[name])


def click_option(name: str, annotation: Any, option: Option) -> click.Option:
    """Return an option whose value is what the argument `name` of a function takes."""
    how = _how(annotation, option.separators)
    text = option.help or option.text.translate(_IN_CODE)
    if how.get("multiple"):
        text += " May be repeated."
    if not how.keys() & {"is_flag", "type"} or option.metavar:
        how["metavar"] = option.metavar or name.upper()
    flags = option.flags or (f"--{name.replace('_', '-')}",)
    return click.Option([*flags, name], help=text, **how)


def _how(annotation: Any, separators: str) -> dict[str, Any]:
    """Return how click is to read an argument of a type."""
    members = _members(annotation)
    kinds = {get_origin(each) or each: get_args(each) for each in members}
    if Mapping in kinds:
        return {"multiple": True, "callback": _mapping(_members(kinds[Mapping][1]), separators)}
    if Iterable in kinds:
        return {"multiple": True}
    return _of_one_value(kinds)


def _of_one_value(kinds: dict[Any, tuple[Any, ...]]) -> dict[str, Any]:
    if Literal in kinds:
        return {"type": click.Choice(kinds[Literal])}
    if os.PathLike in kinds:
        return {"type": click.Path()}
    if bool in kinds:
        return {"is_flag": True}
    numbers = [each for each in (float, int) if each in kinds and str not in kinds]
    return {"type": numbers[0]} if numbers else {}


def _members(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself."""
    is_union = get_origin(annotation) in (Union, UnionType)
    return get_args(annotation) if is_union else (annotation,)


def _mapping(
    kinds: tuple[Any, ...], separators: str
) -> Callable[[Any, Any, Iterable[str]], dict[str, Any]]:
    """Return a callback that parses `NAME=VALUE`, for values of certain types."""

    def parsed(_context: Any, _parameter: Any, words: Iterable[str]) -> dict[str, Any]:
        if Path in kinds:
            return dict(values.secrets(words))
        return dict(values.mapping(words, separators, may_be_unset=type(None) in kinds))

    return parsed
