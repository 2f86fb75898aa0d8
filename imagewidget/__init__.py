"""Pull and build Docker images in a Jupyter notebook, with live progress.

```python
import imagewidget as iw

job = iw.pull("python:3.13-slim")   # starts immediately and shows its panel
job = iw.provision()                # the embedded data-science environment
```

The public interface is the names in `__all__`, the module `imagewidget.testing`, and the
command `imagewidget` or `python -m imagewidget`. Everything else may change at any time: names that
begin with an underscore, and the constructors of `DockerClient`, `Job` and `Log` too, which
functions of this package create for you.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagewidget.api.building import build
    from imagewidget.api.connecting import connect
    from imagewidget.api.images import image_exists
    from imagewidget.api.provisioning import provision
    from imagewidget.api.pulling import pull
    from imagewidget.api.replaying import replay
    from imagewidget.displays.recording import InvalidRecording
    from imagewidget.engine.client import DockerClient
    from imagewidget.engine.engine_info import EngineInfo
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
    from imagewidget.progress.events import (
        AttemptError,
        BuildWarned,
        Diagnosis,
        ErrorInfo,
        Image,
        LayerPhase,
        SourceLine,
        StepStatus,
    )
    from imagewidget.progress.log import Log
    from imagewidget.progress.spool import LogLine
    from imagewidget.progress.state import (
        Attempt,
        LayerState,
        Phase,
        State,
        StepState,
        TransferState,
    )
    from imagewidget.workbench.widget import ImageWidget

__version__ = "0.1.0"

__all__ = [
    "AccessDenied",
    "Attempt",
    "AttemptError",
    "BuildFailed",
    "BuildOptions",
    "BuildWarned",
    "Cancelled",
    "Diagnosis",
    "DiskFull",
    "Display",
    "DockerClient",
    "DockerError",
    "EngineInfo",
    "EngineUnavailable",
    "ErrorInfo",
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
    "LogLine",
    "Panel",
    "Phase",
    "PullFailed",
    "RateLimited",
    "RegistryUnavailable",
    "RetryPolicy",
    "SourceLine",
    "Stalled",
    "State",
    "StepState",
    "StepStatus",
    "TransferState",
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
    "Attempt": "imagewidget.progress.state",
    "AttemptError": "imagewidget.progress.events",
    "BuildFailed": "imagewidget.engine.failure.errors",
    "BuildOptions": "imagewidget.engine.request.options",
    "BuildWarned": "imagewidget.progress.events",
    "Cancelled": "imagewidget.engine.failure.errors",
    "Diagnosis": "imagewidget.progress.events",
    "DiskFull": "imagewidget.engine.failure.errors",
    "Display": "imagewidget.progress.display",
    "DockerClient": "imagewidget.engine.client",
    "DockerError": "imagewidget.engine.failure.errors",
    "EngineInfo": "imagewidget.engine.engine_info",
    "EngineUnavailable": "imagewidget.engine.failure.errors",
    "ErrorInfo": "imagewidget.progress.events",
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
    "LogLine": "imagewidget.progress.spool",
    "Panel": "imagewidget.panel.panel",
    "Phase": "imagewidget.progress.state",
    "PullFailed": "imagewidget.engine.failure.errors",
    "RateLimited": "imagewidget.engine.failure.errors",
    "RegistryUnavailable": "imagewidget.engine.failure.errors",
    "RetryPolicy": "imagewidget.engine.pull.retry",
    "SourceLine": "imagewidget.progress.events",
    "Stalled": "imagewidget.engine.failure.errors",
    "State": "imagewidget.progress.state",
    "StepState": "imagewidget.progress.state",
    "StepStatus": "imagewidget.progress.events",
    "TransferState": "imagewidget.progress.state",
    "Watched": "imagewidget.progress.display",
    "build": "imagewidget.api.building",
    "connect": "imagewidget.api.connecting",
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
