"""A question to an engine, with the answer that each engine is expected to give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagewidget.engine.connection.client import Client, new_client
from imagewidget.progress.events import Image
from tests.engine.building import Built, lay, try_build, unused_number
from tests.engine.pulling import Pulled, must_pull, try_pull
from tests.rig.engine import Engine, Role
from tests.rig.engines import KINDS
from tests.rig.registry import Registry

YES, NO = "yes", "no"
TAG = "rig/answers:1"


@dataclass
class Asked:
    """One engine, and what a question needs besides."""

    engine: Engine
    registry: Registry
    folder: Path
    """An empty directory, for the context of a build."""
    nobody: str
    """An address that refuses connections."""
    private: str
    """An image in a registry that requires a login."""

    @property
    def client(self) -> Client:
        """A new client, which knows nothing of the engine yet."""
        return new_client(self.engine.url)

    def pull(self, reference: str, **options: Any) -> Pulled:
        """Pull, and keep the error if it fails."""
        return try_pull(self.engine, reference, **options)

    def must_pull(self, reference: str, **options: Any) -> Image:
        """Pull, and return the image."""
        return must_pull(self.engine, reference, **options)[1]

    def build(self, *lines: str, files: Mapping[str, str] | None = None, **options: Any) -> Built:
        """Build these lines on a base that is not in the cache; keep the error if it fails."""
        base = [f"FROM {self.registry.one} AS base", f"ENV UNIQUE={unused_number()}"]
        text = "\n".join([*base, *lines]) + "\n"
        lay(self.folder, {"Dockerfile": text, **(files or {})})
        return self.build_again(**options)

    def build_again(self, **options: Any) -> Built:
        """Build the directory as it is; keep the error if it fails."""
        return try_build(self.engine, self.folder, **{"tag": TAG, **options})

    def build_remote(self, url: Any) -> Built:
        """Build what is at an address; keep the error if it fails."""
        return try_build(self.engine, url, tag=TAG)

    def inspected(self, reference: str = TAG) -> dict[str, Any]:
        """Return what the engine itself says of an image."""
        with self.engine.api() as api:
            found: dict[str, Any] = api.inspect_image(reference)  # type: ignore[no-untyped-call]
        return found


@dataclass(frozen=True)
class Check:
    """One row of the table."""

    section: str
    question: str
    ask: Callable[[Asked], str]
    expected: Mapping[Role, str]

    @property
    def name(self) -> str:
        """A short name, for the test's row."""
        return self.ask.__name__


CHECKS: list[Check] = []


def check(
    section: str, question: str, expected: str, but: Mapping[str, str] | None = None
) -> Callable[[Callable[[Asked], str]], Callable[[Asked], str]]:
    """Add a question to the table.

    Args:
        section: The heading that it is listed under.
        question: What is asked, as the page shows it.
        expected: What engines answer.
        but: What others answer, by their roles, separated by blanks.
    """
    answers: dict[Role, str] = dict.fromkeys(KINDS, expected)
    for roles, answer in (but or {}).items():
        for role in roles.split():
            if role not in answers:
                raise ValueError(f"There is no engine with the role {role!r}.")
            answers[role] = answer  # type: ignore[index]

    def add(ask: Callable[[Asked], str]) -> Callable[[Asked], str]:
        CHECKS.append(Check(section, question, ask, answers))
        return ask

    return add


def yes_if(condition: object) -> str:
    """Return the answer to a question of yes or no."""
    return YES if condition else NO


def refusal(error: BaseException | None) -> str:
    """Return why something was refused, without the version of this engine."""
    return "refused: " + _shown(error).partition("; this is ")[0].rstrip(".") + "."


def kind_of(error: BaseException | None) -> str:
    """Return the name of an error's class."""
    return f"`{type(error).__name__}`" if error else "no error"


def _shown(error: BaseException | None) -> str:
    return str(getattr(error, "message", error))
