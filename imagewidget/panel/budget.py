"""How much a panel may send: bytes, and messages a second."""

from __future__ import annotations

from imagewidget.panel import wire

BYTES_PER_SECOND = 28_000
"""What frames may cost over a while: 2 MB a minute with room for answers."""

BURST = 4 * BYTES_PER_SECOND
"""What frames may cost at once, after a silence."""

ANSWERS_PER_SECOND = 3.0
"""Answers that go beside nine frames; each one more takes the place of a frame."""

_ENVELOPE = 700  # what Jupyter's own headers add to a message
_HEARTBEAT = 1.0


class Budget:
    """Earns with time, pays for frames, and makes room for answers.

    Every instant is in seconds on one clock.

    Args:
        now: When it begins, with the means for a whole burst.
    """

    def __init__(self, now: float) -> None:
        self._sent_at = self._earned_at = now
        self._bytes = float(BURST)
        self._answers = ANSWERS_PER_SECOND

    @property
    def is_poor(self) -> bool:
        """Whether more was spent than earned; then only what is short is said, once a second."""
        return self._bytes < 0

    def earn(self, now: float) -> None:
        """Earn what the time since the last call is worth."""
        passed, self._earned_at = now - self._earned_at, now
        self._bytes = min(BURST, self._bytes + passed * BYTES_PER_SECOND)
        self._answers = min(ANSWERS_PER_SECOND, self._answers + passed * ANSWERS_PER_SECOND)

    def has_just_sent(self, now: float) -> bool:
        """Return whether the last frame is so recent that views need no sign of life."""
        return now - self._sent_at < _HEARTBEAT

    def should_skip_frame(self, now: float) -> bool:
        """Return whether to skip this frame, if it is not urgent.

        An answer has used its slot, which is then paid back, or the means are spent.
        """
        if self._answers < 0:
            self._answers += 1
            return True
        return self.is_poor and self.has_just_sent(now)

    def spend_frame(self, now: float, message: wire.Message) -> None:
        """Pay for a frame that is sent now."""
        self._sent_at = now
        self._bytes -= wire.size(message) + _ENVELOPE

    def spend_answer(self) -> None:
        """Count an answer; beyond what is earned it takes the place of a frame."""
        self._answers -= 1
