"""States of every kind, for pages that show a panel without a kernel."""

from __future__ import annotations

from dataclasses import replace

from imagewidget.progress.events import (
    AttemptError,
    BuildWarned,
    ErrorInfo,
    Image,
    LayerPhase,
    SourceLine,
    StepStatus,
)
from imagewidget.progress.state import (
    Attempt,
    LayerState,
    Phase,
    State,
    StepState,
    TransferState,
)

MB = 1_000_000
ENGINE = "Docker Engine 26.1.5"
IMAGE = Image(
    "sha256:a1b2c3d4e5f6" + "0" * 52, "owner/env:1", "sha256:" + "9f8e7d6c" * 8, 184 * MB, "ghcr.io"
)
LINES = 64

_ORDER = (
    LayerPhase.CACHED,
    LayerPhase.DONE,
    LayerPhase.EXTRACTING,
    LayerPhase.DOWNLOADED,
    LayerPhase.DOWNLOADING,
    LayerPhase.VERIFYING,
    LayerPhase.RETRYING,
    LayerPhase.QUEUED,
)


def layer(index: int, phase: LayerPhase) -> LayerState:
    """Return a layer in the middle of a phase."""
    name = f"{(index + 1) * 0x2545F4914F6CDD1D & 0xFFFFFFFFFFFF:012x}"
    if phase in (LayerPhase.CACHED, LayerPhase.QUEUED):
        return LayerState(name, phase)
    total = (3 + 7 * index) * MB
    if phase in (LayerPhase.DOWNLOADING, LayerPhase.RETRYING):
        return LayerState(name, phase, total * 2 // 5, total, speed=4.2 * MB)
    if phase is LayerPhase.EXTRACTING:
        return LayerState(name, phase, total, total, total // 2, total)
    return LayerState(name, phase, total, total)


def pull(size: int, **changes: object) -> State:
    """Return a pull of this many layers, some in each phase."""
    shown = tuple(layer(index, _ORDER[index * len(_ORDER) // size]) for index in range(size))
    state = State(
        reference="owner/env:1",
        engine=ENGINE,
        source="ghcr.io",
        phase=Phase.PULLING,
        fraction=0.43,
        bytes_done=112 * MB,
        bytes_total=184 * MB,
        speed=12.4 * MB,
        eta=7.2,
        elapsed=14.2,
        attempts=(Attempt("ghcr.io", "ghcr.io/owner/env:1", 1, 3),),
        layers=shown,
    )
    return replace(state, **changes)  # type: ignore[arg-type]


def done(layers: int) -> State:
    """Return a pull that succeeded."""
    phases = (LayerPhase.CACHED, LayerPhase.DONE)
    return pull(
        layers,
        phase=Phase.DONE,
        fraction=1.0,
        speed=None,
        eta=None,
        total_is_final=True,
        image=IMAGE,
        layers=tuple(layer(index, phases[index > 2]) for index in range(layers)),
    )


def _tries() -> tuple[AttemptError, ...]:
    words = (
        ("ghcr.io", 1, "RegistryUnavailable", "500 Internal Server Error"),
        ("ghcr.io", 2, "RegistryUnavailable", "unexpected EOF"),
        ("docker.io", 1, "ImageNotFound", "manifest for owner/env:1 not found"),
    )
    return tuple(
        AttemptError(registry, f"{registry}/owner/env:1", number, kind, message)
        for registry, number, kind, message in words
    )


def failed_pull() -> State:
    """Return a pull that failed on every registry."""
    error = ErrorInfo(
        "PullFailed",
        "owner/env:1 could not be pulled from ghcr.io or docker.io.",
        "Check the name, or log in with `docker login ghcr.io` if the image is private.",
        attempts=_tries(),
    )
    return pull(1, phase=Phase.FAILED, speed=None, eta=None, layers=(), error=error)


def retrying() -> State:
    """Return a pull that waits for its second attempt."""
    first = Attempt("ghcr.io", "ghcr.io/owner/env:1", 1, 3, _tries()[0])
    second = Attempt("ghcr.io", "ghcr.io/owner/env:1", 2, 3)
    return pull(9, phase=Phase.RETRYING, retry_in=1.6, speed=None, attempts=(first, second))


def build(*, fails: bool = False) -> State:
    """Return a build of two stages that is running its fourth step, or failed in it."""
    steps = _steps(fails=fails)
    error = ErrorInfo(
        "BuildFailed",
        "RUN pip install -r requirements.txt ended with exit code 1.",
        "Name a version that has a wheel for this Python, or add a compiler to the image.",
        log_tail=("\x1b[31mERROR: No matching distribution found for numpyy==2.1\x1b[0m",),
        step=steps[5].name,
        exit_code=1,
        dockerfile_line=7,
        source_lines=(
            SourceLine(6, "COPY requirements.txt ."),
            SourceLine(7, "RUN pip install -r requirements.txt", is_failing=True),
            SourceLine(8, "COPY --from=web /app/dist ./dist"),
        ),
    )
    warning = BuildWarned(
        "JSONArgsRecommended: JSON arguments recommended for CMD",
        "The shell form of CMD hides signals from the program.",
        "https://docs.docker.com/go/dockerfile/rule/json-args-recommended/",
        steps[4].id,
        9,
    )
    return State(
        operation="build",
        reference="env:1",
        engine=ENGINE,
        builder="buildkit",
        source="build",
        phase=Phase.FAILED if fails else Phase.BUILDING,
        fraction=0.7,
        elapsed=19.2,
        steps=steps,
        warnings=(warning,),
        log_length=LINES,
        error=error if fails else None,
    )


def _steps(*, fails: bool) -> tuple[StepState, ...]:
    last = StepStatus.FAILED if fails else StepStatus.RUNNING
    after = StepStatus.CANCELLED if fails else StepStatus.PENDING
    moved = tuple(
        TransferState(
            f"layer{i}", f"sha256:{i:012x}", 3 * MB, 8 * MB, is_complete=i < 2, in_bytes=True
        )
        for i in range(4)
    )
    table = (
        ("[internal] load build definition from Dockerfile", StepStatus.DONE, "", None, 0.1, 0.1),
        ("[internal] load metadata for python:3.13-slim", StepStatus.DONE, "", None, 0.2, 1.1),
        ("FROM docker.io/library/python:3.13-slim", StepStatus.RUNNING, "base", 1, 1.3, 5.2),
        ("WORKDIR /srv", StepStatus.CACHED, "base", 2, 6.5, 0.0),
        ("COPY requirements.txt .", StepStatus.DONE, "base", 3, 6.6, 0.2),
        ("RUN pip install -r requirements.txt", last, "base", 4, 6.8, 12.4),
        ("RUN npm ci && npm run build", StepStatus.DONE, "web", 2, 6.5, 9.1),
        ("COPY --from=web /app/dist ./dist", after, "base", 5, None, None),
    )
    return tuple(
        StepState(
            f"sha256:{index}",
            name,
            status,
            stage,
            number,
            None if number is None else 5,
            started,
            duration,
            'process "/bin/sh -c pip install" did not complete'
            if status is StepStatus.FAILED
            else None,
            moved if index == 2 else (),
            int(index == 4),
        )
        for index, (name, status, stage, number, started, duration) in enumerate(table)
    )


ALL: dict[str, State] = {
    "queued": State(reference="owner/env:1"),
    "checking": State(reference="owner/env:1", phase=Phase.CHECKING, elapsed=0.2),
    "pull-3": pull(3),
    "pull-9": pull(9),
    "pull-80": pull(80),
    "extracting": pull(9, phase=Phase.EXTRACTING, total_is_final=True),
    "retrying": retrying(),
    "stalled": pull(9, stalled_for=12.0, speed=None, eta=None),
    "cancelling": pull(9, phase=Phase.CANCELLING, speed=None, eta=None),
    "cancelled": pull(9, phase=Phase.CANCELLED, speed=None, eta=None),
    "done-9": done(9),
    "done-80": done(80),
    "pull-failed": failed_pull(),
    "build": build(),
    "build-failed": build(fails=True),
}
