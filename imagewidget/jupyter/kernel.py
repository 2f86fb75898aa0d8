"""The Jupyter kernel that this code runs in, if it runs in one."""

from __future__ import annotations

import sys
from typing import Any

from imagewidget.jupyter.ipykernel_parts import kernel_of


def kernel() -> Any:
    """Give the kernel, or None outside of one. Imports nothing."""
    return kernel_of(_shell())


def cell() -> int | None:
    """Give the number of the cell that runs now, None outside of a kernel."""
    return _shell().execution_count if kernel() is not None else None


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    get_ipython = getattr(ipython, "get_ipython", None)  # absent while it is being imported
    return get_ipython() if get_ipython is not None else None
