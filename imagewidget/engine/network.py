"""Which network the `RUN` steps of a build get."""

from __future__ import annotations

from imagewidget.engine.connection.info import EngineInfo

NO_BRIDGE = (
    "The engine has no bridge network, so RUN steps use the engine's own network "
    "(network='host'). Give network='none' to keep them off any.\n"
)
"""What the log says when :func:`run_network` had to choose."""


def run_network(info: EngineInfo, asked: str | None) -> tuple[str | None, str]:
    """Choose what makes `RUN` steps work.

    An engine started with `--bridge=none` has no network for a container that
    asks for none in particular: there each `RUN` fails with "network bridge not
    found" (moby `builder-next/executor_linux.go`).

    Args:
        info: The engine.
        asked: What the caller wants; None leaves it open.

    Returns:
        The value for `networkmode`, None for the engine's own default; and what
        to tell the user, empty if there is nothing to tell.
    """
    if asked is not None or info.has_bridge or info.os == "windows":
        return asked, ""
    return "host", NO_BRIDGE
