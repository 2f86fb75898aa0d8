"""Fixtures for the tests of builds."""

import pytest

from tests.engine.building import unused_number
from tests.rig.registry import Registry


@pytest.fixture
def base(registry: Registry) -> str:
    """The first lines of a Dockerfile: a base stage with busybox that is never in the cache."""
    return f"FROM {registry.one} AS base\nENV UNIQUE={unused_number()}\n"
