"""What the rig tells the person who started it."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """One line on stderr: stdout belongs to results."""
    sys.stderr.write(f"rig: {text}\n")
    sys.stderr.flush()


def result(text: str) -> None:
    """One line on stdout."""
    sys.stdout.write(f"{text}\n")
