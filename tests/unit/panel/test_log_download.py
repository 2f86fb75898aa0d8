"""The whole log can be downloaded in parts."""

from __future__ import annotations

import zlib

import pytest

from imagewidget.panel import log_download
from tests.unit.panel.peer import FakeJob, Wire


def test_two_downloads_do_not_disturb_each_other(
    wire: Wire, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagewidget.panel.log_download.PART_BYTES", 1_000)
    text = "".join(f"line {i * i * 7919} of the log\n" for i in range(2_000))
    wire.open(job)
    job.log.append(text)
    files = {1: b"", 2: b""}
    under_way, part = [1, 2], 0
    while under_way:
        for download in tuple(under_way):
            answer = wire.ask(type="download", id=download, part=part)
            files[download] += wire.buffers[-1]
            if answer["last"]:
                under_way.remove(download)
        part += 1
    for file in files.values():
        assert zlib.decompress(file, 16 + zlib.MAX_WBITS).decode() == text


def test_the_oldest_of_too_many_downloads_is_dropped(
    wire: Wire, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagewidget.panel.log_download.PART_BYTES", 0)
    wire.open(job)
    job.log.append("a\nb\nc\n")
    for download in range(log_download.DOWNLOADS_AT_ONCE + 1):
        assert not wire.ask(type="download", id=download, part=0)["last"]
    assert wire.ask(type="download", id=0, part=1)["last"]
    assert not wire.ask(type="download", id=1, part=1)["last"]


def test_the_parts_of_a_download_are_the_whole_log(
    wire: Wire, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagewidget.panel.log_download.PART_BYTES", 20_000)
    text = "".join(f"line {i * i * 7919} of the log\n" for i in range(20_000))
    wire.open(job)
    job.log.append(text)
    part = 0
    while not wire.ask(type="download", id=9, part=part)["last"]:
        part += 1
    assert part > 2
    assert zlib.decompress(b"".join(wire.buffers), 16 + zlib.MAX_WBITS).decode() == text
