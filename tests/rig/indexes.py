"""Push images for several platforms, and images for another platform, without an engine.

The formats are the image index of the OCI image specification, and the attestations that BuildKit
adds to one (moby/buildkit, docs/attestations/attestation-storage.md).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.rig import images
from tests.rig.images import Layer, Recipe, digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.rig.push import Store

INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_IN_TOTO = "application/vnd.in-toto+json"


@dataclass(frozen=True)
class Index:
    """An image for several platforms, with an attestation for each as BuildKit makes them."""

    name: str
    images: Sequence[Recipe]

    @property
    def repository(self) -> str:
        """The name without its tag."""
        return self.name.rpartition(":")[0]

    @property
    def tag(self) -> str:
        """The tag alone."""
        return self.name.rpartition(":")[2]


def push_index(store: Store, index: Index) -> None:
    """Push the images of an index by digest, their attestations, and then the index."""
    entries: list[dict[str, Any]] = []
    attestations: list[dict[str, Any]] = []
    for recipe in index.images:
        body = store.push_layers(index.repository, recipe)
        entry = _pushed(store, index.repository, body, images.MANIFEST)
        entries.append(entry | {"platform": {"os": "linux", "architecture": recipe.architecture}})
        attestations.append(_attested(store, index.repository, entry["digest"]))
    content = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [*entries, *attestations],
    }
    store.push_manifest(index.repository, index.tag, json.dumps(content).encode(), INDEX)


def _attested(store: Store, repository: str, subject: str) -> dict[str, Any]:
    """Push an attestation about an image; return its entry in the index."""
    statement = json.dumps({"_type": "https://in-toto.io/Statement/v0.1", "subject": [subject]})
    layer = Layer(statement.encode(), digest(statement.encode()))
    configuration = json.dumps(
        {
            "architecture": "unknown",
            "os": "unknown",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]},
        }
    ).encode()
    for blob in (configuration, layer.blob):
        store.push_blob(repository, blob)
    body = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _described(configuration, _CONFIG),
            "layers": [
                _described(layer.blob, _IN_TOTO)
                | {"annotations": {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"}}
            ],
        }
    ).encode()
    return _pushed(store, repository, body, _MANIFEST) | {
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {
            "vnd.docker.reference.digest": subject,
            "vnd.docker.reference.type": "attestation-manifest",
        },
    }


def _pushed(store: Store, repository: str, body: bytes, kind: str) -> dict[str, Any]:
    store.push_manifest(repository, digest(body), body, kind)
    return _described(body, kind)


def _described(content: bytes, kind: str) -> dict[str, Any]:
    return {"mediaType": kind, "size": len(content), "digest": digest(content)}
