"""Where a front end's messages are handled, while the kernel computes a cell."""

from __future__ import annotations

from typing import Any

from imagewidget.jupyter.kernel import kernel


def answer_while_busy(widget: Any) -> None:
    """Let messages of the browser, to a widget and those in it, be handled where it sent them.

    JupyterLab 4.4 and later send widget messages to a subshell, so that they are
    handled while a cell runs. ipykernel 7.4.0 hands a comm's messages to the
    shell that last published on it instead: for a panel that is the busy one, and
    for two fields of a form it may be two, which handle them out of their order.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = _where_it_was_sent  # noqa: SLF001
    for child in getattr(widget, "children", ()):
        answer_while_busy(child)


def listen_on_control(widget: Any) -> str:
    """Let a widget's messages come over the kernel's control channel, too.

    A front end that sends nothing to subshells (Voila, older JupyterLabs), and a
    kernel that has none (ipykernel 6), leave a message until the cell has ended.
    But a kernel reads its control channel on a thread of its own; `comm_msg` is
    only not among what it knows there.

    Returns:
        The id to send them to; "" where there is no such kernel.
    """
    here = kernel()
    handlers, comms = (getattr(here, name, None) for name in ("control_handlers", "comm_manager"))
    if not isinstance(handlers, dict) or comms is None:
        return ""
    handlers.setdefault("comm_msg", comms.comm_msg)
    return str(widget.model_id or "")


def _where_it_was_sent(_data: object, default: Any) -> Any:
    return default
