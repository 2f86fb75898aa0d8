"""Fixtures: the browser's end of a panel's wire, and a job."""

import pytest

from tests.unit.panel.peer import FakeJob, Wire


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def job() -> FakeJob:
    return FakeJob()
