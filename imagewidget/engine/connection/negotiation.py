"""The version of the API that an engine and this client both speak."""

from __future__ import annotations

import sys
from typing import Any

import docker.errors

from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.engine.connection.faults import translate, translated, unavailable
from imagewidget.engine.connection.hints import Fault
from imagewidget.engine.connection.transport import Transport
from imagewidget.engine.failure.errors import EngineUnavailable

# Spoken with newer engines too: every engine serves versions before its own.
_NEWEST = (1, 51)


def api_version(api: Transport, endpoint: Endpoint) -> str:
    """Ask an engine for its versions, and choose one.

    Raises:
        EngineUnavailable: No engine answers, or something that is none.
    """
    answer = _asked(api, endpoint)
    version = min(_numbers(answer["ApiVersion"]), _NEWEST)
    version = max(version, _numbers(answer.get("MinAPIVersion")))
    return ".".join(map(str, version))


def _asked(api: Transport, endpoint: Endpoint) -> dict[str, Any]:
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
            # JSON, but none of an engine's.
            raise strange from error
    raise strange


def _numbers(version: object) -> tuple[int, ...]:
    """Read `1.45`; empty for what is no version."""
    parts = str(version).split(".")
    return tuple(map(int, parts)) if all(map(str.isdecimal, parts)) else ()
