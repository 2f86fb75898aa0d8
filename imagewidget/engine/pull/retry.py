"""When to try again, and how many times.

Which errors are worth another attempt is defined in
:data:`imagewidget.engine.failure.rules.RULES`; the loop itself is tenacity's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagewidget.engine.failure.errors import (
    DockerError,
    Remedy,
    remedy_of,
)

if TYPE_CHECKING:
    from tenacity import AttemptManager, RetryCallState

_JITTER = 0.1
_LONGEST_DELAY = 3600.0
_LONGEST_STALL = 7 * 24 * 3600.0
"""Seconds; a socket takes up to 24 days."""


@dataclass(frozen=True)
class RetryPolicy:
    """How many times one registry is tried, and how long to wait in between.

    The waits are `first_delay`, `first_delay * factor`, `first_delay * factor²` …
    seconds, each varied randomly by up to a tenth, so that a class of students
    does not try again all at once.

    Attributes:
        attempts: The number of attempts at each registry; 1 never tries again.
        first_delay: Seconds to wait before the second attempt.
        factor: How many times longer each wait is than the one before.

    Raises:
        ValueError: `attempts` is less than 1, or `first_delay` or `factor` is out of range.
    """

    attempts: int = 3
    first_delay: float = 1.0
    factor: float = 2.0

    def __post_init__(self) -> None:
        for name in ("attempts", "first_delay", "factor"):
            value, kinds = getattr(self, name), (int,) if name == "attempts" else (int, float)
            if isinstance(value, bool) or not isinstance(value, kinds):
                kind = "an int" if name == "attempts" else "a number"
                raise TypeError(f"`{name}` must be {kind}, not {type(value).__name__}.")
        if self.attempts < 1:
            raise ValueError(f"`attempts` must be at least 1, not {self.attempts}.")
        if not 0 <= self.first_delay <= _LONGEST_DELAY:
            raise ValueError(
                f"`first_delay` must be between 0 and 3600 seconds, not {self.first_delay}."
            )
        if not 1 <= self.factor <= _LONGEST_DELAY:
            raise ValueError(f"`factor` must be between 1 and 3600, not {self.factor}.")


def delay(policy: RetryPolicy, failures: int, *, chance: float = 0.5) -> float:
    """Return the seconds to wait after a number of failures, at most an hour.

    Args:
        policy: How the waits grow.
        failures: How many attempts have failed so far, from 1.
        chance: The jitter, from 0 to 1: 0.5 adds nothing, 0 takes off a tenth, 1
            adds a tenth.
    """
    try:
        wait = policy.first_delay * policy.factor ** (failures - 1)
    except OverflowError:
        wait = _LONGEST_DELAY
    wait = min(wait, _LONGEST_DELAY) * (1 + _JITTER * (2 * chance - 1))
    return min(wait, _LONGEST_DELAY)


def tries(
    policy: RetryPolicy,
    announce: Callable[[float], object],
    *,
    chance: Callable[[], float] = random.random,
) -> Iterator[AttemptManager]:
    """Yield one context manager for each attempt; a failure inside leads to the next.

    tenacity does not wait here: `announce` is called with the seconds to wait, and
    the caller waits before it enters the next context, because only the caller
    can report the wait first and be cancelled during it.

    Args:
        policy: How many attempts there are, and how long the waits.
        announce: Called with the wait, in seconds, before each further attempt.
        chance: Returns a number from 0 to 1 for the jitter.

    Raises:
        DockerError: The last error, if no attempt is left or another would not help.
    """
    # Imported where it is used: it takes ten milliseconds, and a build does not need it.
    from tenacity import Retrying, retry_if_exception, stop_after_attempt  # noqa: PLC0415

    def wait(state: RetryCallState) -> float:
        return delay(policy, state.attempt_number, chance=chance())

    def report(seconds: float) -> None:
        announce(seconds)

    return iter(
        Retrying(
            stop=stop_after_attempt(policy.attempts),
            wait=wait,
            retry=retry_if_exception(is_transient),
            sleep=report,
            reraise=True,
        ),
    )


def is_transient(error: BaseException) -> bool:
    """Return whether the same call may succeed a little later."""
    return isinstance(error, DockerError) and remedy_of(error) is Remedy.AGAIN


def check_tries(retry: object, stall_timeout: object) -> None:
    """Check the arguments `retry` and `stall_timeout` of a pull.

    Raises:
        TypeError: One of them has the wrong type.
        ValueError: `stall_timeout` is not greater than 0, or longer than a week.
    """
    if retry is not None and not isinstance(retry, RetryPolicy):
        raise TypeError(
            "`retry` must be a RetryPolicy, such as RetryPolicy(attempts=3), "
            f"not {type(retry).__name__}."
        )
    if stall_timeout is None:
        return
    if isinstance(stall_timeout, bool) or not isinstance(stall_timeout, (int, float)):
        kind = type(stall_timeout).__name__
        raise TypeError(f"`stall_timeout` must be a number of seconds, not {kind}.")
    if not 0 < stall_timeout <= _LONGEST_STALL:
        bound = "at most 604800 seconds" if stall_timeout > 0 else "greater than 0"
        raise ValueError(
            f"`stall_timeout` must be {bound}, not {stall_timeout}; use None to wait forever."
        )
