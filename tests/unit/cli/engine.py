"""A scripted engine that waits, between two messages, until the command shows something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.scripted import VERSION, Answer, ScriptedEngine
from tests.unit.cli.process import IMAGEWIDGET, Process

IMAGE = "sha256:" + "ab" * 32


@dataclass(frozen=True)
class Until:
    """Wait until the output of the command contains this."""

    text: str


class Engine(ScriptedEngine):
    """Answers when the command shows what it should by then, whatever the machine's speed.

    Attributes:
        greeting: What the command must show before the engine answers to `/version`.
        process: The command that was started last.
    """

    def __init__(self, folder: Path) -> None:
        self.greeting: Until | None = None
        self.process: Process | None = None
        super().__init__(folder)
        for name in ("owner/env:1", "docker.io/owner/env:1"):
            self.images[name] = {
                "Id": IMAGE, "RepoTags": ["owner/env:1"], "RepoDigests": [], "Size": 240_000_000,
                "Os": "linux", "Architecture": "amd64",
            }  # fmt: skip

    @property
    def version(self) -> Any:
        """The answer to `/version`."""
        self._wait(self.greeting)
        return VERSION

    @version.setter
    def version(self, value: Any) -> None:
        """Ignore the value that the base class sets."""

    def start(self, *words: str, folder: Path | None = None, in_terminal: bool = False) -> Process:
        """Start `imagewidget` with this engine."""
        engine = () if words[0] == "replay" else ("--engine", f"unix://{self.path}")
        line = (*IMAGEWIDGET, *engine, *words)
        self.process = Process(line, folder or self.path.parent, in_terminal=in_terminal)
        return self.process

    def script(self, *messages: Any, **options: Any) -> Answer:
        """Return an answer of messages and waits."""
        return Answer(_Script(self, messages), **options)  # type: ignore[arg-type]

    def _wait(self, until: Until | None) -> None:
        if until is not None and self.process is not None:
            self.process.wait_for(until.text)


class _Script:
    def __init__(self, engine: Engine, messages: tuple[Any, ...]) -> None:
        self._engine, self._messages = engine, messages

    def __iter__(self) -> Iterator[Any]:
        for message in self._messages:
            if isinstance(message, Until):
                self._engine._wait(message)
            else:
                yield message
