"""Conversion of a log line with ANSI colours to HTML with inline styles.

:mod:`imagewidget.progress.text.sgr` interprets the sequences; the palette is xterm's.
A saved notebook cannot know whether it will be read on white or on black, so every
colour is adjusted to the one lightness that is legible on both.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from imagewidget.progress.text import sgr
from imagewidget.progress.text.safe_text import keep_colours
from imagewidget.progress.text.sgr import Rgb

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
_CUBE_START, _GREY_START = 16, 232
_FLAGS = {
    "1": "bold",
    "2": "dim",
    "3": "italic",
    "4": "underline",
    "7": "inverse",
    "9": "line-through",
}


@dataclass(frozen=True)
class _Style:
    flags: frozenset[str] = frozenset()
    colour: Rgb | None = None
    background: Rgb | None = None

    def css(self) -> str:
        """Return the declarations, except for flags that have an HTML tag."""
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


def to_html(line: str) -> str:
    """Return one line as HTML; its colours end with it, and everything else is escaped."""
    parts: list[str] = []
    on, end = sgr.NONE, 0
    line = keep_colours(line)
    for found in sgr.SEQUENCE.finditer(line):
        parts.append(_span(_style(on), line[end : found.start()]))
        on = sgr.after(on, found.group())
        end = found.end()
    parts.append(_span(_style(on), line[end:]))
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


def _style(on: sgr.Colours) -> _Style:
    return _Style(
        frozenset(name for code, name in _FLAGS.items() if code in on),
        _rgb(on.get(sgr.FOREGROUND)),
        _rgb(on.get(sgr.BACKGROUND)),
    )


def _rgb(code: str | None) -> Rgb | None:
    colour = None if code is None else sgr.colour(code)
    return _palette(colour) if isinstance(colour, int) else colour


def _palette(index: int) -> Rgb:
    if index < _CUBE_START:
        return _BASIC[index]
    if index < _GREY_START:
        index -= _CUBE_START
        return _CUBE[index // 36], _CUBE[index // 6 % 6], _CUBE[index % 6]
    grey = 8 + 10 * (index - _GREY_START)
    return grey, grey, grey


def _readable(colour: Rgb) -> Rgb:
    """Darken or lighten a colour until it is legible on both white and black."""
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
