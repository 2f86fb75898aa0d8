"""Where a front end's messages are handled, while the kernel computes a cell."""

from __future__ import annotations

from typing import Any


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


def _where_it_was_sent(_data: object, default: Any) -> Any:
    return default
