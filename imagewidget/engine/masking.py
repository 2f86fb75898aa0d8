"""Mask known secret values in all text that is shown or stored.

A value is masked line by line, verbatim and in the encodings that tools
commonly print: JSON escapes, URL and shell quoting, and base64 in both alphabets
at each of the three alignments, so that a password is also found inside the
base64 of `user:password`. In a secret file, the parts that are secret on their
own are masked too: what follows the `=` of `TOKEN=…` or the `:` of `token: …`,
the password in a URL or a `.netrc`, and every string of a JSON document.

Values shorter than :data:`SHORTEST` characters are not masked: two or three
letters occur in any log by chance, so masking them would shred the log, and the
positions of the stars would reveal the value.
"""

from __future__ import annotations

import base64
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote, urlsplit

MASK = "***"
"""The replacement for a secret."""

SHORTEST = 4
"""The minimum length of a value, or of a line of one, to be masked; in characters."""

_SHORTEST_PART = 8
"""The minimum length of a part of a line, or of an encoded form; in characters."""

_COMPARED = 64
"""How many characters to compare first; most texts differ from every secret before that."""

_BASE64_LINES = (64, 76)
"""The line lengths of `openssl` and `base64`."""

_GO_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "&<>"}
"""The characters that Go's `encoding/json` escapes although JSON does not require it."""

_SHELL_QUOTES = ("'\\''", "'\"'\"'")
"""How a `'` is written within single quotes: by `set -x`, and by Python's `shlex`."""

_YAML = re.compile(r"[\w.-]+:\s+(\S.*)")
_NETRC = re.compile(r"(?:^|\s)password\s+(\S+)")


