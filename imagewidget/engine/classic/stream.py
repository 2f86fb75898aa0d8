r"""Turn the messages of the classic builder into events.

Docker's classic builder (moby `daemon/builder/dockerfile`) writes text for
people: `Step 2/3 : RUN …`, ` ---> Using cache`, the output of the commands, with
standard error in red (`pkg/streamformatter`), and in between the messages of a
pull if a base image is missing. Podman uses the format of Buildah:
`[1/2] STEP 2/3: RUN …`, `--> Using cache …`.

The output of commands cannot be trusted: a line counts as the builder's own
only if it begins a message and fits the Dockerfile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from imagewidget.engine.classic.failure import failure
from imagewidget.engine.dockerfile.dockerfile import Dockerfile, Instruction
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.failure.log_tail import LogTail
from imagewidget.engine.pull.stream import events_of as pull_events_of
from imagewidget.engine.request.sources import Sources
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import (
    BuildWarned,
    Event,
    LayerChanged,
    LayerPhase,
    LogWritten,
    StepChanged,
    StepStatus,
    TransferChanged,
)
from imagewidget.progress.text.safe_text import without_colours

_STDERR = 2
_RED = "\x1b[91m"

_NUMBER_OF_COUNT = r"(?P<number>[0-9]{1,9})/(?P<count>[0-9]{1,9})"
_STEP = re.compile(rf"Step {_NUMBER_OF_COUNT} : (?P<name>.*)", re.DOTALL)
_PODMAN_STEP = re.compile(
    rf"(?:\[(?P<stage>[0-9]{{1,9}})/[0-9]+\] )?STEP {_NUMBER_OF_COUNT}: (?P<name>.*)",
    re.DOTALL,
)
_RUNNING = re.compile(r" ---> Running in ")
_COMMIT = re.compile(r"(?:\[\d+/\d+\] )?COMMIT\b")
_CACHED = re.compile(r"(?: --->|-->) Using cache\b")
_OWN = re.compile(
    r"\s*\Z| ---> |--> |Removing intermediate container "
    r"|(?:\[\d+/\d+\] )?(?:COMMIT\b|Step \d|STEP \d)"
    r'|time="[^"]*" level='
)
_BUILT = re.compile(r"Successfully built ([0-9a-f]{12,64})\s*")
_WARNINGS = (
    re.compile(r"(?: ---> )?(?:\x1b\[\d*m)*\[Warning\] (?P<text>[^\n]+)"),
    re.compile(r'time="[^"]*" level=warning msg="(?P<text>(?:[^"\\]|\\.)*)"'),
)


class ClassicStream:
    """Reads the messages of one build.

    Attributes:
        image_id: The id of the resulting image, once known; it may be shortened.

    Args:
        dockerfile: The Dockerfile being built, to recognise steps and find their lines.
        clock: Seconds since the job began.
        sources: Where the files come from, to explain a missing one.
    """

    def __init__(
        self, dockerfile: Dockerfile, clock: Clock, sources: Sources | None = None
    ) -> None:
        self.image_id = ""
        self._dockerfile = dockerfile
        self._clock = clock
        self._sources = sources
        self._step: StepChanged | None = None
        self._instruction: Instruction | None = None
        self._outcome = StepStatus.DONE
        self._begun = 0
        self._number = 0
        self._is_command = False  # whether the text may be the output of a command
        self._tail = LogTail()
        self._transfers = Transfers()

    @property
    def is_in_step(self) -> bool:
        """Whether a step is running."""
        return self._step is not None

    def events(self, messages: Iterable[Any]) -> Iterator[Event]:
        """Yield the events of a whole build.

        Args:
            messages: The decoded JSON of the engine's stream.

        Raises:
            BuildFailed: A step failed; its :class:`StepChanged` was yielded before.
            DiskFull: The engine's disk is full.
        """
        for message in messages:
            if isinstance(message, Mapping):
                yield from self._message(message)
        yield from self.end()

    def end(self, status: StepStatus | None = None, error: str | None = None) -> Iterator[Event]:
        """End the running step, if there is one, with its own outcome or with `status`."""
        step, self._step = self._step, None
        self._is_command = False
        if step is None:
            return
        now = self._clock()
        started = now if step.started is None else step.started
        yield replace(
            step,
            status=status or self._outcome,
            completed=now,
            duration=now - started,
            error=error,
        )

    def failure(self, text: str, code: object = None) -> DockerError:
        """Return the exception for an error message of the builder."""
        return failure(
            text,
            code,
            dockerfile=self._dockerfile,
            step=self._step.name if self._step else None,
            instruction=self._instruction if self._step else None,
            log=self._tail,
            sources=self._sources,
        )

    def _message(self, message: Mapping[str, Any]) -> Iterator[Event]:
        detail, text, aux = map(message.get, ("errorDetail", "stream", "aux"))
        if detail or message.get("error"):
            detail = detail if isinstance(detail, Mapping) else {}
            words = str(detail.get("message") or message.get("error") or "")
            error = self.failure(words, detail.get("code"))
            yield from self.end(StepStatus.FAILED, error.message)
            raise error
        if isinstance(aux, Mapping):
            # This message ends a stage; what follows does not belong to any step.
            yield from self.end()
            self.image_id = str(aux.get("ID") or self.image_id)
        elif isinstance(text, str):
            yield from self._text(text)
        elif message.get("status"):
            yield from self._pulled(message)

    def _text(self, text: str) -> Iterator[Event]:
        """Read a piece of text, from the builder itself or from a command."""
        match = _STEP.match(text) or _PODMAN_STEP.match(text)
        if match is not None and self._is_step(match):
            yield from self.end()
            yield self._begin(match)
        elif _CACHED.match(text) and not self._tail:
            self._outcome = StepStatus.CACHED
        elif _RUNNING.match(text):
            self._is_command = self._is_run
        elif _COMMIT.match(text):
            self._is_command = False
        step = self._step.id if self._step else None
        warning = next(filter(None, (pattern.match(text) for pattern in _WARNINGS)), None)
        if warning is not None and not self._is_command:
            words = without_colours(warning["text"]).replace('\\"', '"').strip()
            yield BuildWarned(words, step=step)
        built = _BUILT.match(text)
        if built is not None and step is None:
            self.image_id = self.image_id or built[1]
        if not _OWN.match(text):
            self._tail.write(text)
        yield LogWritten(text, step, _STDERR if text.startswith(_RED) else 1)

    def _is_step(self, match: re.Match[str]) -> bool:
        """Return whether a line that looks like a step is one, not the output of a command."""
        number, count = int(match["number"]), int(match["count"])
        words = match["name"].split(None, 1)
        instruction = self._find(match)
        if number > count or not words:
            return False
        if instruction is not None and words[0].upper() != instruction.keyword:
            return False
        # Podman numbers the steps of every stage from 1.
        return number == self._number + 1 or (match.re is _PODMAN_STEP and number == 1)

    def _find(self, match: re.Match[str]) -> Instruction | None:
        """Return the instruction of a step; None for the labels of the request."""
        number = int(match["number"])
        if match.re is _STEP:
            return self._dockerfile.step(number)
        stage = int(match["stage"] or 1) - 1
        here = [one for one in self._dockerfile.instructions if one.stage == stage]
        return here[number - 1] if 0 < number <= len(here) else None

    @property
    def _is_run(self) -> bool:
        return self._instruction is not None and self._instruction.keyword == "RUN"

    def _begin(self, match: re.Match[str]) -> StepChanged:
        self._instruction = instruction = self._find(match)
        self._outcome = StepStatus.DONE
        self._begun += 1
        self._number = int(match["number"])
        # Docker says when the command begins, and may have warned about its image by then.
        self._is_command = match.re is _PODMAN_STEP and self._is_run
        self._tail = LogTail()
        name = match["name"]
        if instruction is not None and instruction.keyword == "FROM":
            # Podman shows an earlier stage as the id of its image.
            name = instruction.text if match.re is _PODMAN_STEP else name
        stage = self._dockerfile.stage_of(instruction) if instruction else None
        self._step = StepChanged(
            id=f"step-{self._begun}",
            name=" ".join(name.split()),
            status=StepStatus.RUNNING,
            stage=stage.name if stage else "",
            number=self._number,
            count=int(match["count"]),
            position=self._position(match),
            positions=self._positions(match),
            started=self._clock(),
        )
        return self._step

    def _position(self, match: re.Match[str]) -> int | None:
        """Return the number of a step in the whole build; Podman counts within each stage."""
        if match.re is _STEP:
            return int(match["number"])
        return self._staged.index(self._instruction) + 1 if self._instruction else None

    def _positions(self, match: re.Match[str]) -> int:
        return int(match["count"]) if match.re is _STEP else len(self._staged)

    @property
    def _staged(self) -> list[Instruction]:
        return [one for one in self._dockerfile.instructions if one.stage is not None]

    def _pulled(self, message: Mapping[str, Any]) -> Iterator[Event]:
        """Turn the messages about the pull of a base image into transfers of the step."""
        step = self._step.id if self._step else None
        for event in pull_events_of((message,)):
            if isinstance(event, LogWritten):
                yield LogWritten(event.text, step)
            elif isinstance(event, LayerChanged) and step is not None:
                yield self._transfers.of(event, step)


class Transfers:
    """Turns the layers of a base image into transfers like BuildKit's: download, then extract."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int | None]] = {}

    def of(self, layer: LayerChanged, step: str) -> TransferChanged:
        """Return the transfer for a change of a layer; counts that it lacks stay as they were."""
        is_unpacking = layer.phase in (LayerPhase.EXTRACTING, LayerPhase.DONE)
        is_complete = layer.phase in _COMPLETE
        key = f"{layer.id}-extract" if is_unpacking else layer.id
        current, total = self._counts.get(key, (0, None))
        total = layer.total or total
        current = current if layer.current is None else layer.current
        if is_complete:
            current = total or current
        self._counts[key] = current, total
        return TransferChanged(
            step=step,
            id=key,
            name=f"extracting {layer.id}" if is_unpacking else layer.id,
            current=current,
            total=total,
            is_complete=is_complete,
        )


_COMPLETE = frozenset(
    {LayerPhase.VERIFYING, LayerPhase.DOWNLOADED, LayerPhase.DONE, LayerPhase.CACHED},
)
