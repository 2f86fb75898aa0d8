"""Turn the last message of a classic build that failed into an exception."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imagewidget.engine.dockerfile.dockerfile import Dockerfile, Instruction
from imagewidget.engine.dockerfile.place import Place, from_line, lines_of
from imagewidget.engine.failure.asked import step_hint
from imagewidget.engine.failure.downloads import download_failed
from imagewidget.engine.failure.errors import BuildFailed, DiskFull, DockerError
from imagewidget.engine.failure.exit_codes import explain_exit
from imagewidget.engine.failure.log_tail import READ_LINES, LogTail
from imagewidget.engine.failure.messages import explain, shortened
from imagewidget.engine.request.sources import Sources
from imagewidget.progress.text.safe_text import without_colours

_LONGEST_NAME = 100

_EXIT_CODE = re.compile(r"returned a non-zero code: (\d{1,9})\b|exit status (\d{1,9})\s*\Z")
# What Podman adds to its messages: the step, which is reported anyway, and a dump of it.
_PODMAN = re.compile(
    r'^building at STEP "(?:[^"\\]|\\.)*": (?:Build error: )?| &imagebuilder\.Step.*'
)
_SIGNAL = re.compile(r"container exited on ([a-z ]+)")
_SIGNALLED = {"killed": 137, "segmentation fault": 139, "aborted": 134, "terminated": 143}
# Docker's words, then Podman's; neither contains a line break or a quotation mark.
_MISSING = re.compile(
    r"excluded by \.dockerignore: stat /?([^:\"]+): file does not exist"
    r"|: copier: stat: \"/?([^\"]+)\": no such file"
)
_PARSE = re.compile(r"dockerfile parse error (?:on )?line \d+:", re.IGNORECASE)
_UNREADABLE = "The Dockerfile cannot be parsed:"
_LINE = re.compile(r"parse error (?:on )?line (\d{1,9})\b", re.IGNORECASE)
# Only as a word, not within the name of an image.
_WORD = re.compile(r"(?<![\w./:-])dockerfile(?![\w./-])", re.IGNORECASE)

_HINTS = (
    (
        r"requires? BuildKit|unknown flag: (mount|chmod|link|security|network)",
        "Use an engine with BuildKit and leave out `builder=`; the classic builder lacks this.",
    ),
    (
        r"excluded by \.dockerignore|checking on sources|no source files",
        "Check the path, relative to the context, and whether `.dockerignore` excludes it.",
    ),
    (
        r"parse error|unknown (instruction|flag)|only supports the|invalid mount|must have two arg",
        "Correct the Dockerfile at this line and build again.",
    ),
)


def failure(
    text: str,
    code: object,
    *,
    dockerfile: Dockerfile,
    step: str | None = None,
    instruction: Instruction | None = None,
    log: LogTail | None = None,
    sources: Sources | None = None,
) -> DockerError:
    """Return the exception for an error message of the builder.

    Args:
        text: The `message` of its `errorDetail`, or of its HTTP response.
        code: The `code` beside it: the exit code of a command, if one failed.
        dockerfile: The Dockerfile that was built.
        step: The name of the running step; None if no step had begun.
        instruction: The instruction of that step.
        log: The output of that step.
        sources: Where the files come from; None if unknown.

    Returns:
        A :class:`BuildFailed` with its lines in the Dockerfile, or a
        :class:`DiskFull` if the engine's disk is full.
    """
    text = shortened(text)
    # The engine itself colours standard error red, and does not end the colour with the line.
    tail = tuple(map(without_colours, log.lines())) if log else ()
    exit_code = _exit_code(text, code, tail)
    missing = _MISSING.search(text) if exit_code is None else None
    diagnosis = None
    if missing and sources and instruction and "--from=" not in instruction.text:
        path = missing[1] or missing[2]
        message, hint = f"There is no `{path}` to copy.", sources.hint_for_missing(path)
    elif exit_code is None:
        cause = explain(_PODMAN.sub("", text))
        if isinstance(cause, DiskFull):
            return cause
        download = download_failed(step or "", _PODMAN.sub("", text))
        message, hint = download or (
            _PARSE.sub(_UNREADABLE, cause.message),
            _hint(text) or step_hint(step or "", text, cause),
        )
    else:
        # The message quotes the whole command; text inside it says nothing about the cause.
        why = explain_exit(exit_code, log.lines(READ_LINES) if log else ())
        message, hint = f"{_quoted(step)} failed with exit code {exit_code}{why.ending}", why.hint
        diagnosis = why.diagnosis
    place = instruction or _complained_of(text, dockerfile)
    return BuildFailed(
        message,
        hint=hint,
        step=step,
        exit_code=exit_code,
        dockerfile_line=place.line if place else None,
        source_lines=lines_of(place, dockerfile),
        log_tail=tail,
        diagnosis=diagnosis,
    )


def is_about_dockerfile(text: str) -> bool:
    """Return whether an HTTP error is about the Dockerfile, before any step began."""
    return any(pattern.search(text) for pattern in (_LINE, _WORD))


def _complained_of(text: str, dockerfile: Dockerfile) -> Place | None:
    """Return the lines of the Dockerfile that cannot be parsed."""
    match = _LINE.search(text)
    return from_line(int(match[1]), dockerfile) if match else None


def _quoted(step: str | None) -> str:
    if step is None:
        return "A command"
    return f"`{step if len(step) <= _LONGEST_NAME else step[: _LONGEST_NAME - 1] + '…'}`"


def _exit_code(text: str, code: object, tail: Sequence[str]) -> int | None:
    if isinstance(code, int) and not isinstance(code, bool) and code > 0:
        return code
    match = _EXIT_CODE.search(text)
    if match is None:
        return None
    # Buildah reports a signal only in the log, and 1 as the exit code.
    signal = _SIGNAL.fullmatch(tail[-1]) if match[2] == "1" and tail else None
    return _SIGNALLED.get(signal[1], 1) if signal else int(match[1] or match[2])


def _hint(text: str) -> str:
    return next((hint for pattern, hint in _HINTS if re.search(pattern, text, re.IGNORECASE)), "")
