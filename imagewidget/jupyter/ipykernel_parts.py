"""The private parts of ipykernel that this package uses.

ipykernel is not a dependency of this package: it is present where a kernel is, in a
version that somebody else chose. So each function checks that a part exists before
using it. The parts are used only in this module; `tests/unit/test_private_parts.py`
lists them.
"""

from __future__ import annotations

from typing import Any


def kernel_of(shell: Any) -> Any:
    """Return the kernel that an IPython shell belongs to; None in a terminal."""
    return getattr(shell, "kernel", None)


def request_metadata_of(kernel: Any) -> dict[str, Any]:
    """Return the metadata of the request that a kernel is executing; empty if there is none."""
    get_parent = getattr(kernel, "get_parent", None)
    request = get_parent("shell") if get_parent is not None else None
    metadata = request.get("metadata") if isinstance(request, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def allows_input(kernel: Any) -> bool:
    """Return whether the person who runs the cells can be asked for input."""
    return bool(getattr(kernel, "_allow_stdin", True))


def handle_where_sent(comm: Any) -> None:
    """Have a comm's messages handled by the shell to which they were sent.

    ipykernel 7.4.0 passes them to the shell that last published on the comm instead.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _where_it_was_sent


def take_on_control(kernel: Any) -> bool:
    """Have a kernel accept comm messages on its control channel; return False if it cannot."""
    handlers = getattr(kernel, "control_handlers", None)
    handle = getattr(getattr(kernel, "comm_manager", None), "comm_msg", None)
    if not isinstance(handlers, dict) or handle is None:
        return False
    handlers.setdefault("comm_msg", handle)
    return True


def _where_it_was_sent(_data: object, default: Any) -> Any:
    return default
