"""The command line as a real process, in a pipe or in a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from typing_extensions import Self

from tests.unit.cli.screen import Screen
from tests.unit.tree import ROOT

IMAGEWIDGET = (sys.executable, "-m", "imagewidget")
ROWS, COLUMNS = 24, 80
# With the terminal as its controlling terminal, so that Ctrl-C typed there is a signal.
_IN_SESSION = ("setsid", "--ctty")
_LIMIT = 120
_DURATION = re.compile(r"\d+(?:\.\d)? s\b")


def settings() -> dict[str, str]:
    """Return the environment of the process, without settings of whoever runs the tests.

    It imports what the tests import: also another click, put in front on PYTHONPATH.
    """
    kept = {name: os.environ[name] for name in ("PATH", "DOCKER_CONFIG") if name in os.environ}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "LANG": "C.UTF-8", "TERM": "xterm-256color"}


class Process:
    """A running command, whose output is read as it comes.

    Attributes:
        out: Standard output so far; in a terminal, everything that the terminal received.
        err: Standard error so far.
    """

    def __init__(
        self, words: Sequence[str | Path], folder: Path, *, in_terminal: bool = False
    ) -> None:
        self.out, self.err = "", ""
        self._grown = threading.Condition()
        self._readers: list[threading.Thread] = []
        options: dict[str, Any] = {"cwd": folder, "env": settings()}
        if in_terminal:
            self._terminal, inside = os.openpty()
            size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
            fcntl.ioctl(inside, termios.TIOCSWINSZ, size)
            self._process = subprocess.Popen(
                [*_IN_SESSION, *words], stdin=inside, stdout=inside, stderr=inside, **options
            )
            os.close(inside)
            self._read("out", self._terminal)
        else:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True, **options,
            )  # fmt: skip
            assert self._process.stdout
            assert self._process.stderr
            self._read("out", os.dup(self._process.stdout.fileno()))
            self._read("err", os.dup(self._process.stderr.fileno()))
            self._process.stdout.close()
            self._process.stderr.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self.end()

    @property
    def screen(self) -> list[str]:
        """What the terminal shows, with `TIME` for durations."""
        return [timeless(line) for line in Screen().feed(self.out).lines]

    def wait_for(self, text: str) -> None:
        """Wait until the output or, in a terminal, the screen contains `text`."""
        with self._grown:
            found = self._grown.wait_for(lambda: self._contains(text), _LIMIT)
        assert found, f"{text!r} is missing in {self.out + self.err!r}"

    def signal(self, number: int) -> None:
        """Send a signal to the process group, as a terminal does."""
        os.killpg(self._process.pid, number)

    def press(self, key: str) -> None:
        """Type a key in the terminal."""
        os.write(self._terminal, key.encode())

    def end(self) -> int:
        """Wait for the end, and return the exit code."""
        code = self._process.wait(_LIMIT)
        for reader in self._readers:
            reader.join(_LIMIT)
        return code

    def _contains(self, text: str) -> bool:
        shown = "\n".join(self.screen) if "\x1b" in self.out else self.out
        return text in shown or text in self.err

    def _read(self, name: str, descriptor: int) -> None:
        reader = threading.Thread(target=self._keep, args=(name, descriptor))
        reader.start()
        self._readers.append(reader)

    def _keep(self, name: str, descriptor: int) -> None:
        kept = b""
        for chunk in _chunks(descriptor):
            kept += chunk
            with self._grown:
                setattr(self, name, kept.decode(errors="ignore").replace("\r\n", "\n"))
                self._grown.notify_all()
        os.close(descriptor)


def timeless(text: str) -> str:
    """Return text with `TIME` in place of durations, which the clock determines."""
    return _DURATION.sub("TIME", text)


def _chunks(descriptor: int) -> Iterator[bytes]:
    with contextlib.suppress(OSError):  # the end of a terminal
        while chunk := os.read(descriptor, 1 << 16):
            yield chunk
