"""The scripted engine: what it has, how it answers, and what it was asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import final

from imagewidget.engine.client import DockerClient
from imagewidget.engine.connection.endpoint import Endpoint
from imagewidget.engine.failure.arguments import string
from imagewidget.engine.failure.errors import DockerError, Stalled
from imagewidget.engine.image.platform import check_platform
from imagewidget.engine.image.reference import parse
from imagewidget.testing.answers import Answers
from imagewidget.testing.messages import REFUSALS, Interruption
from imagewidget.testing.server import Server
from imagewidget.testing.state import BUILDS, OWN_PLATFORM, Build, Kind, State, key_of

_HIGHEST_EXIT_CODE = 255
_LAYERS = (30_000_000, 4_000_000, 300_000)


@final
class ScriptedEngine:
    """A Docker engine for tests: it does what the test says, without Docker or a network.

    It speaks Docker's API on a socket of its own, from its creation until
    :meth:`stop` or the end of its `with` block. It has the graphdriver store and
    only the classic builder; a build needs no base image, and its commands are not
    executed. A reference without a registry means Docker Hub, as always.

    All methods may be called from any thread, even while the engine is in use.

    Attributes:
        url: The engine's address, as in `DOCKER_HOST`.
        client: A client of this engine, for `client=`. It uses the logins of whoever
            runs the test, as any client does; see :attr:`environment`.
    """

    url: str
    client: DockerClient

    def __init__(self) -> None:
        self._state = State()
        answers = Answers(self._state)
        self._folder = tempfile.TemporaryDirectory(prefix="imagewidget-")
        self._server = Server(
            answers.respond, Path(self._folder.name), hung_up=answers.note_hang_up
        )
        self.url = self._server.url
        self.client = DockerClient(Endpoint(self.url))

    def __repr__(self) -> str:
        return f"ScriptedEngine({self.url!r})"

    def __enter__(self) -> ScriptedEngine:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the engine, ending all its answers. No thread, socket or file is left.

        What it was asked for can still be read.
        """
        self._server.stop()
        self._folder.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that make this the default engine, and hide the user's logins.

        Use it with `monkeypatch.setenv` of pytest or `unittest.mock.patch.dict(os.environ, …)`.
        """
        return {
            "DOCKER_HOST": self.url,
            "DOCKER_TLS_VERIFY": "",
            "DOCKER_CERT_PATH": "",
            "DOCKER_CONFIG": self._folder.name,
        }

    # What the engine does.

    def add_image(
        self, reference: str, *, size: int = sum(_LAYERS), platform: str = OWN_PLATFORM
    ) -> None:
        """Put an image into the local cache.

        Args:
            reference: Its name.
            size: Its size in bytes.
            platform: The platform that it is for, such as `linux/arm64`.

        Raises:
            InvalidReference: `reference` is not a valid name.
            InvalidContext: `platform` is not a valid platform.
            TypeError: An argument has the wrong type.
            ValueError: `size` is less than 1, or the engine has the image already.
        """
        name = parse(reference)
        size = _integer(size, "size", at_least=1)
        checked = check_platform(platform) or OWN_PLATFORM
        with self._state.changed:
            if self._state.images.find(key_of(name)):
                raise ValueError(f"{key_of(name)} is in the local cache already.")
            self._state.store(name, size, checked)

    def serve(self, reference: str, *, layers: Iterable[int] = _LAYERS) -> None:
        """Put an image into its registry.

        Args:
            reference: Its name, such as `ghcr.io/owner/env:1`.
            layers: The size of each layer in bytes.

        Raises:
            InvalidReference: `reference` is not a valid name.
            TypeError: An argument has the wrong type.
            ValueError: A size is less than 1, or the registry has the image already.
        """
        key = key_of(parse(reference))
        if not isinstance(layers, Iterable):
            kind = type(layers).__name__
            raise TypeError(f"`layers` must be sizes, such as `[5_000_000]`, not {kind}.")
        sizes = tuple(_integer(size, f"layers[{at}]", at_least=1) for at, size in enumerate(layers))
        with self._state.changed:
            if key in self._state.served:
                raise ValueError(f"{key} is served already.")
            self._state.served[key] = sizes

    def refuse(self, reference: str, error: type[DockerError], *, times: int | None = None) -> None:
        """Make pulls of an image fail.

        Faults of one image happen in the order in which they were added; after the
        last one, a served image is served.

        Args:
            reference: Its name, such as `ghcr.io/owner/env:1`.
            error: The error that an attempt fails with: `ImageNotFound`, `AccessDenied`,
                `RateLimited`, `RegistryUnavailable` or `DiskFull`. A job tries the same
                registry again only after `RegistryUnavailable`.
            times: How many attempts fail; None for all.

        Raises:
            InvalidReference: `reference` is not a valid name.
            TypeError: An argument has the wrong type.
            ValueError: `error` is not one of these, `times` is less than 1, or all
                attempts are already set to fail.
        """
        if not isinstance(error, type):
            kind = type(error).__name__
            raise TypeError(
                f"`error` must be a class, such as AccessDenied, not an instance of {kind}."
            )
        if error not in REFUSALS:
            names = ", ".join(kind.__name__ for kind in REFUSALS)
            raise ValueError(f"`error` must be one of {names}, not {error.__name__}.")
        self._add_fault(key_of(parse(reference)), error, times)

    def stall(self, reference: str, *, times: int | None = None) -> None:
        """Never answer pulls of an image, until the client hangs up or the engine is stopped.

        Args:
            reference: Its name, such as `ghcr.io/owner/env:1`.
            times: How many attempts stall; None for all.

        Raises:
            InvalidReference, TypeError, ValueError: As for :meth:`refuse`.
        """
        self._add_fault(key_of(parse(reference)), Stalled, times)

    def fail_build(
        self, at: str = "", *, exit_code: int = 1, log: str = "", times: int | None = None
    ) -> None:
        """Make a command of a build fail.

        Args:
            at: Text in the `RUN` instruction that fails: the first one that contains it.
            exit_code: The exit code, from 1 to 255.
            log: What the command printed before failing; may be several lines.
            times: How many builds fail; None for all.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: `exit_code` or `times` is out of range, or all builds
                are already set to fail.
        """
        code = _integer(exit_code, "exit_code", at_least=1, at_most=_HIGHEST_EXIT_CODE)
        script = Interruption(string(at, "at"), code, string(log, "log"))
        self._add_fault(BUILDS, script, times)

    def stall_build(self, at: str = "", *, times: int | None = None) -> None:
        """Make a command of a build run until the client hangs up or the engine is stopped.

        Args:
            at: Text in its `RUN` instruction: the first one that contains it.
            times: How many builds stall; None for all.

        Raises:
            TypeError, ValueError: As for :meth:`fail_build`.
        """
        self._add_fault(BUILDS, Interruption(string(at, "at"), None), times)

    # What the engine was asked for.

    @property
    def pulls(self) -> list[str]:
        """The full name in every pull request, such as `docker.io/library/python:3.13`."""
        with self._state.changed:
            return list(self._state.pulls)

    @property
    def builds(self) -> list[Build]:
        """Every build whose context arrived."""
        with self._state.changed:
            return list(self._state.builds)

    @property
    def hung_up(self) -> list[str]:
        """The full name of every pull, and the tag of every build, that its client cut off.

        A job does so when it is cancelled, or gives up on a registry that stalls.
        """
        with self._state.changed:
            return list(self._state.hung_up)

    @property
    def images(self) -> list[str]:
        """The full names of the images in the local cache, sorted; without those by digest."""
        with self._state.changed:
            return self._state.images.tags

    def wait_until(self, condition: Callable[[], object], timeout: float = 10.0) -> None:
        """Wait until the engine was asked for something, as in `wait_until(lambda: engine.pulls)`.

        Args:
            condition: Looks at :attr:`pulls`, :attr:`builds`, :attr:`hung_up` or :attr:`images`.
            timeout: Seconds to wait.

        Raises:
            TimeoutError: The condition is still false after `timeout` seconds.
            TypeError: `condition` is not callable.
        """
        if not callable(condition):
            kind = type(condition).__name__
            raise TypeError(
                f"`condition` must be a function, as in `lambda: engine.pulls`, not {kind}."
            )
        with self._state.changed:
            if self._state.changed.wait_for(lambda: bool(condition()), timeout):
                return
            raise TimeoutError(
                f"The condition is still false after {timeout:g} s. Pulls: {self.pulls}. "
                f"Builds: {self.builds}. Hung up: {self.hung_up}. Images: {self.images}."
            )

    def _add_fault(self, key: str, kind: Kind, times: int | None) -> None:
        left = None if times is None else _integer(times, "times", at_least=1)
        with self._state.changed:
            self._state.add_fault(key, kind, left)


def _integer(value: object, name: str, *, at_least: int, at_most: int | None = None) -> int:
    """Check and return an int in a range."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"`{name}` must be an int, not {type(value).__name__}.")
    if value < at_least:
        raise ValueError(f"`{name}` must be at least {at_least}, not {value}.")
    if at_most is not None and value > at_most:
        raise ValueError(f"`{name}` must be at most {at_most}, not {value}.")
    return value
