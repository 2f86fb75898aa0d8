"""Measure what a real kernel publishes on its IOPub socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

_PATIENCE = 60_000  # ms without a message


@dataclass(frozen=True)
class Message:
    """One message of a widget or an output.

    Attributes:
        kind: Its type, such as `comm_open`.
        comm: The id of the comm it belongs to; empty for an output.
        at: When the kernel created it, in seconds.
        size: The size of all its parts in bytes: signature, headers, content and buffers.
    """

    kind: str
    comm: str
    at: float
    size: int


class Kernel:
    """A running kernel, with access to everything it publishes while a cell runs."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def run(self, code: str) -> list[Message]:
        """Run a cell, and return the messages published until it ended, from any thread.

        Raises:
            RuntimeError: The cell failed, or the kernel stopped answering.
        """
        cell = self._client.execute(code)
        socket, session = self._client.iopub_channel.socket, self._client.session
        seen: list[Message] = []
        while socket.poll(_PATIENCE):
            parts = socket.recv_multipart()
            message = session.deserialize(session.feed_identities(parts)[1])
            kind, content = message["msg_type"], message["content"]
            is_of_cell = message["parent_header"].get("msg_id") == cell
            if kind == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            if kind.startswith("comm_") or kind.endswith("display_data"):
                at, size = message["header"]["date"].timestamp(), sum(map(len, parts))
                seen.append(Message(kind, content.get("comm_id", ""), at, size))
            if kind == "status" and is_of_cell and content["execution_state"] == "idle":
                return seen
        raise RuntimeError("the kernel does not answer")

    def tell(self, comm: str, content: dict[str, object]) -> None:
        """Send a custom message to a widget, as a view would."""
        data = {"method": "custom", "content": content}
        message = self._client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        self._client.shell_channel.send(message)


@contextmanager
def started() -> Iterator[Kernel]:
    """Start a kernel, and shut it down at the end."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def busiest_second(messages: list[Message]) -> int:
    """Return the highest number of messages created within any second."""
    times = sorted(message.at for message in messages)
    return max((sum(a <= b < a + 1 for b in times[i:]) for i, a in enumerate(times)), default=0)
