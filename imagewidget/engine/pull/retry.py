"""When to try again, and how often.

*What* is worth another try stands in one table, :data:`imagewidget.engine.failure.messages.RULES`;
the tries themselves are tenacity's.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagewidget.engine.failure.errors import DockerError, Remedy

if TYPE_CHECKING:
    from tenacity import AttemptManager, RetryCallState

_JITTER = 0.1
_LONGEST_DELAY = 3600.0


@dataclass(frozen=True)
class RetryPolicy:
    """How often one registry is asked, and how long to wait in between.

    The waits are `first_delay`, `first_delay * factor`, `first_delay * factor²` …
    seconds, each a tenth more or less by chance, so that a class of students
    does not come back all at once.

    Attributes:
        attempts: Tries at each registry; 1 never tries again.
        first_delay: Seconds before the second try.
        factor: How much longer each wait is than the one before.

    Raises:
        ValueError: `attempts` is below 1, `first_delay` below 0, or `factor` below 1.
    """

    attempts: int = 3
    first_delay: float = 1.0
    factor: float = 2.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"attempts is {self.attempts}, and must be 1 or more")
        if not 0 <= self.first_delay <= _LONGEST_DELAY:
            raise ValueError(f"first_delay is {self.first_delay} s, and must be from 0 to an hour")
        if not 1 <= self.factor <= _LONGEST_DELAY:
            raise ValueError(f"factor is {self.factor}, and must be 1 or more")

    def delay(self, failures: int, *, chance: float = 0.5) -> float:
        """Give the seconds to wait after so many failures, an hour at most.

        Args:
            failures: How many tries failed so far, from 1.
            chance: From 0 to 1: 0.5 is the wait itself, 0 a tenth less, 1 a tenth more.
        """
        try:
            wait = self.first_delay * self.factor ** (failures - 1)
        except OverflowError:
            wait = _LONGEST_DELAY
        wait = min(wait, _LONGEST_DELAY) * (1 + _JITTER * (2 * chance - 1))
        return min(wait, _LONGEST_DELAY)

    def tries(
        self,
        announce: Callable[[float], object],
        *,
        chance: Callable[[], float] = random.random,
    ) -> Iterator[AttemptManager]:
        """Give one context manager for each try; a failure inside leads to the next.

        tenacity waits for nothing here: `announce` is told how many seconds to
        wait, and the caller does so before it uses the next context, for only
        it can tell its listeners first and be cancelled meanwhile.

        Args:
            announce: Called with the wait, in seconds, before each further try.
            chance: Gives a number from 0 to 1 for the jitter.

        Raises:
            DockerError: The last error, where no try is left or none would help.
        """
        # Imported where it is used: it takes ten milliseconds, and a build needs none of it.
        from tenacity import Retrying, retry_if_exception, stop_after_attempt  # noqa: PLC0415

        def wait(state: RetryCallState) -> float:
            return self.delay(state.attempt_number, chance=chance())

        def tell(seconds: float) -> None:
            announce(seconds)

        return iter(
            Retrying(
                stop=stop_after_attempt(self.attempts),
                wait=wait,
                retry=retry_if_exception(is_transient),
                sleep=tell,
                reraise=True,
            ),
        )


def is_transient(error: BaseException) -> bool:
    """Tell whether the same call may succeed a little later."""
    return isinstance(error, DockerError) and error.remedy is Remedy.AGAIN


def check_tries(retry: object, stall_timeout: object) -> None:
    """Check how often a pull is tried, and how long it may be silent.

    Raises:
        TypeError: One of them has the wrong type.
        ValueError: `stall_timeout` is not above 0, or not finite.
    """
    if retry is not None and not isinstance(retry, RetryPolicy):
        raise TypeError(
            f"`retry` is a RetryPolicy, such as RetryPolicy(attempts=3), not {retry!r}."
        )
    if stall_timeout is None:
        return
    if isinstance(stall_timeout, bool) or not isinstance(stall_timeout, (int, float)):
        raise TypeError(f"`stall_timeout` is a number of seconds, not {stall_timeout!r}.")
    if not 0 < stall_timeout < math.inf:
        raise ValueError(f"`stall_timeout` is {stall_timeout} s, and must be above 0; None waits.")
