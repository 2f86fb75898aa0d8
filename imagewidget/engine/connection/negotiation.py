"""Negotiate the API version to use with an engine."""

from __future__ import annotations

import sys
from typing import Any

import docker.errors

from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.engine.connection.faults import translate, translated, unavailable
from imagewidget.engine.connection.hints import Fault
from imagewidget.engine.connection.transport import Transport
from imagewidget.engine.failure.errors import EngineUnavailable

# Used with newer engines too: every engine also serves older API versions.
_NEWEST = (1, 51)


def api_version(api: Transport, endpoint: Endpoint) -> str:
    """Query an engine for its API versions, and return the one to use.

    Raises:
        EngineUnavailable: Nothing answers, or it is not an engine.
    """
    answer = _query(api, endpoint)
    version = min(_numbers(answer["ApiVersion"]), _NEWEST)
    version = max(version, _numbers(answer.get("MinAPIVersion")))
    return ".".join(map(str, version))


def _query(api: Transport, endpoint: Endpoint) -> dict[str, Any]:
    strange = unavailable(Fault.STRANGE, endpoint)
    handled = sys.exc_info()[1]
    with translated(endpoint):
        try:
            answer = api.version(api_version=False)
            if _numbers(answer["ApiVersion"]):
                return answer
        except docker.errors.APIError as error:
            fault = translate(error, endpoint, handled=handled)
            raise fault if isinstance(fault, EngineUnavailable) else strange from error
        except (KeyError, TypeError) as error:
            # It is JSON, but not an engine's answer.
            raise strange from error
    raise strange


def _numbers(version: object) -> tuple[int, ...]:
    """Parse a version such as `1.45`; return an empty tuple if it is not one."""
    parts = str(version).split(".")
    return tuple(map(int, parts)) if all(map(str.isdecimal, parts)) else ()
