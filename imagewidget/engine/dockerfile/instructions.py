"""Read the instructions of a Dockerfile and their line numbers.

The reader is tolerant and accepts any text. It follows BuildKit's
`frontend/dockerfile/parser`: directives at the top, an escape character that
continues a line, comments and blank lines inside a continued instruction, and
heredocs after `RUN`, `COPY` and `ADD`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$")
_FROM = re.compile(
    r"from\s+(?:--\S+\s+)*(?P<base>\S+)(?:\s+as\s+(?P<name>\S+))?\s*$",
    re.IGNORECASE,
)
_HEREDOC = re.compile(
    r"(?<![<\w])\d*<<(?P<chomp>-?)(?P<quote>[\"']?)(?P<end>[A-Za-z_][\w.]*)(?P=quote)"
)
_WITH_HEREDOC = frozenset({"RUN", "COPY", "ADD"})
_DIRECTIVES = frozenset({"syntax", "escape", "check"})


@dataclass(frozen=True)
class Instruction:
    """One instruction, on one or several lines.

    Attributes:
        number: Its position among all instructions, from 1: the `n` of the classic
            builder's `Step n/m`.
        keyword: The keyword in upper case, such as `RUN`.
        text: The whole instruction on one line, without comments or heredoc bodies.
        line: Its first line, from 1.
        last_line: Its last line, including heredocs.
        stage: The index of its stage; None before the first `FROM`.
        has_heredoc: Whether lines that follow it belong to it, as in `RUN <<EOF`.
    """

    number: int
    keyword: str
    text: str
    line: int
    last_line: int
    stage: int | None
    has_heredoc: bool = False


@dataclass(frozen=True)
class Stage:
    """One stage, from its `FROM` on: the `base` as written, and its name or ""."""

    index: int
    base: str
    name: str
    line: int

    @property
    def label(self) -> str:
        """BuildKit's label for it: its name, or else its index as in `stage-0`."""
        return self.name or f"stage-{self.index}"


@dataclass
class Reader:
    """Reads line by line; the results are in `directives`, `instructions` and `stages`."""

    lines: list[str]
    position: int = 0
    directives: dict[str, str] = field(default_factory=dict)
    instructions: list[Instruction] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)

    def read(self) -> None:
        """Read all lines."""
        self._read_directives()
        escape = re.escape(self.directives.get("escape", "\\"))
        continued = re.compile(rf"(.*?){escape}[ \t]*$")
        while self.position < len(self.lines):
            if _is_passed_over(self.lines[self.position]):
                self.position += 1
            else:
                self._read_instruction(continued)

    def _read_directives(self) -> None:
        """Read the directives, which end at the first other line."""
        for line in self.lines:
            if line.startswith("#!"):
                continue
            match = _DIRECTIVE.match(line.strip())
            if match is None or match[1].lower() not in _DIRECTIVES:
                break
            self.directives.setdefault(match[1].lower(), match[2])

    def _read_instruction(self, continued: re.Pattern[str]) -> None:
        first = self.position
        parts: list[str] = []
        while self.position < len(self.lines):
            line = self.lines[self.position]
            self.position += 1
            if parts and _is_passed_over(line):
                continue
            match = continued.match(line)
            parts.append((match[1] if match else line).strip())
            if match is None:
                break
        text = " ".join(part for part in parts if part)
        keyword = text.split(None, 1)[0].upper() if text else ""
        if not keyword:
            return
        end = self.position
        if _heredoc_keyword(text) in _WITH_HEREDOC:
            self._pass_heredocs(text)
        self._add(keyword, text, first, has_heredoc=self.position > end)

    def _pass_heredocs(self, text: str) -> None:
        """Skip the bodies of the heredocs that `text` opens, if they are closed."""
        position = self.position
        for heredoc in _HEREDOC.finditer(text):
            while position < len(self.lines):
                line = self.lines[position]
                position += 1
                if (line.lstrip("\t") if heredoc["chomp"] else line) == heredoc["end"]:
                    break
            else:
                return
        self.position = position

    def _add(self, keyword: str, text: str, first: int, *, has_heredoc: bool) -> None:
        if keyword == "FROM":
            match = _FROM.match(text)
            base = match["base"] if match else text[len("FROM") :].strip()
            name = (match["name"] or "") if match else ""
            self.stages.append(Stage(len(self.stages), base, name, first + 1))
        self.instructions.append(
            Instruction(
                number=len(self.instructions) + 1,
                keyword=keyword,
                text=text,
                line=first + 1,
                last_line=self.position,
                stage=len(self.stages) - 1 if self.stages else None,
                has_heredoc=has_heredoc,
            ),
        )


def _is_passed_over(line: str) -> bool:
    """Return whether a line is blank or a comment."""
    stripped = line.strip()
    return not stripped or stripped.startswith("#")


def _heredoc_keyword(text: str) -> str:
    """Return the keyword that decides whether heredocs are allowed, without `ONBUILD`."""
    words = text.split(None, 2)
    if len(words) > 1 and words[0].upper() == "ONBUILD":
        return words[1].upper()
    return words[0].upper()
