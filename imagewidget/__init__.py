"""Pull and build Docker images in a Jupyter notebook, with live progress.

```python
import imagewidget as iw

job = iw.pull("python:3.13-slim")   # starts immediately and shows its panel
job = iw.provision()                # the embedded data-science environment
```
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from imagewidget.api import build, image_exists, provision, pull, replay
from imagewidget.displays.recording import InvalidRecording
from imagewidget.engine.connection.client import DockerClient, connect
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
from imagewidget.jobs.job import Job
from imagewidget.progress.events import Image
from imagewidget.progress.state import State

if TYPE_CHECKING:
    from imagewidget.panel.panel import Panel
    from imagewidget.workbench.widget import ImageWidget

__version__ = "0.1.0"

__all__ = [
    "AccessDenied",
    "BuildFailed",
    "Cancelled",
    "DiskFull",
    "DockerClient",
    "DockerError",
    "EngineUnavailable",
    "Image",
    "ImageNotFound",
    "ImageWidget",
    "InvalidContext",
    "InvalidRecording",
    "InvalidReference",
    "Job",
    "Panel",
    "PullFailed",
    "RateLimited",
    "RegistryUnavailable",
    "RetryPolicy",
    "Stalled",
    "State",
    "build",
    "connect",
    "image_exists",
    "provision",
    "pull",
    "replay",
]

# Job threads never print; their failures are logged for whoever configures logging.
logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    """Import the widgets on first use: a script without a panel does not need them."""
    if name == "Panel":
        from imagewidget.panel.panel import Panel  # noqa: PLC0415 - see above

        return Panel
    if name == "ImageWidget":
        from imagewidget.workbench.widget import ImageWidget  # noqa: PLC0415 - see above

        return ImageWidget
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names, for tab completion."""
    return sorted([*__all__, "__version__"])


def load_ipython_extension(ipython: Any) -> None:
    """Register `%pull`, `%%build` and `%provision`; called by `%load_ext imagewidget`."""
    from imagewidget.magics import load  # noqa: PLC0415 - IPython is optional outside a kernel

    load(ipython)
