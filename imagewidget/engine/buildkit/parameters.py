"""The query of `POST /build` for BuildKit.

How the engine maps each parameter to BuildKit is defined in moby's
`daemon/internal/builder-next/builder.go`.
"""

from __future__ import annotations

import json
from dataclasses import replace

from imagewidget.engine.context.context import RemoteContext
from imagewidget.engine.request.query import Parameters, query
from imagewidget.engine.request.request import BuildRequest

_SESSION = "client-session"


def parameters(
    request: BuildRequest, session_id: str, *, build_id: str, store: str = "graphdriver"
) -> Parameters:
    """Return the query parameters for a build.

    Args:
        request: What to build.
        session_id: The session that serves files, secrets and credentials.
        build_id: The id for `POST /build/cancel`.
        store: The engine's store. In that of containerd, two builds of one tag at the
            same moment disturb each other, so the image gets its tags afterwards.
    """
    given = query(replace(request, build_args={**request.build_args, **_special(request)}))
    if store == "containerd":
        given.pop("t", None)
    if request.output:
        given["outputs"] = json.dumps([{"Type": request.output.kind, "Attrs": {}}])
    context = request.context
    return given | {
        "version": "2",
        "session": session_id,
        "buildid": build_id,
        "remote": context.url if isinstance(context, RemoteContext) else _SESSION,
        "dockerfile": request.sources.dockerfile_name,
    }


def _special(request: BuildRequest) -> dict[str, str]:
    """Return the options that BuildKit takes as build arguments."""
    special = {}
    if request.source_date_epoch is not None:
        special["SOURCE_DATE_EPOCH"] = str(request.source_date_epoch)
    if request.cache_to:
        special["BUILDKIT_INLINE_CACHE"] = "1"
    return special
