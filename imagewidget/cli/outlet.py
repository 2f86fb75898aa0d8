"""A standard stream, whose reader may go away before the command has ended."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO, cast

from imagewidget.cli import exit_codes


class Outlet(io.TextIOBase):
    """Writes to a stream, and keeps the first error.

    Attributes:
        error: Why the stream cannot be written to any more, such as a BrokenPipeError
            after `| head -1`; None while it can.
        is_muted: Whether to discard what is written.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.error: OSError | None = None
        self.is_muted = False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def text(self) -> TextIO:
        """The same, for functions whose argument must be a TextIO."""
        return cast("TextIO", self)

    def writable(self) -> bool:
        """Return True: it is only for writing."""
        return True

    def write(self, text: str, /) -> int:
        """Write text.

        Raises:
            OSError: The stream cannot be written to.
        """
        if self.is_muted:
            return len(text)
        try:
            return self._stream.write(text)
        except OSError as error:
            self._lose(error)
            raise

    def flush(self) -> None:
        """Pass on what has been written.

        Raises:
            OSError: The stream cannot be written to.
        """
        try:
            self._stream.flush()
        except OSError as error:
            self._lose(error)
            raise

    def try_to_write(self, text: str) -> None:
        """Write text at once; keep the error if that fails."""
        with contextlib.suppress(OSError):
            self.write(text)
            self.flush()

    def _lose(self, error: OSError) -> None:
        """Keep the error, and discard what is still buffered: Python flushes it at exit."""
        self.error = self.error or error
        with contextlib.suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)


def unwritable(error: OSError) -> int:
    """Return the exit code for output that was lost; quietly if nobody reads it any more."""
    for stream in (sys.stdout, sys.stderr):
        Outlet(stream).try_to_write("")  # discards what is left in the one that is broken
    if isinstance(error, BrokenPipeError):
        return exit_codes.BROKEN_PIPE
    Outlet(sys.stderr).try_to_write(f"✗ The output cannot be written: {error.strerror}.\n")
    return exit_codes.FAILED
