"""Whatever of ipykernel is used without a promise that it stays.

ipykernel is no dependency of this package: it is there where a kernel is, in a
version that others chose. So each of these looks before it touches, and says so
when there is nothing. They are used here and nowhere else:
`tests/unit/test_private_parts.py` names them.
"""

from __future__ import annotations

from typing import Any


def kernel_of(shell: Any) -> Any:
    """Return the kernel that an IPython shell belongs to; None in a terminal."""
    return getattr(shell, "kernel", None)


def allows_input(kernel: Any) -> bool:
    """Whether who runs the cells can be asked something."""
    return bool(getattr(kernel, "_allow_stdin", True))


def handle_where_sent(comm: Any) -> None:
    """Let a comm's messages be handled by the shell that they were sent to.

    ipykernel 7.4.0 hands them to the shell that last published on the comm instead.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _where_it_was_sent


def take_on_control(kernel: Any) -> bool:
    """Let a kernel take comms' messages on its control channel; False if it cannot."""
    handlers = getattr(kernel, "control_handlers", None)
    handle = getattr(getattr(kernel, "comm_manager", None), "comm_msg", None)
    if not isinstance(handlers, dict) or handle is None:
        return False
    handlers.setdefault("comm_msg", handle)
    return True


def _where_it_was_sent(_data: object, default: Any) -> Any:
    return default
