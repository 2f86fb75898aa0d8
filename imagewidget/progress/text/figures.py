"""Numbers formatted for people, the same on every display.

The twin is `panel/frontend/src/kit/format.ts`; both are tested with
`tests/fixtures/figures.json`.
"""

from __future__ import annotations

from math import ceil, floor

_UNITS = ("B", "kB", "MB", "GB", "TB")
_THOUSAND = 1000
_MINUTE = 60
_HOUR = 3600
_THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"


def size(count: float) -> str:
    """Return bytes in decimal units with three digits, as Docker does: `1.23 MB`, `240 MB`."""
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:  # noqa: PLR2004 - would be 1000
        value /= _THOUSAND
        unit += 1
    digits = 0 if unit == 0 or value >= 99.95 else 1 if value >= 9.995 else 2  # noqa: PLR2004
    return f"{_rounded(value, digits)} {_UNITS[unit]}"


def progress(done: float, total: float | None, *, is_final: bool = True) -> str:
    """Return bytes done of a total: `12.3 / 45.6 MB`, `12.3 MB / ≥ 45.6 MB` or `12.3 MB`."""
    here = size(done)
    if not total:
        return here
    whole = size(total)
    unit = here[here.index(" ") :]
    if is_final and whole.endswith(unit):
        here = here.removesuffix(unit)
    return f"{here} / {'' if is_final else '≥ '}{whole}"


def duration(seconds: float) -> str:
    """Return seconds as `0.4 s`, `12 s`, `3 m 05 s` or `1 h 02 m`."""
    if seconds < 9.95:  # noqa: PLR2004 - below, tenths matter
        return f"{_rounded(seconds, 1)} s"
    whole = floor(seconds + 0.5)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} m {whole % _MINUTE:02} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} m"


def left(seconds: float) -> str:
    """Return the time left as one round number: it is an estimate, and looks like one."""
    if seconds < 1:
        return "almost done"
    if seconds < _MINUTE:
        return f"{ceil(seconds)} s left"
    if seconds < _HOUR:
        return f"{ceil(seconds / _MINUTE)} min left"
    return f"{_rounded(ceil(seconds / _HOUR * 10) / 10, 1).removesuffix('.0')} h left"


def count(number: int) -> str:
    """Return a number with its digits in groups of three."""
    return f"{number:,}".replace(",", _THIN_SPACE)


def bar(fraction: float, width: int = 20) -> str:
    """Return a bar made of text, such as `█████░░░░░`; full only at 1."""
    full = min(width, max(0, int(fraction * width)))
    return "█" * full + "░" * (width - full)


def percent(fraction: float) -> str:
    """Return a fraction as `45 %`; `100 %` only at 1."""
    return f"{int(min(1.0, max(0.0, fraction)) * 100)} %"


def _rounded(value: float, digits: int) -> str:
    """Round half up, as the browser does; `format` rounds half to even."""
    scale = 10**digits
    return f"{floor(value * scale + 0.5) / scale:.{digits}f}"
