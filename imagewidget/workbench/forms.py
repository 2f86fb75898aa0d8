"""The Pull and Provision tabs."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol

import ipywidgets

from imagewidget.api.provisioning import PROVISION_REGISTRIES, provision
from imagewidget.api.pulling import pull
from imagewidget.engine.client import DockerClient
from imagewidget.jobs.job import Job
from imagewidget.workbench.fields import (
    PLATFORMS,
    Changed,
    Field,
    check_directory,
    check_reference,
    check_registries,
    folder_at,
    words_in,
)
from imagewidget.workbench.more_options import MoreOptions


class Form(Protocol):
    """What the workbench needs of the form in each tab."""

    title: str
    widget: Any
    first: Field

    @property
    def is_ready(self) -> bool:
        """Whether the form can be submitted."""

    @property
    def key(self) -> Hashable:
        """What would be started; two jobs with the same key would do the same work."""

    def start(self, client: DockerClient | None) -> Job:
        """Start the job; raise a DockerError or a ValueError if it cannot be started."""


class _Fields:
    """A form that consists of fields only."""

    title: str

    def __init__(self, *fields: Field) -> None:
        self._fields = fields
        self.first = fields[0]
        self.widget: Any = ipywidgets.VBox([field.widget for field in fields])

    @property
    def is_ready(self) -> bool:
        """Whether all fields are valid, and the required ones filled in."""
        return all(field.is_ready for field in self._fields)

    @property
    def key(self) -> Hashable:
        """What would be started."""
        return (self.title, *(field.value for field in self._fields))


class PullForm(_Fields):
    """The form of the Pull tab: an image, the registries to try, and a platform."""

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
            placeholder="such as ghcr.io, docker.io; leave empty to let Docker decide",
        )
        self._platform = Field(
            "Platform", changed, placeholder="the engine's own", options=PLATFORMS
        )
        super().__init__(image, self._registries, self._platform)

    def start(self, client: DockerClient | None) -> Job:
        """Start the pull."""
        return pull(
            self.first.value,
            registries=words_in(self._registries.value) or None,
            platform=self._platform.value or None,
            client=client,
            display=False,
        )


class ProvisionForm(_Fields):
    """The form of the Provision tab: an image, the registries to try, and what to build."""

    title = "Provision"

    def __init__(self, changed: Changed) -> None:
        image = Field(
            "Image",
            changed,
            check=check_reference,
            placeholder="leave empty for the embedded environment",
        )
        self._registries = Field(
            "Registries",
            changed,
            check=check_registries,
            value=", ".join(PROVISION_REGISTRIES),
            placeholder="leave empty to use the local cache, else build",
        )
        self._context = Field(
            "Or build from",
            changed,
            check=check_directory,
            placeholder="a directory with a Dockerfile; leave empty for the embedded environment",
        )
        super().__init__(image, self._registries, self._context)
        # The values of secrets need fields that no widget state contains; the Build tab has them.
        self._more = MoreOptions(changed, without=("secrets", "output"))
        self.widget.children = (*self.widget.children, self._more.widget)

    @property
    def is_ready(self) -> bool:
        """Whether all fields and options are valid."""
        return super().is_ready and self._more.is_ready

    @property
    def key(self) -> Hashable:
        """What would be started."""
        return (super().key, self._more.key)

    def start(self, client: DockerClient | None) -> Job:
        """Start the provision job."""
        context = self._context.value
        return provision(
            self.first.value or None,
            registries=words_in(self._registries.value),
            context=folder_at(context) if context else None,
            **self._more.chosen(),
            client=client,
            display=False,
        )
