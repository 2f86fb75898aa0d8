"""The logins that a pull sends to registries: those passed to it, else those of this user.

A password that was passed is never shown, even if an engine repeats it in a message.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection import login
from imagewidget.engine.connection.client import Client
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.failure.errors import (
    AccessDenied,
    DockerError,
    masked,
    remedy_of,
    with_remedy,
)
from imagewidget.engine.image.reference import registry_at
from imagewidget.engine.masking import Masker
from imagewidget.progress.events import Event, LogWritten


class Logins:
    """The logins for all attempts of one pull.

    Args:
        auth: Credentials by registry; they take precedence over Docker's configuration.
        cancel: Ends the wait for a credential helper.
    """

    def __init__(self, auth: Mapping[str, Credentials], cancel: Cancellation) -> None:
        self._auth = auth
        self._cancel = cancel
        self._found: dict[str, Credentials | None] = {}
        self._masker = Masker(secret for one in auth.values() for secret in one.secrets)

    def headers(self, client: Client, host: str) -> Generator[Event, None, dict[str, str]]:
        """Return the headers with the login for a registry; this user's is read only once."""
        passed = self._auth.get(registry_at(host))
        if passed is not None:
            return login.header(passed, host)
        if host not in self._found:
            found = client.login(host, self._cancel)
            self._found[host] = found.credentials
            for note in found.notes:
                yield LogWritten(f"{note}\n")
        stored = self._found[host]
        return login.header(stored, host) if stored is not None else {}

    def _sent(self, host: str) -> str:
        """Return the beginning of the hint for a login that was sent; empty if none was."""
        if registry_at(host) in self._auth:
            return f"Check the user name and the password for {host} in `auth=`"
        if self._found.get(host) is not None:
            return (
                f"Check the login for {host} that `docker login` stored (run it again, or "
                f"`docker logout {host}` for a public image)"
            )
        return ""

    def shown(self, event: Event) -> Event:
        """Return an event of the pull with the passwords masked."""
        if self._masker and isinstance(event, LogWritten):
            return replace(event, text=self._masker.mask(event.text))
        return event

    def explained(self, error: DockerError, host: str) -> DockerError:
        """Return an error of an attempt with the passwords masked, and the hint that applies.

        Docker's hint, to log in, would be wrong for a login that was sent.
        """
        if isinstance(error, AccessDenied) and (what := self._sent(host)):
            hint = (
                f"{what}, and that this user may pull the image. Many registries answer the same "
                "way when the image does not exist."
            )
            error = with_remedy(AccessDenied(error.message, hint=hint), remedy_of(error))
        return masked(error, self._masker.mask) if self._masker else error
