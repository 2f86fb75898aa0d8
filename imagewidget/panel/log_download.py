"""The whole log as a gzip file, in parts that are sent one at a time."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from imagewidget.progress.log import Log

DOWNLOADS_AT_ONCE = 4
"""The number of downloads that may be under way; with one more, the oldest is dropped."""

PART_BYTES = 256 * 1024
"""Compressed bytes in one part of a download: a server drops data faster than 1 MB/s."""

_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Part:
    """One part of a gzip file."""

    data: bytes
    is_last: bool


_NOTHING = Part(b"", is_last=True)


class Downloads:
    """Provides the log as a gzip file, part by part, to several views at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[int, Iterator[tuple[int, Part]]] = {}

    def part(self, log: Log, download: int, number: int) -> Part:
        """Return part `number` of `download`; a request out of order ends the download."""
        with self._lock:
            if number == 0:
                self._under_way.pop(download, None)
                self._under_way[download] = enumerate(_compress(log))
                if len(self._under_way) > DOWNLOADS_AT_ONCE:
                    del self._under_way[next(iter(self._under_way))]
            found, part = next(self._under_way.get(download, iter(())), (-1, _NOTHING))
            if found != number or part.is_last:
                self._under_way.pop(download, None)
            return part if found == number else _NOTHING


def _compress(log: Log) -> Iterator[Part]:
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    data = bytearray()
    for text in log.whole():
        data += packer.compress(f"{text}\n".encode())
        if len(data) >= PART_BYTES:
            yield Part(bytes(data), is_last=False)
            data.clear()
    yield Part(bytes(data) + packer.flush(), is_last=True)
