"""Store many paths by number in little memory."""

from __future__ import annotations

import os
from array import array


class Paths:
    """Stores paths that are added in the order of a walk.

    A hundred thousand `str` objects would take as much memory as a large file;
    here a path takes the bytes of its name and twelve more, because its directory
    comes before it in a walk and is referred to by number.
    """

    def __init__(self) -> None:
        self._names = bytearray()
        self._ends = array("Q")
        self._parents = array("l")
        self._above: list[tuple[str, int]] = []

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, path: str) -> None:
        """Store `path` under the next number, starting at 0."""
        while self._above and not path.startswith(self._above[-1][0]):
            self._above.pop()
        prefix, parent = self._above[-1] if self._above else ("", -1)
        self._names += os.fsencode(path[len(prefix) :])
        self._ends.append(len(self._names))
        self._parents.append(parent)
        self._above.append((f"{path}/", len(self._ends) - 1))

    def __getitem__(self, number: int) -> str:
        parts: list[bytes] = []
        while number >= 0:
            start = self._ends[number - 1] if number else 0
            parts.append(bytes(self._names[start : self._ends[number]]))
            number = self._parents[number]
        return os.fsdecode(b"/".join(reversed(parts)))
