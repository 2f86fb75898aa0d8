"""Pull and build Docker images in a Jupyter notebook, with live progress.

```python
import imagewidget as iw

job = iw.pull("python:3.13-slim")   # starts immediately and shows its panel
job = iw.provision()                # the embedded data-science environment
```

Public are the names in `__all__`, the module `imagewidget.testing`, and the command
`imagewidget` or `python -m imagewidget`. Everything else may change at any time.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagewidget.api.building import build
    from imagewidget.api.images import image_exists
    from imagewidget.api.provisioning import provision
    from imagewidget.api.pulling import pull
    from imagewidget.api.replaying import replay
    from imagewidget.displays.recording import InvalidRecording
    from imagewidget.engine.connection.client import DockerClient, connect
    from imagewidget.engine.connection.info import EngineInfo
    from imagewidget.engine.failure.errors import (
        AccessDenied,
        BuildFailed,
        Cancelled,
        DiskFull,
        DockerError,
        EngineUnavailable,
        ImageNotFound,
        InvalidContext,
        InvalidReference,
        PullFailed,
        RateLimited,
        RegistryUnavailable,
        Stalled,
    )
    from imagewidget.engine.pull.retry import RetryPolicy
    from imagewidget.engine.request.options import BuildOptions
    from imagewidget.jobs.job import Job
    from imagewidget.panel.panel import Panel
    from imagewidget.progress.display import Display, Watched
    from imagewidget.progress.events import Image, LayerPhase, StepStatus
    from imagewidget.progress.log import Log
    from imagewidget.progress.state import LayerState, Phase, State, StepState
    from imagewidget.workbench.widget import ImageWidget

__version__ = "0.1.0"

__all__ = [
    "AccessDenied",
    "BuildFailed",
    "BuildOptions",
    "Cancelled",
    "DiskFull",
    "Display",
    "DockerClient",
    "DockerError",
    "EngineInfo",
    "EngineUnavailable",
    "Image",
    "ImageNotFound",
    "ImageWidget",
    "InvalidContext",
    "InvalidRecording",
    "InvalidReference",
    "Job",
    "LayerPhase",
    "LayerState",
    "Log",
    "Panel",
    "Phase",
    "PullFailed",
    "RateLimited",
    "RegistryUnavailable",
    "RetryPolicy",
    "Stalled",
    "State",
    "StepState",
    "StepStatus",
    "Watched",
    "build",
    "connect",
    "image_exists",
    "provision",
    "pull",
    "replay",
]

# Where each name is defined. A name is imported when it is first used (PEP 562), so that
# neither importing the package nor replaying a recording loads docker-py.
_HOMES = {
    "AccessDenied": "imagewidget.engine.failure.errors",
    "BuildFailed": "imagewidget.engine.failure.errors",
    "BuildOptions": "imagewidget.engine.request.options",
    "Cancelled": "imagewidget.engine.failure.errors",
    "DiskFull": "imagewidget.engine.failure.errors",
    "Display": "imagewidget.progress.display",
    "DockerClient": "imagewidget.engine.connection.client",
    "DockerError": "imagewidget.engine.failure.errors",
    "EngineInfo": "imagewidget.engine.connection.info",
    "EngineUnavailable": "imagewidget.engine.failure.errors",
    "Image": "imagewidget.progress.events",
    "ImageNotFound": "imagewidget.engine.failure.errors",
    "ImageWidget": "imagewidget.workbench.widget",
    "InvalidContext": "imagewidget.engine.failure.errors",
    "InvalidRecording": "imagewidget.displays.recording",
    "InvalidReference": "imagewidget.engine.failure.errors",
    "Job": "imagewidget.jobs.job",
    "LayerPhase": "imagewidget.progress.events",
    "LayerState": "imagewidget.progress.state",
    "Log": "imagewidget.progress.log",
    "Panel": "imagewidget.panel.panel",
    "Phase": "imagewidget.progress.state",
    "PullFailed": "imagewidget.engine.failure.errors",
    "RateLimited": "imagewidget.engine.failure.errors",
    "RegistryUnavailable": "imagewidget.engine.failure.errors",
    "RetryPolicy": "imagewidget.engine.pull.retry",
    "Stalled": "imagewidget.engine.failure.errors",
    "State": "imagewidget.progress.state",
    "StepState": "imagewidget.progress.state",
    "StepStatus": "imagewidget.progress.events",
    "Watched": "imagewidget.progress.display",
    "build": "imagewidget.api.building",
    "connect": "imagewidget.engine.connection.client",
    "image_exists": "imagewidget.api.images",
    "provision": "imagewidget.api.provisioning",
    "pull": "imagewidget.api.pulling",
    "replay": "imagewidget.api.replaying",
}

# Job threads never print; their failures are logged for whoever configures logging.
logging.getLogger(__name__).addHandler(logging.NullHandler())


if not TYPE_CHECKING:  # a type checker would accept any name

    def __getattr__(name: str) -> Any:
        """Import a public name when it is first used."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(_HOMES[name]), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """Return the public names, for tab completion."""
    return sorted([*__all__, "__version__"])


def load_ipython_extension(ipython: Any) -> None:
    """Register `%pull`, `%%build` and `%provision`; called by `%load_ext imagewidget`."""
    from imagewidget.magics import load  # noqa: PLC0415 - IPython is optional outside a kernel

    load(ipython)
