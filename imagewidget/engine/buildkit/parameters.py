"""The query of `POST /build` for BuildKit.

What each parameter becomes in BuildKit is in moby's
`daemon/internal/builder-next/builder.go`.
"""

from __future__ import annotations

from imagewidget.engine.request.query import query
from imagewidget.engine.request.request import BuildRequest


def parameters(request: BuildRequest, session_id: str, *, build_id: str) -> dict[str, str]:
    """Say what to build.

    Args:
        request: What is asked for.
        session_id: Where the engine gets files, secrets and credentials.
        build_id: What `POST /build/cancel` will name the build by.
    """
    return query(request) | {
        "version": "2",
        "session": session_id,
        "buildid": build_id,
        "remote": "client-session",
        "dockerfile": request.sources.dockerfile_name,
    }
