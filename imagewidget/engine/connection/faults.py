"""Translate exceptions of other libraries into this package's errors.

docker-py, requests, urllib3, paramiko and the sockets below each have their own
exceptions, wrapped in one another. None of them leaves `imagewidget.engine`: a
failure to reach an engine becomes an :class:`EngineUnavailable` whose hint names
the next step, and the engine's own error messages are passed to
:func:`imagewidget.engine.failure.messages.explain`.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import socket
import ssl
import sys
from collections.abc import Iterator
from itertools import chain

import docker.errors
import requests.exceptions
import urllib3.exceptions

from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.engine.connection.hints import Fault, hint
from imagewidget.engine.failure.errors import (
    DockerError,
    EngineUnavailable,
    Remedy,
    with_remedy,
)
from imagewidget.engine.failure.messages import explain, sentence

_FOREIGN: tuple[type[Exception], ...] = (
    docker.errors.DockerException,
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    EOFError,
)

_BY_ERRNO: dict[int | None, Fault] = {
    errno.ENOENT: Fault.MISSING,
    errno.ENOTDIR: Fault.MISSING,
    errno.ECONNREFUSED: Fault.DEAD,
    errno.ENOTSOCK: Fault.DEAD,
    errno.EACCES: Fault.DENIED,
    errno.EPERM: Fault.DENIED,
    errno.ETIMEDOUT: Fault.SILENT,
    errno.EAGAIN: Fault.SILENT,  # too many connections wait for the engine to accept them
    errno.EHOSTUNREACH: Fault.UNREACHABLE,
    errno.ENETUNREACH: Fault.UNREACHABLE,
    errno.ECONNRESET: Fault.LOST,
    errno.EPIPE: Fault.LOST,
    errno.ECONNABORTED: Fault.LOST,
}

# The errors that pywin32 raises for a named pipe, by `winerror`; they are not OSErrors.
_BY_WINDOWS_ERROR: dict[object, Fault] = {
    2: Fault.MISSING,
    5: Fault.DENIED,
    109: Fault.LOST,
    231: Fault.DEAD,
}


_BY_WORDS = {
    "not found in known_hosts": Fault.SSH_UNKNOWN,
    "Install paramiko": Fault.NO_PARAMIKO,
    "Install pypiwin32": Fault.NO_PIPE,
    "only supported on Windows": Fault.NO_PIPE,
    "ended prematurely": Fault.LOST,
}

# paramiko's exceptions, by name, because paramiko may not be installed.
_BY_NAME = {
    "AuthenticationException": Fault.SSH_REFUSED,
    "PasswordRequiredException": Fault.SSH_REFUSED,
    "BadHostKeyException": Fault.SSH_UNKNOWN,
}

# The order matters: RemoteDisconnected is a subclass of BadStatusLine.
_BY_TYPE: tuple[tuple[type[BaseException], Fault], ...] = (
    (ssl.SSLError, Fault.UNTRUSTED),
    (socket.gaierror, Fault.UNKNOWN_HOST),
    (TimeoutError, Fault.SILENT),
    (requests.exceptions.Timeout, Fault.SILENT),
    (urllib3.exceptions.TimeoutError, Fault.SILENT),
    (requests.exceptions.JSONDecodeError, Fault.STRANGE),
    (http.client.RemoteDisconnected, Fault.LOST),
    (http.client.BadStatusLine, Fault.STRANGE),
    (http.client.HTTPException, Fault.LOST),
    (EOFError, Fault.LOST),
)


@contextlib.contextmanager
def translated(endpoint: Endpoint, *, platform: str = sys.platform) -> Iterator[None]:
    """Translate exceptions of other libraries that leave the block.

    Raises:
        DockerError: Another library raised an exception inside the block.
    """
    handled = sys.exc_info()[1]
    try:
        yield
    except foreign() as error:
        found = translate(error, endpoint, platform=platform, handled=handled)
        raise found from _without_request(error, handled)


def foreign() -> tuple[type[Exception], ...]:
    """Return the exceptions to translate, of those libraries that are loaded."""
    found = list(_FOREIGN)
    for module, name in (("paramiko", "SSHException"), ("pywintypes", "error")):
        kind = getattr(sys.modules.get(module), name, None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            found.append(kind)
    return tuple(found)


def translate(
    error: Exception,
    endpoint: Endpoint,
    *,
    platform: str = sys.platform,
    handled: BaseException | None = None,
) -> DockerError:
    """Return the error that an exception raised while talking to `endpoint` means.

    Args:
        error: The exception as caught; the exceptions that it wraps are examined too.
        endpoint: The engine's address.
        platform: Selects the hint; one of the values of `sys.platform`.
        handled: The exception that the caller was already handling. Python links it
            to `error` as its context, but it is not part of the cause.
    """
    links = tuple(_links(error, handled))
    for each in links:
        if isinstance(each, DockerError):
            return each
        if isinstance(each, docker.errors.APIError) and each.response is not None:
            status = each.response.status_code
            text = str(each.explanation or each.response.reason or "")
            if "HTTP request to an HTTPS server" in text:
                return unavailable(Fault.NEEDS_TLS, endpoint, platform)
            return explain(text, status=status)
    fault = next((found for each in links if (found := _fault(each))), None)
    if fault:
        why = next((words for each in links if (words := _why_untrusted(each))), "")
        return unavailable(fault, endpoint, platform, why=why)
    return EngineUnavailable(
        f"The engine at {endpoint} cannot be used: {sentence(str(error))}",
        hint=hint(Fault.STRANGE, endpoint, platform=platform),
    )


def unavailable(
    fault: Fault,
    endpoint: Endpoint,
    platform: str = sys.platform,
    *,
    why: str = "",
) -> EngineUnavailable:
    """Return the error for a fault in reaching `endpoint`, with the hint for `platform`."""
    # The engine may be restarting.
    remedy = Remedy.AGAIN if fault in (Fault.LOST, Fault.SILENT) else Remedy.NONE
    message = fault.value.format(endpoint=endpoint)
    error = EngineUnavailable(
        f"{message[:-1]}: {sentence(why)}" if why else message,
        hint=hint(fault, endpoint, platform=platform),
    )
    return with_remedy(error, remedy)


def _without_request(error: Exception, handled: BaseException | None) -> BaseException:
    """Return what a traceback may show of the exception.

    urllib3 quotes the whole request, whose query has a build's arguments.
    """
    links = tuple(_links(error, handled))
    is_quoted = any(isinstance(each, urllib3.exceptions.MaxRetryError) for each in links)
    return links[0] if is_quoted else error


def _fault(error: BaseException) -> Fault | None:
    """Return the fault that one exception of the chain means by itself, or None."""
    if isinstance(error, ssl.SSLError | socket.gaierror):
        number = None  # these have other error numbers: 1 does not mean EPERM here
    else:
        number = error.errno if isinstance(error, OSError) else None
    if number in _BY_ERRNO:
        return _BY_ERRNO[number]
    windows = _BY_WINDOWS_ERROR.get(getattr(error, "winerror", None))
    if windows:
        return windows
    by_type = (fault for kind, fault in _BY_TYPE if isinstance(error, kind))
    by_name = (fault for name, fault in _BY_NAME.items() if type(error).__name__ == name)
    by_words = (fault for words, fault in _BY_WORDS.items() if words in str(error))
    return next(chain(by_words, by_name, by_type), None)


def _why_untrusted(error: BaseException) -> str:
    """Return OpenSSL's reason, such as `certificate has expired` or `tlsv13 alert unknown ca`."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message)
    reason = getattr(error, "reason", None) if isinstance(error, ssl.SSLError) else None
    return str(reason or "").replace("_", " ").lower()


def _links(error: BaseException, handled: BaseException | None) -> Iterator[BaseException]:
    """Yield the chain from the innermost cause to the exception itself, without `handled`.

    requests and urllib3 also store the exceptions that they wrap in `args` and `reason`.
    """
    seen: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        each = queue.pop(0)
        if not isinstance(each, BaseException) or any(each is one for one in (handled, *seen)):
            continue
        seen.append(each)
        queue += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return iter(reversed(seen))
