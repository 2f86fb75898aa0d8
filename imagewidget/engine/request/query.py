"""The query of `POST /build`: the parameters that all builders share.

Names and formats are those of moby's `daemon/server/router/build/build_routes.go`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from imagewidget.engine.request.limits import as_objects
from imagewidget.engine.request.request import BuildRequest

Parameters = dict[str, str | list[str]]
"""Query parameters; one with several values is sent several times."""


def query(request: BuildRequest) -> Parameters:
    """Return the request as query parameters; options that are not set are left out."""
    given: dict[str, str | list[str] | None] = {
        "t": list(request.tags) or None,
        "target": request.target,
        "platform": request.platform,
        "networkmode": request.network,
        "shmsize": None if request.shm_size is None else str(request.shm_size),
        "ulimits": json.dumps(as_objects(request.ulimits)) if request.ulimits else None,
        "extrahosts": [f"{name}:{at}" for name, at in request.add_hosts.items()] or None,
        "nocache": _flag(is_set=request.no_cache),
        "pull": _flag(is_set=request.pull),
        "buildargs": _object(request.build_args),
        "labels": _object(request.labels),
        "cachefrom": json.dumps(request.cache_from) if request.cache_from else None,
        "rm": "1",
    }
    return {name: value for name, value in given.items() if value is not None}


def _flag(*, is_set: bool) -> str | None:
    return "1" if is_set else None


def _object(values: Mapping[str, str]) -> str | None:
    return json.dumps(dict(values)) if values else None
