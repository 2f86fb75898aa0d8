"""When to try again, and how often; nothing here waits."""

import random
from typing import Any

import pytest

from imagewidget.engine.failure.errors import (
    AccessDenied,
    Cancelled,
    DiskFull,
    DockerError,
    EngineUnavailable,
    ImageNotFound,
    InvalidReference,
    RegistryUnavailable,
    Remedy,
    Stalled,
    with_remedy,
)
from imagewidget.engine.pull import retry
from imagewidget.engine.pull.retry import RetryPolicy, is_transient


def run(policy: RetryPolicy, *errors: BaseException | None) -> tuple[int, list[float]]:
    """Fail with each error in turn; return the number of tries, and the waits."""
    waits: list[float] = []
    outcomes = iter(errors)
    tries = 0
    for trial in retry.tries(policy, waits.append, chance=lambda: 0.5):
        tries += 1
        with trial:
            error = next(outcomes)
            if error is not None:
                raise error
    return tries, waits


def test_the_default_waits_are_one_and_two_seconds() -> None:
    down = RegistryUnavailable("down")

    assert run(RetryPolicy(), down, down, None) == (3, [1.0, 2.0])


def test_the_waits_follow_the_policy() -> None:
    down = RegistryUnavailable("down")
    policy = RetryPolicy(attempts=5, first_delay=0.5, factor=3.0)

    assert run(policy, down, down, down, down, None) == (5, [0.5, 1.5, 4.5, 13.5])


def test_success_ends_the_tries() -> None:
    assert run(RetryPolicy(), None) == (1, [])


def test_the_last_error_is_raised_unchanged() -> None:
    errors = [RegistryUnavailable(str(number)) for number in range(3)]

    with pytest.raises(RegistryUnavailable) as caught:
        run(RetryPolicy(), *errors)

    assert caught.value is errors[-1]


@pytest.mark.parametrize(
    "error",
    [ImageNotFound("x"), AccessDenied("x"), DiskFull("x"), InvalidReference("x"), Cancelled("x")],
)
def test_a_permanent_error_is_raised_at_once(error: DockerError) -> None:
    with pytest.raises(type(error)):
        run(RetryPolicy(), error, None)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), GeneratorExit(), ZeroDivisionError()])
def test_other_exceptions_are_not_caught(error: BaseException) -> None:
    with pytest.raises(type(error)):
        run(RetryPolicy(), error, None)


def test_one_attempt_never_tries_again() -> None:
    with pytest.raises(RegistryUnavailable):
        run(RetryPolicy(attempts=1), RegistryUnavailable("down"))


def test_the_jitter_is_a_tenth_either_way() -> None:
    policy = RetryPolicy()

    assert retry.delay(policy, 1, chance=0.0) == pytest.approx(0.9)
    assert retry.delay(policy, 1, chance=1.0) == pytest.approx(1.1)
    assert retry.delay(policy, 2, chance=0.25) == pytest.approx(1.9)


def test_the_jitter_is_drawn_for_every_wait() -> None:
    source = random.Random(7)  # noqa: S311 - not used for security
    waits: list[float] = []
    policy = RetryPolicy(attempts=20, factor=1.0)
    for trial in retry.tries(policy, waits.append, chance=source.random):
        with trial:
            if len(waits) < 19:
                raise RegistryUnavailable("down")

    assert len(set(waits)) == 19
    assert 0.9 <= min(waits) < 1.0 < max(waits) <= 1.1


def test_no_wait_is_longer_than_an_hour() -> None:
    policy = RetryPolicy(attempts=5000, first_delay=1.0, factor=10.0)

    assert retry.delay(policy, 4999) == pytest.approx(3600.0)
    assert retry.delay(policy, 4999, chance=1.0) == pytest.approx(3600.0)


def test_a_policy_is_plain_data() -> None:
    public = {name for name in dir(RetryPolicy) if not name.startswith("_")}

    assert public == {"attempts", "factor", "first_delay"}


@pytest.mark.parametrize(
    "values",
    [
        {"attempts": 0},
        {"attempts": -1},
        {"first_delay": -0.1},
        {"first_delay": float("nan")},
        {"first_delay": float("inf")},
        {"factor": 0.5},
        {"factor": float("nan")},
    ],
)
def test_an_invalid_policy_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        RetryPolicy(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RegistryUnavailable("x"), True),
        (Stalled("x"), True),
        (with_remedy(RegistryUnavailable("x"), Remedy.ELSEWHERE), False),
        (EngineUnavailable("x"), False),
        (with_remedy(EngineUnavailable("x"), Remedy.AGAIN), True),
        (DockerError("x"), False),
        (ValueError("x"), False),
    ],
)
def test_the_remedy_decides_what_is_worth_another_try(
    error: BaseException,
    *,
    expected: bool,
) -> None:
    assert is_transient(error) is expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attempts", "3"),
        ("attempts", 1.5),
        ("attempts", True),
        ("first_delay", "1"),
        ("factor", None),
    ],
)
def test_a_policy_must_consist_of_numbers(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"`{name}` must be an? "):
        RetryPolicy(**{name: value})
