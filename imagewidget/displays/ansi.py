"""A log line with ANSI colours as HTML with inline style.

The codes are those of ECMA-48, SGR; the palette is xterm's. A saved notebook
does not know whether it will be read on white or on black, so every colour is
brought to the one lightness that stands out from both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import escape

from imagewidget.progress.safe_text import keep_colours

Rgb = tuple[int, int, int]

_COLOUR = re.compile(r"\x1b\[([0-9;:]*)m")
_READABLE = 0.18  # relative luminance with 4.6:1 on white as on black (WCAG 2, 1.4.3)
_BASIC: tuple[Rgb, ...] = (
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
)
_CUBE = (0, 95, 135, 175, 215, 255)
_CUBE_START, _GREY_START, _PALETTE_END = 16, 232, 256
_EXTENDED = (38, 48)


@dataclass(frozen=True)
class _Style:
    flags: frozenset[str] = frozenset()
    colour: Rgb | None = None
    background: Rgb | None = None

    def css(self) -> str:
        """Give the declarations, without those that stand in tags of their own."""
        rules: list[str] = []
        if self.colour:
            rules.append(f"color:{_hex(_readable(self.colour))}")
        if "inverse" in self.flags:
            rules.append("background:rgba(128,128,128,.35)")
        elif self.background:
            rules.append("background:rgba({},{},{},.3)".format(*self.background))
        if "dim" in self.flags:
            rules.append("opacity:.75")
        lines = [line for line in ("underline", "line-through") if line in self.flags]
        if lines:
            rules.append(f"text-decoration:{' '.join(lines)}")
        return ";".join(rules)


_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "line-through"}
_OFF = {
    22: {"bold", "dim"},
    23: {"italic"},
    24: {"underline"},
    27: {"inverse"},
    29: {"line-through"},
}
_COLOURS = (
    (30, "colour", 0),
    (90, "colour", 8),
    (40, "background", 0),
    (100, "background", 8),
)
_DEFAULTS = {39: "colour", 49: "background"}


def to_html(line: str) -> str:
    """Give one line as HTML; colours end with it, everything else is escaped."""
    parts: list[str] = []
    style, end = _Style(), 0
    line = keep_colours(line)
    for found in _COLOUR.finditer(line):
        parts.append(_span(style, line[end : found.start()]))
        style = _apply(style, found[1])
        end = found.end()
    parts.append(_span(style, line[end:]))
    return "".join(parts)


def _span(style: _Style, text: str) -> str:
    if not text:
        return ""
    html = escape(text)
    for flag, tag in (("italic", "i"), ("bold", "b")):
        if flag in style.flags:
            html = f"<{tag}>{html}</{tag}>"
    css = style.css()
    return f'<span style="{css}">{html}</span>' if css else html


def _apply(style: _Style, codes: str) -> _Style:
    """Take the codes between `ESC[` and `m`; those that make no sense change nothing."""
    rest = [group.split(":") for group in codes.split(";")]
    while rest:
        group = [_number(part) for part in rest.pop(0)]
        code = group[0]
        if code in _EXTENDED:
            if len(group) == 1:
                count = {"5": 2, "2": 4}.get(rest[0][0], 0) if rest else 0
                group += [_number(part[0]) for part in rest[:count]]
                del rest[:count]
            name = "colour" if code == _EXTENDED[0] else "background"
            style = _with_colour(style, name, _extended(group[1:]))
        else:
            style = _switch(style, code)
    return style


def _switch(style: _Style, code: int) -> _Style:
    if code == 0:
        return _Style()
    if code in _ON:
        return replace(style, flags=style.flags | {_ON[code]})
    if code in _OFF:
        return replace(style, flags=style.flags - _OFF[code])
    if code in _DEFAULTS:
        return _with_colour(style, _DEFAULTS[code], None)
    for start, name, first in _COLOURS:
        if start <= code < start + 8:
            return _with_colour(style, name, _BASIC[first + code - start])
    return style


def _number(digits: str) -> int:
    return int(digits[:4] or 0)


def _with_colour(style: _Style, name: str, colour: Rgb | None) -> _Style:
    if name == "colour":
        return replace(style, colour=colour)
    return replace(style, background=colour)


def _extended(arguments: list[int]) -> Rgb | None:
    """Read `5, n` or `2, r, g, b` (ITU T.416 puts a colour space before the red)."""
    kind, values = (arguments[0], arguments[1:]) if arguments else (0, [])
    if kind == 5 and values:  # noqa: PLR2004 - the codes of T.416
        return _palette(values[0])
    if kind == 2 and len(values) >= 3:  # noqa: PLR2004
        red, green, blue = (min(255, value) for value in values[-3:])
        return red, green, blue
    return None


def _palette(index: int) -> Rgb | None:
    if index < _CUBE_START:
        return _BASIC[index]
    if index < _GREY_START:
        index -= _CUBE_START
        return _CUBE[index // 36], _CUBE[index // 6 % 6], _CUBE[index % 6]
    if index < _PALETTE_END:
        grey = 8 + 10 * (index - _GREY_START)
        return grey, grey, grey
    return None


def _readable(colour: Rgb) -> Rgb:
    """Darken or lighten a colour until it can be read on white and on black."""
    red, green, blue = (_linear(value) for value in colour)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    if luminance > _READABLE:
        factor = _READABLE / luminance
        return _encoded(red * factor), _encoded(green * factor), _encoded(blue * factor)
    white = (_READABLE - luminance) / (1 - luminance)
    red, green, blue = (value + (1 - value) * white for value in (red, green, blue))
    return _encoded(red), _encoded(green), _encoded(blue)


def _linear(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004


def _encoded(value: float) -> int:
    small = value <= 0.0031308  # noqa: PLR2004 - IEC 61966-2-1
    return round(255 * (12.92 * value if small else 1.055 * value ** (1 / 2.4) - 0.055))


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
