"""What an engine sends: the messages of a pull, of a classic build, and of failures.

The words and their order are those of Docker's graphdriver store and classic
builder, as recorded from engines 20.10 to 29.7.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imagewidget.engine.dockerfile.dockerfile import Dockerfile, Instruction
from imagewidget.engine.failure.errors import (
    AccessDenied,
    DiskFull,
    DockerError,
    ImageNotFound,
    RateLimited,
    RegistryUnavailable,
)
from imagewidget.engine.image.reference import Reference

Message = dict[str, Any]

_AT_ONCE = 3  # how many layers Docker downloads at the same time
_PARTS = 4  # how many messages report the download of a layer, and its extraction
_SHORT_ID = 12

_DENIED = (
    "pull access denied for {repository}, repository does not exist or may require "
    "'docker login': denied: requested access to the resource is denied"
)
_LIMITED = (
    "toomanyrequests: You have reached your pull rate limit. You may increase the limit by "
    "authenticating and upgrading: https://www.docker.com/increase-rate-limit"
)

REFUSALS: Mapping[type[DockerError], tuple[int, str]] = {
    ImageNotFound: (404, "manifest for {image} not found: manifest unknown: manifest unknown"),
    AccessDenied: (404, _DENIED),
    RateLimited: (500, _LIMITED),
    RegistryUnavailable: (500, "received unexpected HTTP status: 503 Service Unavailable"),
    DiskFull: (500, "write /var/lib/docker/tmp/GetImageBlob012: no space left on device"),
}
"""How a pull fails: by the error that it means, the HTTP status and the message."""


def refusal(error: type[DockerError], reference: Reference) -> tuple[int, Message]:
    """Return the HTTP status and the body of the answer to a pull that fails with `error`."""
    status, words = REFUSALS[error]
    text = words.format(image=reference.familiar, repository=reference.familiar_name)
    return status, {"message": text}


def sha256_of(*parts: object) -> str:
    """Return `sha256:` and 64 hex digits that depend only on `parts`."""
    return f"sha256:{hashlib.sha256(repr(parts).encode()).hexdigest()}"


def pulling(reference: Reference, sizes: Sequence[int]) -> Iterator[Message]:
    """Yield the messages of a pull, up to the last layer.

    Three layers are downloaded at a time, in image order; downloaded layers are
    unpacked one by one (moby `distribution/xfer`).
    """
    layers = [_Layer(_short("layer", reference, at), size) for at, size in enumerate(sizes)]
    for layer in layers:
        yield layer.message("Pulling fs layer")
    for layer in layers[_AT_ONCE:]:
        yield layer.message("Waiting")
    while unfinished := [layer for layer in layers if layer.unpacked < _PARTS]:
        for layer in [each for each in layers if each.downloaded < _PARTS][:_AT_ONCE]:
            layer.downloaded += 1
            yield layer.message("Downloading", layer.downloaded)
            if layer.downloaded == _PARTS:
                yield layer.message("Verifying Checksum")
                yield layer.message("Download complete")
        first = unfinished[0]
        if first.downloaded == _PARTS:
            first.unpacked += 1
            yield first.message("Extracting", first.unpacked)
            if first.unpacked == _PARTS:
                yield first.message("Pull complete")


@dataclass
class _Layer:
    id: str
    size: int
    downloaded: int = 0
    unpacked: int = 0

    def message(self, status: str, part: int | None = None) -> Message:
        detail: dict[str, int] = {}
        if part is not None:
            detail = {"current": self.size * part // _PARTS, "total": self.size}
        return {"status": status, "progressDetail": detail, "id": self.id}


@dataclass(frozen=True)
class Interruption:
    """Where a build fails, or stops without an end.

    Attributes:
        at: Text in the `RUN` instruction; the first such instruction is meant.
        exit_code: The exit code of its command; None if it never ends.
        log: The output of its command.
    """

    at: str
    exit_code: int | None
    log: str = ""


def steps_of(dockerfile: Dockerfile, target: str) -> list[Instruction]:
    """Return the instructions that a build executes: all up to the end of the target stage."""
    last = dockerfile.stage_called(target) if target else None
    return [
        step
        for step in dockerfile.instructions
        if last is None or step.stage is None or step.stage <= last
    ]


def interrupted(steps: Sequence[Instruction], interruption: Interruption) -> Instruction | None:
    """Return the instruction at which a build is interrupted, or None if there is none."""
    commands = (step for step in steps if step.keyword == "RUN")
    return next((step for step in commands if interruption.at in step.text), None)


def building(
    steps: Sequence[Instruction],
    image_id: str,
    interruption: Interruption | None = None,
) -> Iterator[Message]:
    """Yield the messages of a classic build, up to its last step or its interruption."""
    stop = interrupted(steps, interruption) if interruption else None
    for step in steps:
        yield {"stream": f"Step {step.number}/{len(steps)} : {step.text}"}
        yield {"stream": "\n"}
        if step.stage is None:  # an ARG before the first FROM
            continue
        container = _short("container", image_id, step.number)
        has_container = step.keyword not in ("FROM", "COPY", "ADD")
        if has_container:
            yield {"stream": f" ---> Running in {container}\n"}
        if interruption is not None and step is stop:
            yield from _interruption(step, interruption, container)
            return
        if has_container:
            yield {"stream": f" ---> Removed intermediate container {container}\n"}
        is_last_of_stage = step is steps[-1] or steps[step.number].keyword == "FROM"
        layer_id = image_id if step is steps[-1] else sha256_of("step", image_id, step.number)
        yield {"stream": f" ---> {_shortened(layer_id)}\n"}
        if is_last_of_stage:
            yield {"aux": {"ID": layer_id}}


def built(image_id: str, tags: Iterable[str]) -> Iterator[Message]:
    """Yield the last messages of a classic build."""
    yield {"stream": f"Successfully built {_shortened(image_id)}\n"}
    for tag in tags:
        yield {"stream": f"Successfully tagged {tag}\n"}


def _interruption(
    step: Instruction, interruption: Interruption, container: str
) -> Iterator[Message]:
    for line in interruption.log.splitlines():
        yield {"stream": f"{line}\n"}
    code = interruption.exit_code
    if code is not None:
        yield {"stream": f" ---> Removed intermediate container {container}\n"}
        command = step.text.split(None, 1)[-1]
        text = f"The command '/bin/sh -c {command}' returned a non-zero code: {code}"
        yield {"errorDetail": {"code": code, "message": text}, "error": text}


def _short(*parts: object) -> str:
    return _shortened(sha256_of(*parts))


def _shortened(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_SHORT_ID]
