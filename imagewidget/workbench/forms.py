"""The tabs Pull and Provision: what to ask for, and how to start it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Protocol

import ipywidgets

from imagewidget import api
from imagewidget.engine.connection.client import DockerClient
from imagewidget.jobs.job import Job
from imagewidget.workbench.fields import (
    Field,
    check_directory,
    check_reference,
    check_registries,
    folder_at,
    words_in,
)

PLATFORMS = ("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/ppc64le", "linux/s390x")

Changed = Callable[[], None]


class Form(Protocol):
    """What the workbench knows of a tab."""

    title: str
    widget: Any
    first: Field

    @property
    def is_ready(self) -> bool:
        """Whether everything in it fits together."""

    @property
    def key(self) -> Hashable:
        """What would be started: the same key is the same work."""

    def start(self, client: DockerClient | None) -> Job:
        """Start it. Raises a DockerError or a ValueError if it cannot be."""


class _Fields:
    """A form of nothing but fields."""

    title: str

    def __init__(self, *fields: Field) -> None:
        self._fields = fields
        self.first = fields[0]
        self.widget: Any = ipywidgets.VBox([field.widget for field in fields])

    @property
    def is_ready(self) -> bool:
        """Whether all that must be there is, and nothing is wrong."""
        return all(field.is_ready for field in self._fields)

    @property
    def key(self) -> Hashable:
        """What would be started."""
        return (self.title, *(field.value for field in self._fields))


class PullForm(_Fields):
    """An image, the registries to ask, and a platform."""

    title = "Pull"

    def __init__(self, changed: Changed) -> None:
        image = Field(
            "Image",
            changed,
            check=check_reference,
            placeholder="python:3.13-slim",
            required=True,
        )
        self._registries = Field(
            "Registries",
            changed,
            check=check_registries,
            placeholder="as Docker does; or: ghcr.io, docker.io",
        )
        self._platform = Field(
            "Platform", changed, placeholder="the engine's own", options=PLATFORMS
        )
        super().__init__(image, self._registries, self._platform)

    def start(self, client: DockerClient | None) -> Job:
        """Pull it."""
        return api.pull(
            self.first.value,
            registries=words_in(self._registries.value) or None,
            platform=self._platform.value or None,
            client=client,
            display=False,
        )


class ProvisionForm(_Fields):
    """An image that is looked for, here and in registries, before it is built."""

    title = "Provision"

    def __init__(self, changed: Changed) -> None:
        image = Field(
            "Image",
            changed,
            check=check_reference,
            placeholder="empty: the environment that comes with this package",
        )
        self._registries = Field(
            "Registries",
            changed,
            check=check_registries,
            value=", ".join(api.PROVISION_REGISTRIES),
            placeholder="none: the local cache, then a build",
        )
        self._context = Field(
            "Else build",
            changed,
            check=check_directory,
            placeholder="a folder with a Dockerfile; empty: the embedded one",
        )
        super().__init__(image, self._registries, self._context)

    def start(self, client: DockerClient | None) -> Job:
        """Provision it."""
        context = self._context.value
        return api.provision(
            self.first.value or None,
            registries=words_in(self._registries.value),
            context=folder_at(context) if context else None,
            client=client,
            display=False,
        )
