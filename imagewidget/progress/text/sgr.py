"""The colours in effect after any number of SGR sequences (ECMA-48, 8.3.117).

A program may change colours a thousand times in a line and never turn one off.
What is in effect at the end is a handful of codes, at most one for each attribute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Colours = Mapping[str, str]
"""The codes in effect by the attribute they set; a flag's key is its code, `"1"` to `"9"`."""

Rgb = tuple[int, int, int]

NONE: Colours = {}

SEQUENCE = re.compile(r"\x1b\[[0-9;:]*m")
_ALL_OFF = "\x1b[0m"

FOREGROUND, BACKGROUND = "foreground", "background"

_EXTENDED = {"38": FOREGROUND, "48": BACKGROUND}
_OFF: dict[int, tuple[str, ...]] = {
    22: ("1", "2"),
    23: ("3",),
    24: ("4",),
    25: ("5", "6"),
    27: ("7",),
    28: ("8",),
    29: ("9",),
    39: (FOREGROUND,),
    49: (BACKGROUND,),
}
_RANGES = (
    (range(30, 38), FOREGROUND),
    (range(90, 98), FOREGROUND),
    (range(40, 48), BACKGROUND),
    (range(100, 108), BACKGROUND),
)
_FLAGS = range(1, 10)
_LONGEST = 24
_BETWEEN = re.compile("[;:]")
_BRIGHT, _PALETTE = 90, 256


def after(on: Colours, sequence: str) -> Colours:
    """Return the colours in effect after `sequence`, `ESC[` to `m`, ignoring unknown codes."""
    now = dict(on)
    codes = sequence[2:-1].split(";")
    position = 0
    while position < len(codes):
        code = codes[position]
        position += 1
        kind = code.partition(":")[0].lstrip("0")
        if kind in _EXTENDED:
            if ":" not in code and position < len(codes):
                count = {"5": 2, "2": 4}.get(codes[position], 0)
                code = ";".join([code, *codes[position : position + count]])
                position += count
            if len(code) <= _LONGEST:
                now[_EXTENDED[kind]] = code
        elif not kind:
            now.clear()
        elif len(kind) <= len("107"):
            _switch(now, int(kind), code)
    return now


def colour(code: str) -> int | Rgb | None:
    """Return the colour that a foreground or background code selects.

    ITU T.416, which introduced colons between numbers, puts a colour space before the red.

    Returns:
        An index into the 256 colours of xterm, or red, green and blue; None if the code
        is cut short or out of range.
    """
    number, *arguments = (int(part.lstrip("0")[:4] or 0) for part in _BETWEEN.split(code))
    if number not in (38, 48):
        return number % 10 + (8 if number >= _BRIGHT else 0)
    kind, values = (arguments[0], arguments[1:]) if arguments else (0, [])
    if kind == 5 and values:  # noqa: PLR2004 - the codes of T.416
        return values[0] if values[0] < _PALETTE else None
    if kind == 2 and len(values) >= 3:  # noqa: PLR2004
        red, green, blue = (min(255, value) for value in values[-3:])
        return red, green, blue
    return None


def head(text: str, length: int) -> str:
    """Return the first `length` characters of `text`, turning colours off at the end.

    A sequence that would be cut in two is left out.
    """
    cut = without_half_sequence(text[:length])
    return cut + _ALL_OFF if "\x1b" in cut else cut


def without_half_sequence(text: str) -> str:
    """Return a truncated `text` without the incomplete sequence at its end."""
    start = text.find("\x1b", text.rfind("m") + 1)
    return text if start < 0 else text[:start]


def change(before: Colours, now: Colours) -> str:
    """Return the sequence that switches from `before` to `now`; "" if they are equal."""
    if before == now:
        return ""
    if any(what not in now for what in before):
        codes = ["0", *now.values()]
    else:
        codes = [code for what, code in now.items() if before.get(what) != code]
    return f"\x1b[{';'.join(codes)}m"


def _switch(now: dict[str, str], number: int, code: str) -> None:
    if number in _FLAGS and len(code) <= _LONGEST:
        now[str(number)] = code
    for what in _OFF.get(number, ()):
        now.pop(what, None)
    for numbers, what in _RANGES:
        if number in numbers:
            now[what] = str(number)
