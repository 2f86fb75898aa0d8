"""Which strings cannot be paths at all, so that the error names the argument, not a codec."""

from __future__ import annotations

import os


def flaw(path: str) -> str:
    """Return why no file can have this path, as the end of a sentence; empty if one can.

    A file name in bytes that are not UTF-8 is fine: Python shows each as a lone surrogate.
    """
    if "\0" in path:
        return "it contains a null byte"
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        character = path[error.start]
        return f"it contains {character!a}, which cannot be encoded in a file name"
    return ""
