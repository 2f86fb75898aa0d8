"""Fixtures for every test: the rig's engines and registries, and isolated settings."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = ["tests.rig.fixtures", "tests.sample", "pytester"]

# No deadline: how long an example takes depends only on the machine.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

_OWN_FOLDERS = ("DOCKER_CONFIG", "IPYTHONDIR")
_UNSET = (
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_AUTH_CONFIG",
)


def pytest_configure() -> None:
    """Stop ignoring what `nohup` or a shell's `&` made this process and its children ignore."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _isolated_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Ignore the logins and the Docker settings of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in _OWN_FOLDERS:
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        for name in _UNSET:
            patch.delenv(name, raising=False)
        yield
