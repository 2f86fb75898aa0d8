"""The gallery's recordings of builds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from imagewidget.engine.classic.stream import ClassicStream
from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.engine.failure.errors import DockerError
from imagewidget.progress.events import BuildStarted, Event, Failed, Finished, Image, Started
from tests.gallery.builder import Builder, shortened
from tests.gallery.engine import Message, Timed, recorded
from tests.gallery.pulls import ENGINE, REFERENCE, Recorded

_IMAGE = Image("sha256:" + sha256(b"built").hexdigest(), REFERENCE, None, 312_400_000, "build")

_APP = """\
FROM python:3.13-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "-m", "app"]
"""

_STAGES = """\
FROM node:22-slim AS assets
COPY web/ .
RUN npm ci && npm run build
FROM python:3.13-slim
RUN pip install --no-cache-dir numpy pandas
COPY --from=assets /dist /srv
"""

_CLASSIC = """\
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox","sh","-c","echo hello; echo oops >&2; exit 3"]
"""

_BAR = "     \x1b[32m━━━━━━━━━━\x1b[0m\x1b[38;5;237m━━━━━━━━━━\x1b[0m"
_WANTED = "the requirement pandsa==2.3.0"
_PIP = (
    (2.9, "Collecting numpy==2.3.1 (from -r requirements.txt (line 1))\n", 1),
    (3.2, "  Downloading numpy-2.3.1-cp313-cp313-manylinux_2_28_x86_64.whl (16.6 MB)\n", 1),
    (3.9, f"{_BAR} \x1b[32m8.1/16.6 MB\x1b[0m \x1b[31m9.2 MB/s\x1b[0m\r", 1),
    (4.6, "     \x1b[32m━━━━━━━━━━━━━━━━━━━━ 16.6/16.6 MB\x1b[0m \x1b[31m11.4 MB/s\x1b[0m\n", 1),
    (5.4, f"\x1b[31mERROR: Could not find a version that satisfies {_WANTED}\x1b[0m\n", 2),
    (5.4, "\x1b[31mERROR: No matching distribution found for pandsa==2.3.0\x1b[0m\n", 2),
)

_LOAD = "[internal] load build definition from Dockerfile"
_CONTEXT = "[internal] load build context"


def _build(builder: Builder, *end: tuple[float, Event]) -> Recorded:
    yield 0.0, Started("build", REFERENCE, ENGINE)
    yield 0.1, BuildStarted("buildkit")
    yield from shortened([*builder.events, *end])


def _prepared(dockerfile: str, base: str, *, context: int) -> Builder:
    """Simulate the start of every build: Dockerfile, metadata of the base image, context."""
    builder = Builder(dockerfile)
    builder.start(0.2, _LOAD)
    builder.end(0.3, _LOAD)
    metadata = f"[internal] load metadata for docker.io/library/{base}"
    builder.start(0.3, metadata)
    builder.end(0.9, metadata)
    builder.start(0.9, _CONTEXT)
    for part in (1, 2, 3, 4):
        now = round(0.9 + part / 10, 1)
        builder.transfer(
            now, _CONTEXT, "transferring context:", context * part // 4, is_complete=part == 4
        )
    builder.end(1.4, _CONTEXT)
    return builder


def _exported(builder: Builder, now: float) -> tuple[float, Event]:
    """Simulate the end of a successful build, and return its last event."""
    export = "exporting to image"
    builder.start(now, export)
    builder.end(round(now + 0.8, 1), export)
    return round(now + 1.0, 1), Finished(_IMAGE)


def building() -> Recorded:
    """Two stages in parallel, while layers of the base image are downloaded."""
    builder = _prepared(_STAGES, "python:3.13-slim", context=18_400_000)
    base, install, copy = (
        "[stage-1 1/3] FROM docker.io/library/python:3.13-slim",
        "[stage-1 2/3] RUN pip install --no-cache-dir numpy pandas",
        "[stage-1 3/3] COPY --from=assets /dist /srv",
    )
    node, web, npm = (
        "[assets 1/3] FROM docker.io/library/node:22-slim",
        "[assets 2/3] COPY web/ .",
        "[assets 3/3] RUN npm ci && npm run build",
    )
    builder.announce(1.4, base, install, copy, node, web, npm)
    builder.cached(1.5, node)
    builder.start(1.5, base, web)
    builder.end(1.7, web)
    builder.start(1.7, npm)
    sizes = {"sha256:5b1c9f0a3d7e": 29_780_000, "sha256:9ce2a41b60fd": 48_720_000}
    for tick in range(1, 27):
        now = round(1.7 + tick / 4, 2)
        for name, size in sizes.items():
            here = min(size, 1_900_000 * tick if size > 30_000_000 else 3_300_000 * tick)
            if here < size or tick == (26 if size > 30_000_000 else 10):
                builder.transfer(now, base, name, here, size)
        if tick % 4 == 0:
            builder.log(now, npm, f"\x1b[2mvite\x1b[0m building {tick * 37} modules …\r")
        if tick % 6 == 0:
            builder.log(now, npm, f"\n\x1b[32m✓\x1b[0m chunk {tick // 6} rendered\n")
    builder.end(8.6, npm)
    builder.end(9.4, base)
    builder.start(9.4, install)
    builder.log(10.1, install, "Collecting numpy\nCollecting pandas\n")
    builder.log(12.3, install, "Successfully installed numpy-2.3.1 pandas-2.3.0\n")
    builder.end(12.6, install)
    builder.start(12.6, copy)
    builder.end(12.8, copy)
    return _build(builder, _exported(builder, 12.8))


def failed() -> Recorded:
    """A requirement that does not exist."""
    builder = _prepared(_APP, "python:3.13-slim", context=41_200)
    base, work, copy, install, rest = _app_steps()
    builder.announce(1.4, base, work, copy, install, rest)
    builder.cached(1.5, base, work)
    builder.start(1.5, copy)
    builder.end(1.6, copy)
    builder.start(1.6, install)
    for now, line, stream in _PIP:
        builder.log(now, install, line, stream)
    error = (
        'process "/bin/sh -c pip install --no-cache-dir -r requirements.txt" '
        "did not complete successfully: exit code: 1"
    )
    builder.end(5.6, install, error=error)
    builder.fail(5.7, f"failed to solve: {error}")
    return _build(builder)


def warnings() -> Recorded:
    """A successful build with three warnings."""
    builder = _prepared(_APP, "python:3.13-slim", context=41_200)
    steps = _app_steps()
    builder.announce(1.4, *steps)
    base = "https://docs.docker.com/go/dockerfile/rule"
    sensitive = "Do not use ARG or ENV instructions for sensitive data"
    for line, name, slug, detail in (
        (1, "FromAsCasing", "from-as-casing", "'as' and 'FROM' keywords' casing do not match"),
        (4, "SecretsUsedInArgOrEnv", "secrets-used-in-arg-or-env", f'{sensitive} (ARG "TOKEN")'),
        (6, "JSONArgsRecommended", "json-args-recommended", "JSON arguments are recommended"),
    ):
        builder.warn(1.4, _LOAD, line, short=f"{name}: {detail}", detail="", url=f"{base}/{slug}/")
    builder.cached(1.5, *steps[:2])
    now = 1.5
    for step in steps[2:]:
        builder.start(now, step)
        builder.log(now + 0.2, step, f"{step.split('] ')[1].split()[0].lower()} …\n")
        now = round(now + 1.3, 1)
        builder.end(now, step)
    return _build(builder, _exported(builder, now))


def failed_classic() -> Recorded:
    """Recorded from a failing build with the classic builder of Docker Engine 20.10."""
    yield 0.0, Started("build", "env:1", "Docker Engine 20.10.24")
    yield 0.01, BuildStarted("classic")
    yield from _classic(recorded("build-classic-20.10-failed"))


def _classic(stream: Sequence[Timed]) -> Recorded:
    now = 0.0

    def messages() -> Iterator[Message]:
        nonlocal now
        for seconds, message in stream:
            now = seconds
            yield message

    events = ClassicStream(read_dockerfile(_CLASSIC), lambda: round(now, 3)).events(messages())
    try:
        for event in events:
            yield now, event
    except DockerError as error:
        yield now, Failed(error.info())


def _app_steps() -> tuple[str, str, str, str, str]:
    return (
        "[1/5] FROM docker.io/library/python:3.13-slim",
        "[2/5] WORKDIR /app",
        "[3/5] COPY requirements.txt .",
        "[4/5] RUN pip install --no-cache-dir -r requirements.txt",
        "[5/5] COPY . .",
    )
