"""The query of `POST /build` for BuildKit.

Names and forms as in moby `daemon/server/router/build/build_routes.go`; what
each becomes in BuildKit is in `daemon/internal/builder-next/builder.go`.
"""

from __future__ import annotations

import json

from imagewidget.engine.request.request import BuildRequest


def parameters(request: BuildRequest, session_id: str, *, build_id: str) -> dict[str, str]:
    """Say what to build.

    Args:
        request: What is asked for.
        session_id: Where the engine gets files, secrets and credentials.
        build_id: What `POST /build/cancel` will name the build by.
    """
    asked = {
        "version": "2",
        "session": session_id,
        "buildid": build_id,
        "remote": "client-session",
        "dockerfile": request.sources.dockerfile_name,
        "rm": "1",
        "t": request.tag,
        "target": request.target,
        "platform": request.platform,
        "networkmode": request.network,
        "nocache": "1" if request.no_cache else None,
        "pull": "1" if request.pull else None,
        "buildargs": json.dumps(dict(request.build_args)) if request.build_args else None,
        "labels": json.dumps(dict(request.labels)) if request.labels else None,
        "cachefrom": json.dumps(list(request.cache_from)) if request.cache_from else None,
    }
    return {name: value for name, value in asked.items() if value is not None}
