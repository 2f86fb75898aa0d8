"""Skip what this machine cannot run, with a reason.

With ``IMAGEWIDGET_LEAVE_NOTHING_OUT=1``, which `.ci/run` sets, such a test fails instead, so a
green run has run everything.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

NOTHING = "IMAGEWIDGET_LEAVE_NOTHING_OUT"


def leave_out(what: str, reason: str) -> NoReturn:
    """Skip or fail the test that needs `what`; pytest's summary lists each reason once."""
    text = f"left out: {what}: {reason}"
    if os.environ.get(NOTHING) == "1":
        pytest.fail(text, pytrace=False)
    pytest.skip(text)
