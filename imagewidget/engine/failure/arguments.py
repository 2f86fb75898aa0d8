"""Check the types of arguments early, so that the error names the argument."""

from __future__ import annotations

from collections.abc import Mapping


def string(value: object, name: str) -> str:
    """Return `value` if it is a str.

    Args:
        value: The argument's value.
        name: The argument's name, for the error message.

    Raises:
        TypeError: `value` is not a str.
    """
    if not isinstance(value, str):
        raise TypeError(f"`{name}` must be a str, not {type(value).__name__}.")
    return value


def mapping(value: object, name: str) -> Mapping[object, object]:
    """Return `value` if it is a mapping; None is an empty one.

    Args:
        value: The argument's value.
        name: The argument's name, for the error message.

    Raises:
        TypeError: `value` is neither a mapping nor None.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"`{name}` must be a mapping, such as a dict, not {type(value).__name__}.")
    return value


def key(value: object, name: str) -> str:
    """Return a key of a mapping if it is a str.

    Args:
        value: The key.
        name: The name of the argument that is the mapping, for the error message.

    Raises:
        TypeError: `value` is not a str.
    """
    if not isinstance(value, str):
        raise TypeError(f"The keys of `{name}` must be str, not {type(value).__name__}.")
    return value
