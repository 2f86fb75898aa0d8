"""Making text from outside safe to show.

Names, errors and log lines come from registries, engines and the commands of a
build. Characters that could move the cursor, reorder a line or hide something are
replaced by visible ones; only colours (SGR sequences) are kept, and only in the log.
"""

from __future__ import annotations

import re

from imagewidget.progress.text import sgr

# C0 and C1 controls, the marks that reorder text (Unicode's Bidi_Control), and lone
# surrogates, which represent undecodable bytes and cannot be encoded for a file.
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069"
    r"\ud800-\udfff]"
)

# ECMA-48: CSI … final byte; OSC, DCS, SOS, PM and APC up to ST or BEL; other two-byte escapes.
_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_].*?(?:\x1b\\|\x07|$)"
    r"|\x1b[ -/]*[0-~]",
    re.DOTALL,
)
_LEFT_OUT = re.compile(r"(?<=[\[;])(?=[;m])")

_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F
_DELETE_PICTURE = "␡"


def visible(text: str) -> str:
    """Make one line of text safe to show: no controls, no escapes, no reordering.

    Line breaks and tabs become spaces, escape sequences are removed, other controls
    become their pictures (`␀`), and marks that reorder text become their code points.
    """
    if not _UNSAFE.search(text):
        return text
    return _UNSAFE.sub(_replace_in_line, _ESCAPE.sub("", text))


def visible_block(text: str) -> str:
    """Make text of several lines safe to show, keeping its lines."""
    return "\n".join(visible(line) for line in text.splitlines())


def is_plain(text: str) -> bool:
    """Return whether a chunk of the log needs nothing but splitting at its line feeds."""
    found = _UNSAFE.search(text)
    while found and found.group() in "\n\t":
        found = _UNSAFE.search(text, found.end())
    return found is None


def keep_colours(text: str) -> str:
    """Make a log line safe to show, keeping tabs and colour sequences.

    A number that a sequence leaves out is 0 (ECMA-48, 8.3.117). It is filled in, because
    not every reader knows that: `ESC[m`, with which `tput sgr0` ends, becomes `ESC[0m`.
    """
    parts: list[str] = []
    end = 0
    for escape in _ESCAPE.finditer(text):
        parts.append(_UNSAFE.sub(_replace_in_log, text[end : escape.start()]))
        if sgr.SEQUENCE.fullmatch(escape.group()):
            parts.append(_LEFT_OUT.sub("0", escape.group()))
        end = escape.end()
    parts.append(_UNSAFE.sub(_replace_in_log, text[end:]))
    return "".join(parts)


def without_colours(text: str) -> str:
    """Drop the colour sequences that :func:`keep_colours` kept."""
    return sgr.SEQUENCE.sub("", text) if "\x1b" in text else text


def _replace_in_line(found: re.Match[str]) -> str:
    return " " if found.group() in "\n\r\t" else _picture(found.group())


def _replace_in_log(found: re.Match[str]) -> str:
    if found.group() == "\a":  # a terminal shows nothing
        return ""
    return "\t" if found.group() == "\t" else _picture(found.group())


def _picture(character: str) -> str:
    code = ord(character)
    if code == _DELETE:
        return _DELETE_PICTURE
    if code < 0x20:  # noqa: PLR2004 - the C0 block
        return chr(_CONTROL_PICTURES + code)
    return f"<U+{code:04X}>"
