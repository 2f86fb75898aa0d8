"""Where a front end's messages are handled, while the kernel computes a cell."""

from __future__ import annotations

from typing import Any

from imagewidget.jupyter.ipykernel_parts import handle_where_sent, take_on_control
from imagewidget.jupyter.kernel import kernel


def answer_while_busy(widget: Any) -> None:
    """Let messages of the browser, to a widget and those in it, be handled where it sent them.

    JupyterLab 4.4 and later send widget messages to a subshell, so that they are
    handled while a cell runs. ipykernel 7.4.0 hands a comm's messages to the
    shell that last published on it instead: for a panel that is the busy one, and
    for two fields of a form it may be two, which handle them out of their order.
    """
    handle_where_sent(widget.comm)
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
    return str(widget.model_id or "") if take_on_control(kernel()) else ""
