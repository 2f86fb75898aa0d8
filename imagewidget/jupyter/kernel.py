"""The Jupyter kernel that this code runs in, if it runs in one."""

from __future__ import annotations

import os
import sys
from typing import Any

from imagewidget.jupyter.ipykernel_parts import allows_input, kernel_of


def kernel() -> Any:
    """Give the kernel, or None outside of one. Imports nothing."""
    return kernel_of(_shell())


def cell() -> int | None:
    """Give the number of the cell that runs now, None outside of a kernel."""
    return _shell().execution_count if kernel() is not None else None


def is_headless() -> bool:
    """Whether there is a kernel, and it is shut down as soon as the last cell ends.

    nbclient, and with it papermill and nbconvert, allows no input. So does
    Voila, but there a person looks on.
    """
    return not allows_input(kernel()) and "VOILA_BASE_URL" not in os.environ


def is_colab() -> bool:
    """Whether this is a notebook in Google Colab."""
    return "google.colab" in sys.modules


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    get_ipython = getattr(ipython, "get_ipython", None)  # absent while it is being imported
    return get_ipython() if get_ipython is not None else None
