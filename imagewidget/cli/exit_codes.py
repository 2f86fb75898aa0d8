"""The exit codes, and their documentation."""

from __future__ import annotations

SUCCESS = 0
FAILED = 1
USAGE = 2
NO_ENGINE = 3
BROKEN_PIPE = 141  # as a shell reports a process that SIGPIPE has ended

MEANINGS = (
    ("0", "success"),
    ("1", "the job failed, or the output cannot be written; for exists: the image is not there"),
    ("2", "wrong usage, or an argument is not valid; nothing was started"),
    ("3", "no engine can be reached"),
    ("130", "cancelled with Ctrl-C; press it twice to leave at once"),
    ("141", "the reader of standard output has closed it; the job was cancelled"),
    ("143", "cancelled with SIGTERM"),
)
