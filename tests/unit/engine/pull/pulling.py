"""Run one pull on a scripted engine, and keep its events."""

from collections.abc import Generator, Iterator
from typing import Any

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.pull.pull import pull
from imagewidget.progress.events import AttemptStarted, Event, Image, LogWritten
from tests.scripted import Answer, ScriptedEngine, refusal

ID = "sha256:" + "deadbeef" * 8
DIGEST = "sha256:" + "1" * 64
REGISTRIES = ("ghcr.io", "docker.io")

SERVED = Answer(
    [
        {"status": "Pulling from owner/env", "id": "1"},
        {"status": "Pulling fs layer", "progressDetail": {}, "id": "0123456789ab"},
        {"status": "Pull complete", "progressDetail": {}, "id": "0123456789ab"},
        {"status": f"Digest: {DIGEST}"},
        {"status": "Status: Downloaded newer image for owner/env:1"},
    ],
)
NOT_FOUND = refusal(404, "manifest for owner/env:1 not found: manifest unknown")
DOWN = refusal(500, "received unexpected HTTP status: 500 Internal Server Error")
LIMITED = refusal(500, "toomanyrequests: You have reached your pull rate limit.")
DENIED = refusal(500, "unauthorized: authentication required")


class NoWait(Cancellation):
    """A cancellation that records the waits instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.check()


class Run:
    """One complete pull: its events, its waits, and the image or the error."""

    def __init__(
        self, scripted: ScriptedEngine, reference: str = "owner/env:1", **options: Any
    ) -> None:
        self.cancel = NoWait()
        self.events: list[Event] = []
        self.image: Image | None = None
        self.error: DockerError | None = None
        events = pull(scripted.client, reference, **{"cancel": self.cancel, **options})
        try:
            self.events.extend(self._keeping_image(events))
        except DockerError as error:
            self.error = error

    def _keeping_image(self, events: Generator[Event, None, Image]) -> Iterator[Event]:
        self.image = yield from events

    @property
    def attempts(self) -> list[tuple[str, int]]:
        """The registry and the number of each try."""
        return [(e.registry, e.number) for e in self.events if isinstance(e, AttemptStarted)]

    @property
    def log(self) -> str:
        return "".join(e.text for e in self.events if isinstance(e, LogWritten))
