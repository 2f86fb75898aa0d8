"""Check the types of arguments early, so that the error names the argument."""

from __future__ import annotations


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
