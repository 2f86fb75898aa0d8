"""Push images to a registry over its HTTP API, without an engine.

Endpoints: the OCI distribution specification, "Pushing blobs" and "Pushing manifests".
"""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.rig.images import MANIFEST, Layer, Recipe, config, digest, manifest
from tests.rig.processes import RigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Store:
    """A registry at ``host:port`` that accepts pushes without a password."""

    host: str

    def ready(self) -> bool:
        """Return whether the registry answers."""
        try:
            return self._ask("GET", "/v2/")[0] in {200, 401}
        except (OSError, http.client.HTTPException):
            return False

    def has(self, repository: str, reference: str, kind: str = MANIFEST) -> bool:
        """Return whether the registry has the manifest."""
        path = f"/v2/{repository}/manifests/{reference}"
        return self._ask("HEAD", path, headers={"Accept": kind})[0] == 200

    def layers(self, repository: str, tag: str) -> list[str]:
        """Return the digests of an image's layers, in its order."""
        path = f"/v2/{repository}/manifests/{tag}"
        status, body, _ = self._ask("GET", path, headers={"Accept": MANIFEST})
        _expect(status, {200}, f"reading {repository}:{tag}", body)
        return [str(layer["digest"]) for layer in json.loads(body)["layers"]]

    def push(self, recipe: Recipe) -> None:
        """Make the image and push it, uploading each layer as soon as it is made."""
        body = self.push_layers(recipe.repository, recipe)
        self.push_manifest(recipe.repository, recipe.tag, body)

    def push_layers(self, repository: str, recipe: Recipe) -> bytes:
        """Make the image and push all of it but its manifest, which is returned."""
        pushed: list[Layer] = []
        for make in recipe.layers:
            layer = make()
            self.push_blob(repository, layer.blob)
            pushed.append(layer)
        configuration = config(recipe, pushed)
        self.push_blob(repository, configuration)
        return manifest(configuration, pushed)

    def copy(self, source: str, target: str) -> None:
        """Add the name `target` for the image `source`; its blobs are mounted, not sent."""
        repository, _, tag = source.rpartition(":")
        status, body, _ = self._ask(
            "GET", f"/v2/{repository}/manifests/{tag}", headers={"Accept": MANIFEST}
        )
        _expect(status, {200}, f"reading {source}", body)
        new, _, new_tag = target.rpartition(":")
        content = json.loads(body)
        for blob in (content["config"], *content["layers"]):
            path = f"/v2/{new}/blobs/uploads/?mount={blob['digest']}&from={repository}"
            status, answer, _ = self._ask("POST", path)
            _expect(status, {201}, f"mounting {blob['digest']}", answer)
        self.push_manifest(new, new_tag, body)

    def push_manifest(self, repository: str, tag: str, body: bytes, kind: str = MANIFEST) -> None:
        """Push the manifest of an image, or an index of such manifests."""
        path = f"/v2/{repository}/manifests/{tag}"
        status, answer, _ = self._ask("PUT", path, body, {"Content-Type": kind})
        _expect(status, {201}, f"pushing {repository}:{tag}", answer)

    def push_blob(self, repository: str, blob: bytes) -> None:
        """Push a layer or a config, unless the registry has it."""
        path = f"/v2/{repository}/blobs/{digest(blob)}"
        if self._ask("HEAD", path)[0] == 200:
            return
        status, answer, headers = self._ask("POST", f"/v2/{repository}/blobs/uploads/")
        _expect(status, {202}, "beginning an upload", answer)
        where = headers["Location"].partition(self.host)[2] or headers["Location"]
        joint = "&" if "?" in where else "?"
        status, answer, _ = self._ask(
            "PUT",
            f"{where}{joint}digest={digest(blob)}",
            blob,
            {"Content-Type": "application/octet-stream"},
        )
        _expect(status, {201}, "uploading a blob", answer)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, Mapping[str, str]]:
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()


def _expect(status: int, wanted: set[int], what: str, answer: bytes) -> None:
    if status not in wanted:
        raise RigError(f"{what}: the registry answered {status}: {answer[:200]!r}")
