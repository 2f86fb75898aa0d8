"""The limit for CPU time."""

import pytest

from tests.unit.effort import bounded


def test_a_block_that_takes_too_long_fails() -> None:
    with pytest.raises(AssertionError, match="units"), bounded(2):
        assert sum(number % 7 for number in range(20_000_000)) > 0


def test_a_block_that_takes_little_passes() -> None:
    with bounded(1):
        pass
