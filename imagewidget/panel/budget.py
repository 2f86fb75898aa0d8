"""How much a panel may send: bytes and messages per second."""

from __future__ import annotations

from imagewidget.panel import wire

BYTES_PER_SECOND = 28_000
"""What frames may cost on average: 2 MB a minute, with room for answers."""

BURST = 4 * BYTES_PER_SECOND
"""What frames may cost at once, after a pause."""

ANSWERS_PER_SECOND = 3.0
"""Answers that fit beside nine frames; each further one takes the place of a frame."""

_ENVELOPE = 700  # bytes that Jupyter's headers add to a message
_HEARTBEAT = 1.0


class Budget:
    """A budget that grows with time, pays for frames, and makes room for answers.

    All times are in seconds on the same clock.

    Args:
        now: The current time; the budget starts with enough for a burst.
    """

    def __init__(self, now: float) -> None:
        self._sent_at = self._earned_at = now
        self._bytes = float(BURST)
        self._answers = ANSWERS_PER_SECOND

    @property
    def is_poor(self) -> bool:
        """Whether the budget is overdrawn; frames are then sent once a second, without log."""
        return self._bytes < 0

    def earn(self, now: float) -> None:
        """Add what was earned since the last call."""
        passed, self._earned_at = now - self._earned_at, now
        self._bytes = min(BURST, self._bytes + passed * BYTES_PER_SECOND)
        self._answers = min(ANSWERS_PER_SECOND, self._answers + passed * ANSWERS_PER_SECOND)

    def has_just_sent(self, now: float) -> bool:
        """Return whether the last frame is recent enough that views need no sign of life."""
        return now - self._sent_at < _HEARTBEAT

    def should_skip_frame(self, now: float) -> bool:
        """Return whether to skip this frame, if it is not urgent.

        Either an answer has used its slot, which is thereby paid back, or the budget is overdrawn.
        """
        if self._answers < 0:
            self._answers += 1
            return True
        return self.is_poor and self.has_just_sent(now)

    def spend_frame(self, now: float, message: wire.Message) -> None:
        """Pay for a frame that is sent now."""
        self._sent_at = now
        self._bytes -= wire.size(message) + _ENVELOPE

    def spend(self, size: int) -> None:
        """Pay for something else that is sent now; it counts as an answer too."""
        self._bytes -= size + _ENVELOPE
        self._answers -= 1

    def spend_answer(self) -> None:
        """Count an answer; beyond the budget it takes the place of a frame."""
        self._answers -= 1
