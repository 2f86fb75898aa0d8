"""What a stand-in can be told to do wrong, as data that travels to its process as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Target = Literal["ping", "manifest", "blob", "any"]
Ending = Literal["drop", "stall"]

# The bodies that the real registries send, in the form of the distribution specification's
# "Error Codes". Docker Hub's text is the one of its page on pull limits.
RATE_LIMITED = (
    429,
    "TOOMANYREQUESTS",
    (
        "You have reached your pull rate limit. You may increase the limit by authenticating and"
        " upgrading: https://www.docker.com/increase-rate-limit"
    ),
)
DENIED = (403, "DENIED", "requested access to the resource is denied")
NOT_FOUND = (404, "MANIFEST_UNKNOWN", "manifest unknown")


@dataclass(frozen=True)
class Fault:
    """One rule. The first rule that fits a request decides its answer."""

    target: Target = "manifest"
    """Which requests it is about."""
    methods: Sequence[str] = ("GET", "HEAD")
    repository: str | None = None
    """Only requests for this repository, such as ``owner/env``."""
    times: int | None = None
    """How many requests it still applies to; ``None`` for all."""
    status: int | None = None
    """Answer this status, with `code` and `message` as the registry's error."""
    code: str = "UNKNOWN"
    message: str = "the rig was told to fail"
    detail: str | None = None
    """What the error is about; an engine words an error without it more shortly."""
    after: int = 0
    """Send this many bytes of the body, then do as `ending` says."""
    ending: Ending | None = None

    def fits(self, method: str, target: str, repository: str, size: int | None) -> bool:
        """Whether it is about this request; an `ending` needs a body of more than `after` bytes."""
        return (
            method in self.methods
            and self.target in {target, "any"}
            and self.repository in {repository, None}
            and self._fits_size(size)
        )

    def _fits_size(self, size: int | None) -> bool:
        if size is None:
            return self.ending is None
        return self.ending is not None and size > self.after

    def body(self) -> bytes:
        """The error as registries write it."""
        error = {"code": self.code, "message": self.message, "detail": self.detail}
        return json.dumps({"errors": [error]}).encode()


@dataclass(frozen=True)
class Orders:
    """Everything one stand-in is told."""

    faults: Sequence[Fault] = ()
    rate: float | None = None
    """Bytes a second of all its answers together; ``None`` for as fast as it goes."""

    def dump(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def load(cls, text: bytes) -> Orders:
        """From JSON."""
        content = json.loads(text)
        return cls([Fault(**fault) for fault in content["faults"]], content["rate"])


def kind_of(path: str) -> tuple[str, str]:
    """What a request path asks for, and of which repository: ``("blob", "owner/env")``."""
    words = path.partition("?")[0].strip("/").split("/")
    for target, word in (("manifest", "manifests"), ("blob", "blobs")):
        if word in words[1:]:
            return target, "/".join(words[1 : words.index(word, 1)])
    return ("ping", "") if words == ["v2"] else ("other", "")
