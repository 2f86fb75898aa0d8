"""A panel's wire with a job at its other end."""

import pytest

from tests.unit.panel.peer import FakeJob, Wire


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def job() -> FakeJob:
    return FakeJob()
