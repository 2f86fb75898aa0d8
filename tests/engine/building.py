"""Run a build on a real engine, and inspect the result."""

from __future__ import annotations

import io
import itertools
import tarfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imagewidget.engine.build import build
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import Client, new_client
from imagewidget.engine.failure.errors import BuildFailed
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.events import Event, Image, LogWritten, StepChanged
from tests.rig.engine import Engine

_numbers = itertools.count(int(time.time()))


def unused_number() -> int:
    """Return a number that no step has used yet, so that the step is not in the cache."""
    return next(_numbers)


@dataclass
class Built:
    """The events of a build, and its image or its error."""

    events: list[Event] = field(default_factory=list)
    image: Image | None = None
    error: Exception | None = None

    @property
    def log(self) -> str:
        """The output of all steps."""
        return "".join(e.text for e in self.events if isinstance(e, LogWritten) and e.step)

    @property
    def steps(self) -> dict[str, StepChanged]:
        """The last event of each step, by name."""
        return {e.name: e for e in self.events if isinstance(e, StepChanged)}


def try_build(
    engine: Engine,
    context: Path | None,
    *,
    cancel: Cancellation | None = None,
    on: Callable[[Event], object] = lambda _: None,
    **options: Any,
) -> Built:
    """Build, and keep the error if it fails; `on` is called with every event as it arrives."""
    built = Built()
    client = new_client(engine.url)
    start = time.monotonic()
    running = build(
        client,
        BuildRequest.of(context, **options),
        cancel=cancel or Cancellation(),
        clock=lambda: time.monotonic() - start,
    )
    try:
        while True:
            built.events.append(next(running))
            on(built.events[-1])
    except StopIteration as end:
        built.image = end.value
    except Exception as error:  # noqa: BLE001 - kept for the test
        built.error = error
    return built


def must_build(engine: Engine, context: Path | None, **options: Any) -> Built:
    """Build, and fail the test if the build fails."""
    built = try_build(engine, context, **options)
    if built.error is not None:
        raise built.error
    return built


def failed(built: Built) -> BuildFailed:
    """Return the error of a build that failed; fail the test if it did not."""
    assert isinstance(built.error, BuildFailed), built.error
    return built.error


def lay(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files, and create their directories."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def files_in(engine: Engine, image: str) -> dict[str, tuple[str, int, bytes]]:
    """Return every file by path: kind, link target and owner; mode and time; content."""
    found = {}
    with engine.api(300) as api:
        container = api.create_container(image, command=["none"])["Id"]
        try:
            archive = io.BytesIO(b"".join(api.export(container)))
        finally:
            api.remove_container(container)
    with tarfile.open(fileobj=archive) as tar:
        for member in tar:
            if member.name in _MADE_BY_ENGINE:
                continue
            file = tar.extractfile(member) if member.isreg() else None
            content = file.read() if file else b""
            kind = f"{member.type!r} {member.linkname} {member.uid}:{member.gid}"
            # A directory's time is that of the last entry added to it.
            time = 0 if member.isdir() else int(member.mtime)
            attributes = {k: v for k, v in member.pax_headers.items() if "xattr" in k}
            found[member.name] = (f"{kind} {attributes}", member.mode << 40 | time, content)
    return found


# Every container has these, whatever its image contains (moby, `daemon/initlayer`).
_MADE_BY_ENGINE = frozenset(
    {
        ".dockerenv",
        "dev",
        "dev/console",
        "dev/pts",
        "dev/shm",
        "etc",
        "etc/hostname",
        "etc/hosts",
        "etc/mtab",
        "etc/resolv.conf",
        "proc",
        "sys",
    }
)


def connected(engine: Engine) -> Client:
    """Return a client for an engine."""
    return new_client(engine.url)
