"""What every test may ask for: the rig's engines and registries."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = ["tests.rig.fixtures"]

# How long one example takes says something of the machine only.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

_OWN_FOLDERS = ("DOCKER_CONFIG", "IPYTHONDIR")
_UNSET = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")


@pytest.fixture(scope="session", autouse=True)
def _nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever runs the tests may be logged in somewhere, or point Docker elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        for name in _OWN_FOLDERS:
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        for name in _UNSET:
            patch.delenv(name, raising=False)
        yield
