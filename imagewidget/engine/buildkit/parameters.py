"""The query of `POST /build` for BuildKit.

How the engine maps each parameter to BuildKit is defined in moby's
`daemon/internal/builder-next/builder.go`.
"""

from __future__ import annotations

from imagewidget.engine.request.query import query
from imagewidget.engine.request.request import BuildRequest


def parameters(request: BuildRequest, session_id: str, *, build_id: str) -> dict[str, str]:
    """Return the query parameters for a build.

    Args:
        request: What to build.
        session_id: The session that serves files, secrets and credentials.
        build_id: The id for `POST /build/cancel`.
    """
    return query(request) | {
        "version": "2",
        "session": session_id,
        "buildid": build_id,
        "remote": "client-session",
        "dockerfile": request.sources.dockerfile_name,
    }
