"""The first query to an engine: what it is, and which API version to use with it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

import docker.errors

from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.engine.connection.faults import translate, translated, unavailable
from imagewidget.engine.connection.hints import Fault
from imagewidget.engine.connection.transport import Transport
from imagewidget.engine.engine_info import EngineVersion
from imagewidget.engine.failure.errors import EngineUnavailable

# Used with newer engines too: every engine also serves older API versions.
_NEWEST = (1, 51)

_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")


# The first version with BuildKit: engine 18.09.
_BUILDKIT = (1, 39)


def engine_version(api: Transport, endpoint: Endpoint) -> EngineVersion:
    """Query an engine for its version, and decide which API version to use.

    Raises:
        EngineUnavailable: Nothing answers, or it is not an engine.
    """
    answer = _query(api, endpoint)
    numbers = min(_numbers(answer["ApiVersion"]), _NEWEST)
    numbers = max(numbers, _numbers(answer.get("MinAPIVersion")))
    components = answer.get("Components") or [{}]
    is_podman = "podman" in str(components[0].get("Name", "")).lower()
    system = str(answer.get("Os") or "")
    return EngineVersion(
        name="Podman" if is_podman else _product(answer),
        version=str(answer.get("Version") or ""),
        api_version=".".join(map(str, numbers)),
        has_buildkit=not is_podman and system != "windows" and numbers >= _BUILDKIT,
        os=system,
        arch=str(answer.get("Arch") or ""),
        is_podman=is_podman,
    )


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
    if not _VERSION.fullmatch(str(version)):
        return ()
    return tuple(map(int, str(version).split(".")))


def _product(answer: Mapping[str, Any]) -> str:
    platform = str((answer.get("Platform") or {}).get("Name") or "")
    return "Docker Desktop" if platform.startswith("Docker Desktop") else "Docker Engine"
