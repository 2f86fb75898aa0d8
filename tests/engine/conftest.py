"""What the tests of builds share."""

import pytest

from tests.engine.building import unused_number
from tests.rig.registry import Registry


@pytest.fixture
def base(registry: Registry) -> str:
    """An image with busybox in it, and a stage that is never in the cache."""
    return f"FROM {registry.one} AS base\nENV UNIQUE={unused_number()}\n"
