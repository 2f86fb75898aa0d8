"""The colours that are on after any number of SGR sequences (ECMA-48, 8.3.117), in short.

A program may switch colours a thousand times in a line and never switch one off.
What is on at the end is a handful of codes, one for each thing that can be on.
"""

from __future__ import annotations

from collections.abc import Mapping

Colours = Mapping[str, str]
"""By what they change, the codes that are on."""

NONE: Colours = {}

_FOREGROUND, _BACKGROUND = "foreground", "background"
_EXTENDED = {"38": _FOREGROUND, "48": _BACKGROUND}
_OFF: dict[int, tuple[str, ...]] = {
    22: ("1", "2"),
    23: ("3",),
    24: ("4",),
    25: ("5", "6"),
    27: ("7",),
    28: ("8",),
    29: ("9",),
    39: (_FOREGROUND,),
    49: (_BACKGROUND,),
}
_RANGES = (
    (range(30, 38), _FOREGROUND),
    (range(90, 98), _FOREGROUND),
    (range(40, 48), _BACKGROUND),
    (range(100, 108), _BACKGROUND),
)
_FLAGS = range(1, 10)
_LONGEST = 24


def after(on: Colours, sequence: str) -> Colours:
    """Give what is on once `sequence`, from `ESC[` to `m`, was written; unknown codes are not."""
    now = dict(on)
    rest = sequence[2:-1].split(";")
    while rest:
        code = rest.pop(0)
        kind = code.partition(":")[0].lstrip("0")
        if kind in _EXTENDED:
            if ":" not in code and rest:
                count = {"5": 2, "2": 4}.get(rest[0], 0)
                code = ";".join([code, *rest[:count]])
                del rest[:count]
            if len(code) <= _LONGEST:
                now[_EXTENDED[kind]] = code
        elif not kind:
            now.clear()
        elif len(kind) <= len("107"):
            _switch(now, int(kind), code)
    return now


def change(before: Colours, now: Colours) -> str:
    """Give the sequence that leads from one to the other, or nothing."""
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
