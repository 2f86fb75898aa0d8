"""The faults that a stand-in can simulate, as data that is sent to its process as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Target = Literal["ping", "manifest", "blob", "any"]
Ending = Literal["drop", "stall"]

# The error bodies that real registries send, in the format of "Error Codes" in the distribution
# specification. Docker Hub's text is from its page on pull limits.
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
    """One rule. The first rule that matches a request determines the response."""

    target: Target = "manifest"
    """Which requests it applies to."""
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
    """What the error is about; without it, engines report a shorter message."""
    after: int = 0
    """Send this many bytes of the body before `ending`."""
    ending: Ending | None = None

    def fits(self, method: str, target: str, repository: str, size: int | None) -> bool:
        """Return whether it applies; an `ending` needs a body longer than `after` bytes."""
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
        """Return the error in the format that registries use."""
        error = {"code": self.code, "message": self.message, "detail": self.detail}
        return json.dumps({"errors": [error]}).encode()


@dataclass(frozen=True)
class Orders:
    """The complete orders for one stand-in."""

    faults: Sequence[Fault] = ()
    rate: float | None = None
    """Bytes per second, over all its responses together; ``None`` for no limit."""

    def dump(self) -> bytes:
        """Return the orders as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def load(cls, text: bytes) -> Orders:
        """Read the orders from JSON."""
        content = json.loads(text)
        return cls([Fault(**fault) for fault in content["faults"]], content["rate"])


def kind_of(path: str) -> tuple[str, str]:
    """Return the target and the repository of a request path, such as ``("blob", "owner/env")``."""
    words = path.partition("?")[0].strip("/").split("/")
    for target, word in (("manifest", "manifests"), ("blob", "blobs")):
        if word in words[1:]:
            return target, "/".join(words[1 : words.index(word, 1)])
    return ("ping", "") if words == ["v2"] else ("other", "")
