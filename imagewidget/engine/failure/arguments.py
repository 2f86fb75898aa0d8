"""Arguments of the wrong type are refused by name, before they are read as what they are not."""

from __future__ import annotations


def string(value: object, name: str) -> str:
    """Give `value` as it is.

    Args:
        value: What was given.
        name: The argument, for the error.

    Raises:
        TypeError: It is no text.
    """
    if not isinstance(value, str):
        raise TypeError(f"`{name}` is a text, not {type(value).__name__}.")
    return value
