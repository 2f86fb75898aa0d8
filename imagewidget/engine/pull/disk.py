"""What a pull needs to know of the engine's disk, asked while the layers are downloaded.

An image that is up to date costs no further request, and one that is not waits for none.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client
from imagewidget.engine.connection.info import Storage
from imagewidget.engine.failure.errors import DiskFull, DockerError, Stalled, default_hint
from imagewidget.progress.events import BuildWarned, Event, LayerChanged, LayerPhase
from imagewidget.progress.text.figures import size

# What an engine keeps of an attempt that did not end, as measured on each.
_KEPT = {
    "graphdriver": "its layers will be downloaded again",
    "containerd": "anything already downloaded is kept",
    "podman": "layers that are complete are kept",
}
_AGAIN = "Check the network, then try again"


class DiskWatch:
    """Follows the layers of a pull, and warns if the engine's disk is too small for them.

    Close it after the pull.

    Args:
        client: The engine that pulls.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._cancel = Cancellation()
        self._storage: Storage | None = None
        self._sizes: dict[str, int] = {}
        self._is_asked = False
        self._has_warned = False

    def close(self) -> None:
        """Abandon a query that has not been answered yet."""
        self._cancel.request()

    def restart(self) -> None:
        """Forget the layers of an earlier attempt."""
        self._sizes = {}

    def follow(self, event: Event) -> Iterator[Event]:
        """Yield a warning, once, as soon as the sizes that are known exceed the free space."""
        if not isinstance(event, LayerChanged):
            return
        if event.phase is LayerPhase.CACHED:
            self._sizes.pop(event.id, None)
            return
        if not self._is_asked:
            self._is_asked = True
            threading.Thread(target=self._ask, name="imagewidget-disk", daemon=True).start()
        if event.phase is LayerPhase.DOWNLOADING and event.total:
            self._sizes[event.id] = event.total
        warning = self._warning()
        if warning is not None:
            self._has_warned = True
            yield warning

    def hint(self) -> str:
        """Return the hint of a pull that stalled: what the engine keeps of it."""
        if not self._is_asked or self._storage is None:
            return default_hint(Stalled)
        return f"{_AGAIN}; {_KEPT[self._storage.store]}."

    def _ask(self) -> None:
        try:
            self._storage = self._client.storage(cancel=self._cancel)
        except DockerError:
            return  # the pull itself reports an engine that fails

    def _warning(self) -> BuildWarned | None:
        storage = self._storage
        if self._has_warned or storage is None or storage.free is None:
            return None
        needed = sum(self._sizes.values())
        if storage.store == "containerd":
            needed *= 2  # it keeps the compressed layers too
        if needed <= storage.free:
            return None
        return BuildWarned(
            f"The image needs at least {size(needed)} on the engine's disk, which has "
            f"{size(storage.free)} free.",
            detail=default_hint(DiskFull),
        )
