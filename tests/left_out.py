"""What this machine cannot run is left out, and the reason is said.

With ``IMAGEWIDGET_LEAVE_NOTHING_OUT=1``, which `.ci/run` sets, that is a failure instead: a run
that ends green has then run everything.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

NOTHING = "IMAGEWIDGET_LEAVE_NOTHING_OUT"


def leave_out(what: str, reason: str) -> NoReturn:
    """Skip the test that needs `what`, or fail it; pytest's summary says each reason once."""
    text = f"left out: {what}: {reason}"
    if os.environ.get(NOTHING) == "1":
        pytest.fail(text, pytrace=False)
    pytest.skip(text)
