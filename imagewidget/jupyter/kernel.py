"""The Jupyter kernel that this code runs in, if any."""

from __future__ import annotations

import os
import sys
from typing import Any

from imagewidget.jupyter.ipykernel_parts import allows_input, kernel_of, request_metadata_of


def kernel() -> Any:
    """Return the kernel, or None outside of one, without importing anything."""
    return kernel_of(_shell())


def cell() -> int | None:
    """Return the number of the running cell, or None outside of a kernel."""
    return _shell().execution_count if kernel() is not None else None


def request_metadata() -> dict[str, Any]:
    """Return the metadata that the front end sent with the running cell; empty if there is none."""
    return request_metadata_of(kernel())


def is_headless() -> bool:
    """Return whether there is a kernel that is shut down as soon as the last cell ends.

    Such are the kernels of nbclient, and thus of papermill and nbconvert, which allow no
    input. Neither do those of Voila, but there a person is watching.
    """
    return not allows_input(kernel()) and "VOILA_BASE_URL" not in os.environ


def is_colab() -> bool:
    """Return whether this is a notebook in Google Colab."""
    return "google.colab" in sys.modules


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    get_ipython = getattr(ipython, "get_ipython", None)  # absent while it is being imported
    return get_ipython() if get_ipython is not None else None
