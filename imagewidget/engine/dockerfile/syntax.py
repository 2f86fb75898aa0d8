"""Which frontend a Dockerfile asks for (moby/buildkit `parser/directives.go`, `DetectSyntax`).

The search for the frontend skips a `#!` line and wants directives at the beginning of their
lines. The parser that runs afterwards takes a `#!` line for a comment, which ends the directives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import takewhile
from operator import methodcaller

_DIRECTIVE = re.compile(r"([A-Za-z][A-Za-z0-9]*)\s*=\s*(\S.*)")
_KNOWN = frozenset({"syntax", "escape", "check"})


def directives_in(lines: Iterable[str], comment: str = "#") -> dict[str, str]:
    """Return the parser directives, which end at the first other line.

    Args:
        lines: The lines of the Dockerfile.
        comment: What each of them begins with.
    """
    found: dict[str, str] = {}
    for line in lines:
        content = line.strip()
        match = _DIRECTIVE.fullmatch(content.removeprefix(comment).strip())
        if not content.startswith(comment) or match is None or match[1].lower() not in _KNOWN:
            break
        found.setdefault(match[1].lower(), match[2])
    return found


def syntax_of(lines: list[str]) -> str | None:
    """Return the frontend image: from `# syntax=`, `// syntax=` or JSON with `syntax`."""
    own = lines[1:] if lines and lines[0].startswith("#!") else lines
    for comment in ("#", "//"):
        first = takewhile(methodcaller("startswith", comment), own)
        written = directives_in(first, comment).get("syntax")
        if written:
            return written.split(" ", 1)[0]
    content = "\n".join(own)
    if not content.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(content).get("syntax")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, str) else None
