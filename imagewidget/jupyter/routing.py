"""Where a front end's messages are handled while the kernel is running a cell."""

from __future__ import annotations

from typing import Any

from imagewidget.jupyter.ipykernel_parts import handle_where_sent, take_on_control
from imagewidget.jupyter.kernel import kernel


def answer_while_busy(widget: Any) -> None:
    """Have the browser's messages to a widget and its children handled where they were sent.

    JupyterLab 4.4 and later send widget messages to a subshell, so that they are
    handled while a cell is running. ipykernel 7.4.0 passes a comm's messages to the
    shell that last published on it instead: for a panel that is the busy one, and
    for two fields of a form they may be two, which handle them out of order.
    """
    handle_where_sent(widget.comm)
    for child in getattr(widget, "children", ()):
        answer_while_busy(child)


def accept_on_control() -> bool:
    """Accept widgets' messages over the kernel's control channel, too.

    With a front end that does not use subshells (Voila, older JupyterLabs) or a kernel
    that has none (ipykernel 6), a message waits until the cell has ended. A kernel reads
    its control channel on a separate thread, but does not handle `comm_msg` there yet.

    Returns:
        Whether the kernel accepts them.
    """
    return take_on_control(kernel())
