"""The text of the project is plain English: phrases that CONTRIBUTING.md rules out are rejected."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.unit.tree import ROOT

# A phrase to avoid, as a pattern, and what to write instead. A space also matches a line break
# within a comment. A match is allowed if one of the pattern's groups took part in it.
WORDS = (
    (r'(?:"""|/\*\*)[\s*]*(?:give|say|tell|take)s? \w+', "Return, Report, Record … (imperative)"),
    (r"\banew\b", "again"),
    (r"\bfor ever\b", "forever"),
    (r"\bmend(?:s|ed|ing)?\b", "fix"),
    (r"\bwhat stands\b", "what is"),
    (
        r"\b(there )?(?:is|are|was|were) no (?:(longer|more|less|such|reason|different)\b|\w+)",
        "is not a …",
    ),
    (r"\b(there )?(?:is|are|was|were) (?-i:none)\b(?! of)", "is not one"),
    (r"\ba text\b(?! (?:area|editor|field|file|input|node|stream))", "a str, text"),
)
PATTERNS = [
    (re.compile(pattern.replace(" ", r"[\s#*/]+"), re.IGNORECASE), instead)
    for pattern, instead in WORDS
]

NAMES = ["*.py", "*.ts", "*.css", "*.md", "*.ipynb"]
# Recorded or generated.
EXCLUDED = re.compile(r"(?:^|/)(?:fixtures|recordings)/|_pb2\.py")
FILES = [
    name
    for name in subprocess.check_output(
        ["git", "ls-files", "-z", "--", *NAMES], cwd=ROOT, text=True
    ).split("\0")[:-1]
    if not EXCLUDED.search(name)
]


def problems(name: str, text: str) -> list[str]:
    """Return a line for each phrase to avoid, with its place and its replacement.

    What is struck through, as old messages are in the changelog, is not looked at.
    """
    text = re.sub(r"~~.*?~~", "", text)
    return [
        f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {found[0]!r}: write {instead!r}"
        for pattern, instead in PATTERNS
        for found in pattern.finditer(text)
        if found.lastindex is None
    ]


def test_every_file_is_in_plain_english() -> None:
    texts = ((name, (ROOT / name).read_text(encoding="utf-8")) for name in FILES)
    found = [problem for name, text in texts for problem in problems(name, text)]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


# A "_" keeps these examples from being found in this file.
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('"""Gi_ve the image.', 1),
        ("/**\n * Te_lls the name.", 1),
        ("It is\n    # n_o address.", 1),
        ('raise ValueError("it is n_o address")', 1),
        ("It is n_one.", 1),
        ("There\n    # is n_o image. There are none. It is no longer there; x is None.", 0),
        ('"""Return a text file."""\n    say("done")', 0),
    ],
)
def test_phrases_are_found_and_idioms_allowed(text: str, count: int) -> None:
    assert len(problems("a file", text.replace("_", ""))) == count