class Masker:
    """Masks a fixed set of values in complete strings and in streams of pieces.

    The cost is one lookup for every four consecutive characters of a string, and a
    binary search among the secrets where one of them begins with those.

    Args:
        values: The secrets, as str or bytes.
    """

    def __init__(self, values: Iterable[str | bytes] = ()) -> None:
        forms = {form for value in values for form in _forms(value) if len(form) >= SHORTEST}
        self._sorted = sorted(forms)
        self._first = frozenset(form[0] for form in forms)
        self._longest = max(map(len, forms), default=0)
        self._starts = frozenset(tuple(form[:SHORTEST]) for form in forms)
        self._within = _longest_beginnings(self._sorted)
        self._held: dict[Hashable, str] = {}

    def __bool__(self) -> bool:
        return bool(self._sorted)

    def __repr__(self) -> str:
        return "Masker(…)"

    def mask(self, text: str) -> str:
        """Mask a complete text."""
        return _masked(text, self._spans(text), len(text))

    def feed(self, text: str, key: Hashable = None) -> str:
        """Mask a piece of the stream `key`.

        Text that may be the beginning of a secret is held back until more
        arrives, or until :meth:`flush`; everything else is returned at once.
        """
        if not self._sorted:
            return text
        text = self._held.pop(key, "") + text
        spans = list(self._spans(text))
        end = self._safe_end(text, spans)
        if end < len(text):
            self._held[key] = text[end:]
        return _masked(text, spans, end)

    def flush(self, key: Hashable = None) -> str:
        """Return the text held back from the stream `key`, masked."""
        return self.mask(self._held.pop(key, ""))

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Find the spans of a string that secrets cover; overlapping spans are merged."""
        starts = self._starts
        if not starts:
            return
        fours = zip(text, text[1:], text[2:], text[3:], strict=False)
        begin = covered = 0
        for position in [index for index, four in enumerate(fours) if four in starts]:
            length = self._length_at(text, position)
            if not length:
                continue
            if position >= covered:
                if covered:
                    yield begin, covered
                begin = position
            covered = max(covered, position + length)
        if covered:
            yield begin, covered

    def _safe_end(self, text: str, spans: list[tuple[int, int]]) -> int:
        """Find the position in `text` after which a secret may have begun.

        No form contains a line break, so only the last line matters. If the
        beginning lies inside a complete secret, that secret is held back as well,
        because both become a single mask.
        """
        line = max(text.rfind("\n"), text.rfind("\r")) + 1
        for position in range(max(line, len(text) - self._longest + 1), len(text)):
            if text[position] in self._first and self._is_beginning(text, position):
                around = (start for start, end in spans if start < position < end)
                return next(around, position)
        return len(text)

    def _length_at(self, text: str, position: int) -> int:
        """Return the length of the longest form at a position; 0 if there is none."""
        compared = self._alike(text, position)
        index = bisect_right(self._sorted, compared) - 1
        # A form that `compared` begins with begins every form between the two as well.
        while index >= 0 and not compared.startswith(self._sorted[index]):
            index = self._within[index]
        return len(self._sorted[index]) if index >= 0 else 0

    def _is_beginning(self, text: str, position: int) -> bool:
        """Whether the rest of `text` is the beginning of a longer form."""
        compared = self._alike(text, position)
        index = bisect_right(self._sorted, compared)
        return (
            position + len(compared) == len(text)
            and index < len(self._sorted)
            and self._sorted[index].startswith(compared)
        )

    def _alike(self, text: str, position: int) -> str:
        """Return so much of the rest of `text` that no form begins with more of it."""
        length = _COMPARED
        while True:
            compared = text[position : position + length]
            index = bisect_left(self._sorted, compared)
            is_beginning = index < len(self._sorted) and self._sorted[index].startswith(compared)
            if len(compared) < length or not is_beginning:
                return compared
            length *= 2


def _longest_beginnings(forms: list[str]) -> list[int]:
    """Return for each of the sorted forms the index of the longest other one that begins it."""
    found: list[int] = []
    for index, form in enumerate(forms):
        other = index - 1
        while other >= 0 and not form.startswith(forms[other]):
            other = found[other]
        found.append(other)
    return found


def _masked(text: str, spans: Iterable[tuple[int, int]], end: int) -> str:
    """Replace every span with the mask, up to `end`."""
    out = []
    position = 0
    for start, stop in spans:
        if start >= end:
            break
        out += [text[position:start], MASK]
        position = stop
    return "".join((*out, text[position:end])) if out else text[:end]


def _forms(value: str | bytes) -> Iterator[str]:
    """Yield every form in which a value may appear."""
    data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    text = data.decode("utf-8", "replace")
    yield from _base64_forms(data.strip())
    for line in (*text.splitlines(), *_json_lines(text)):
        yield from _line_forms(line.strip())


def _line_forms(line: str) -> Iterator[str]:
    if len(line) < SHORTEST:
        return
    for part in (line, *_parts(line)):
        escaped = json.dumps(part)[1:-1]
        yield from (part, escaped, json.dumps(part, ensure_ascii=False)[1:-1])
        yield escaped.translate(_GO_ESCAPES)
        yield from (part.replace("'", quoted) for quoted in _SHELL_QUOTES)
        yield from (quote(part), quote(part, safe=""), quote_plus(part))
        yield from _base64_forms(part.encode("utf-8", "surrogateescape"))


def _parts(line: str) -> Iterator[str]:
    """Yield the parts of a line that are secret on their own: named values and passwords."""
    value = line.partition("=")[2].strip().strip("\"'")
    named = _YAML.match(line)
    for part in (value, named[1].strip("\"'") if named else ""):
        if len(part) >= _SHORTEST_PART:
            yield part
    yield from (part for part in _NETRC.findall(line) if len(part) >= SHORTEST)
    for word in (*line.split(), value):
        if "://" in word and "@" in word:
            try:
                password = urlsplit(word.strip("\"'")).password or ""
            except ValueError:
                continue
            yield from (part for part in (password, unquote(password)) if len(part) >= SHORTEST)


def _json_lines(text: str) -> Iterator[str]:
    """Yield the lines of every string in a JSON document; nothing if `text` is not JSON."""
    try:
        found = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    for value in found:  # the list grows during the loop
        if isinstance(value, dict):
            found += value.values()
        elif isinstance(value, list):
            found += value
        elif isinstance(value, str) and len(value) >= _SHORTEST_PART:
            yield from value.splitlines()


def _base64_forms(data: bytes) -> Iterator[str]:
    """Yield the base64 of `data` as it appears in the base64 of longer data.

    It is encoded with 0, 1 and 2 bytes before it; the characters that depend on
    the neighbouring bytes are left out.
    """
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        whole = (before + len(data)) * 8 // 6
        form = encoded[(before * 8 + 5) // 6 : whole]
        pieces = [form]
        if not before:
            pieces += [
                form[start : start + width]
                for width in _BASE64_LINES
                for start in range(0, len(form), width)
            ]
        for piece in pieces:
            if len(piece) >= _SHORTEST_PART:
                yield piece
                yield piece.replace("+", "-").replace("/", "_")
