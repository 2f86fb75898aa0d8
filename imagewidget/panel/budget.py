"""How much a panel may send: bytes and messages per second."""

from __future__ import annotations

from collections import deque

from imagewidget.panel import wire

BYTES_PER_SECOND = 28_000
"""What frames may cost on average: 2 MB a minute, with room for answers."""

BURST = 4 * BYTES_PER_SECOND
"""What frames may cost at once, after a pause."""

MESSAGES_PER_SECOND = 12
"""Messages of all kinds that a panel may send in any second; an answer is never held back."""

FRAMES_PER_SECOND = 8
"""Frames and refreshed outputs among them: a view with several open steps asks four questions
at once, and their answers are not known before the frames are sent."""

_ENVELOPE = 700  # bytes that Jupyter's headers add to a message
_HEARTBEAT = 1.0
_SECOND = 1.02  # with room for the time that passes until a message is stamped


class Budget:
    """A budget of bytes that grows with time, and one of messages in any second.

    All times are in seconds on the same clock.

    Args:
        now: The current time; the budget starts with enough for a burst.
    """

    def __init__(self, now: float) -> None:
        self._sent_at = self._earned_at = now
        self._bytes = float(BURST)
        self._frames: deque[float] = deque()
        self._answers: deque[float] = deque()

    @property
    def is_poor(self) -> bool:
        """Whether the budget is overdrawn; frames are then sent once a second, without log."""
        return self._bytes < 0

    def earn(self, now: float) -> None:
        """Add what was earned since the last call."""
        passed, self._earned_at = now - self._earned_at, now
        self._bytes = min(BURST, self._bytes + passed * BYTES_PER_SECOND)

    def has_just_sent(self, now: float) -> bool:
        """Return whether the last frame is recent enough that views need no sign of life."""
        return now - self._sent_at < _HEARTBEAT

    def has_room(self, now: float) -> bool:
        """Return whether a message that can wait may be sent in this second."""
        for sent in (self._frames, self._answers):
            while sent and now - sent[0] >= _SECOND:
                sent.popleft()
        number = len(self._frames)
        return number < FRAMES_PER_SECOND and number + len(self._answers) < MESSAGES_PER_SECOND

    def should_skip_frame(self, now: float) -> bool:
        """Return whether to skip this frame, if it is not urgent."""
        return not self.has_room(now) or (self.is_poor and self.has_just_sent(now))

    def spend_frame(self, now: float, message: wire.Message) -> None:
        """Pay for a frame that is sent now."""
        self._sent_at = now
        self.spend(now, wire.size(message))

    def spend(self, now: float, size: int) -> None:
        """Pay for a frame, or for something else that takes the place of one."""
        self._frames.append(now)
        self._bytes -= size + _ENVELOPE

    def spend_answer(self, now: float) -> None:
        """Count an answer; it may take the place of a frame."""
        self._answers.append(now)
