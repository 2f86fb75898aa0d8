"""Fixtures for the tests of builds, and the order of all tests with an engine."""

import pytest

from tests.engine.building import unused_number
from tests.rig.registry import Registry


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that may take longest: at the end, other workers would be idle."""
    items.sort(key=_longest, reverse=True)


def _longest(item: pytest.Item) -> float:
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 0


@pytest.fixture
def base(registry: Registry) -> str:
    """The first lines of a Dockerfile: a base stage with busybox that is never in the cache."""
    return f"FROM {registry.one} AS base\nENV UNIQUE={unused_number()}\n"
