"""Output for the person who started the rig."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Write a line to stderr; stdout is reserved for results."""
    sys.stderr.write(f"rig: {text}\n")
    sys.stderr.flush()


def result(text: str) -> None:
    """Write a line to stdout."""
    sys.stdout.write(f"{text}\n")
