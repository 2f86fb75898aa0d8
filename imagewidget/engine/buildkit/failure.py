"""Explain why a build failed: which step, where in the Dockerfile, what to do.

The engine's messages differ by version; every form here was seen on Docker 20.10, 26.1
or 28.5. Messages about a registry are left to :mod:`imagewidget.engine.failure.messages`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from imagewidget.engine.buildkit.frontend import frontend_origin
from imagewidget.engine.buildkit.trace import Trace
from imagewidget.engine.buildkit.vertex import Step
from imagewidget.engine.context.context import RemoteContext
from imagewidget.engine.dockerfile.dockerfile import Instruction
from imagewidget.engine.dockerfile.instructions import split_lines
from imagewidget.engine.dockerfile.place import (
    Lines,
    Place,
    around,
    complained_of,
    instruction_of,
    lines_of,
    mentioning,
    naming,
)
from imagewidget.engine.failure.asked import asked_git, engine_hint, git_failed, step_hint
from imagewidget.engine.failure.downloads import download_failed
from imagewidget.engine.failure.errors import (
    AccessDenied,
    BuildFailed,
    DiskFull,
    DockerError,
    RegistryUnavailable,
    default_hint,
)
from imagewidget.engine.failure.exit_codes import Explanation, explain_exit, explain_reason
from imagewidget.engine.failure.log_tail import READ_LINES, TAIL_LINES
from imagewidget.engine.failure.messages import explain, sentence, shortened
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.events import Diagnosis

_WRAPPERS = re.compile(
    r"rpc error: code = \w+ desc = |(failed to (solve( with frontend [\w.]+)?|build LLB"
    r"|create LLB definition|compute cache key|load cache key|calculate checksum of ref \S+)"
    r"|(\S+: )?failed to resolve source metadata for \S+): "
    r"|failed with build-arg:BUILDKIT_SYNTAX = \S+: "
)
_COMMAND_QUOTES = (
    ('process "', '" did not complete successfully: '),
    ("executor failed running [", "]: "),
)
_EXIT_CODE = re.compile(r"exit code: (\d{1,9})\b")
# Do not match a parse error inside a quoted command, for the same reason.
_PARSE = re.compile(r"[^\"\[]*?dockerfile parse error (?:on )?line (\d{1,9}): (.*)", re.DOTALL)
_METADATA = re.compile(r"(?:\[internal\] load metadata for|\[[^\]]*\] FROM|FROM) (\S+)")
_REFUSED = re.compile(r"\b401 Unauthorized|\b403 Forbidden")
_FRONTEND = "resolve image config for "
_SECRET = re.compile(r"secret ([^\s:]+)(?::)? not found")
_SSH = re.compile(r"unset ssh forward key (\S+)|no SSH key \"?([^\s\"]+)\"? forwarded")
_MISSING = re.compile(r"(?:^|: )\"/?([^\"]*)\":? not found")
_OF_CONTEXT = re.compile(r"compute cache key|checksum of ref")
_TOO_LONG = re.compile(r"dockerfile line greater than max allowed size of (\d{1,9})\b")
_NO_TARGET = re.compile(r"target stage \"[^\"]*\" could not be found")

_NO_GIT = re.compile(r"unknown scheme git\b|git\"?: executable file not found")
_LINT = re.compile(r"lint violation found for rules: (.+)", re.DOTALL)
_UNKNOWN_FLAG = re.compile(r"unknown flag", re.IGNORECASE)
_BLANK = re.compile(r"base name \(.*\) should not be blank")

_CORRECT = "Correct the Dockerfile at this line and build again."
_CORRECT_SOMEWHERE = "Correct the Dockerfile and build again."
_BLANK_BASE = "Pass the variable with `build_args=`, or write a default value for its `ARG`."
_NO_FLAG = (
    "Leave the flag out, or put `# syntax=docker/dockerfile:1` on the first line to use a newer "
    "Dockerfile frontend (the engine pulls it from Docker Hub)."
)
_OLD_FRONTEND = (
    "Put `# syntax=docker/dockerfile:1` on the first line to use a newer Dockerfile frontend (the "
    "engine pulls it from Docker Hub), or write the command without a heredoc (`<<EOF`). The "
    "frontend built into this engine does not support heredocs; that of Docker 23 and later does."
)


def failure(text: str, request: BuildRequest, trace: Trace) -> DockerError:
    """Return the error that explains why a build failed.

    Args:
        text: The engine's error message.
        request: The build request.
        trace: The steps received so far.
    """
    return _Failure(text, request, trace).error()


class _Failure:
    """A failed build, and the explanations to try in turn."""

    def __init__(self, text: str, request: BuildRequest, trace: Trace) -> None:
        masked = trace.mask(text)
        self._whole = shortened(masked)
        self._text = _unwrapped(self._whole)
        self._request = request
        self._trace = trace
        self._step: Step | None = trace.failed(masked)

    def error(self) -> DockerError:
        """Return the first explanation that fits."""
        explanations: tuple[Callable[[], DockerError | None], ...] = (
            self._stopped,
            self._git_missing,
            self._lint_violated,
            self._parse_error,
            self._git_failed,
            self._url_failed,
            self._frontend_missing,
            self._base_missing,
            self._command_failed,
            self._secret_missing,
            self._ssh_missing,
            self._file_missing,
        )
        for explanation in explanations:
            found = explanation()
            if found is not None:
                return found
        known = explain(self._text)
        if isinstance(known, DiskFull):
            return known
        place = (
            self._instruction()
            or self._too_long()
            or complained_of(self._text, self._request.dockerfile)
        )
        hint = step_hint(self._name(), self._whole, known)
        if self._step is None and not hint and not isinstance(known, RegistryUnavailable):
            hint = self._hint_for_dockerfile(place)
        return self._failed(sentence(self._text), hint, place)

    def _hint_for_dockerfile(self, place: Place | None) -> str:
        if _BLANK.match(self._text):
            return _BLANK_BASE
        if _NO_TARGET.match(self._text):
            known = self._request.dockerfile.stages
            return f"Check `target=`: {self._stages()}" if known else "Check `target=`."
        return _CORRECT if place else _CORRECT_SOMEWHERE

    def _too_long(self) -> Lines | None:
        """Return the line that is too long; BuildKit reports the one before it."""
        limit = _TOO_LONG.match(self._text)
        lines = enumerate(split_lines(self._request.dockerfile.text), 1)
        long = (
            n for n, one in lines if limit and len(one.encode(errors="replace")) > int(limit[1])
        )
        line = next(long, None)
        return Lines(line, line) if line else None

    def _stopped(self) -> DockerError | None:
        if not self._text.endswith("context canceled"):
            return None
        return DockerError(
            "The engine stopped the build.",
            hint="Run the build again. The engine was shut down, or another client cancelled it.",
        )

    def _git_missing(self) -> DockerError | None:
        is_git = isinstance(self._request.context, RemoteContext)
        if not is_git or not _NO_GIT.search(self._text):
            return None
        return self._failed(
            "The engine cannot clone the Git repository: its machine has no `git`.",
            "Install `git` on the engine's machine, or run `git clone` and pass the directory.",
        )

    def _lint_violated(self) -> DockerError | None:
        found = _LINT.match(self._text)
        if not found:
            return None
        warning = next(iter(self._trace.warnings), None)
        line = warning.dockerfile_line if warning else None
        place = around(line, self._request.dockerfile) if line else None
        why = f": {sentence(warning.message)}" if warning else f": {sentence(found[1])}."
        return self._failed(
            f"The Dockerfile breaks a rule, which `# check=error=true` makes an error{why}",
            "Correct the Dockerfile, or write `# check=skip=RULE;error=true` to allow it; the "
            f"rules that it breaks: {sentence(found[1])}.",
            place or (Lines(line, line) if line else None),
            step=place.text if place else None,
        )

    def _git_failed(self) -> DockerError | None:
        is_other = _SSH.search(self._text) or isinstance(explain(self._text), DiskFull)
        if is_other or not asked_git(self._name(), self._text) or self._command():
            return None
        return self._failed(*git_failed(self._text, self._tail()), self._instruction())

    def _url_failed(self) -> DockerError | None:
        step = self._step.event(0.0).name if self._step else ""
        is_other = _MISSING.search(self._text) or engine_hint(self._text)
        if is_other or isinstance(explain(self._text), DiskFull):
            return None
        found = download_failed(step, self._text)
        if found is None:
            return None
        place = self._instruction() or mentioning(step, self._request.dockerfile)
        return self._failed(*found, place)

    def _parse_error(self) -> DockerError | None:
        found = _PARSE.match(self._text)
        if not found:
            return None
        line = int(found[1])
        instruction = around(line, self._request.dockerfile)
        message = f"The Dockerfile cannot be parsed: {sentence(found[2])}"
        is_in_heredoc = (
            instruction is not None and instruction.line < line and instruction.has_heredoc
        )
        place = Lines(line, line) if line else None
        hint = _OLD_FRONTEND if is_in_heredoc else _CORRECT if place else _CORRECT_SOMEWHERE
        if _UNKNOWN_FLAG.match(found[2]):
            hint = _NO_FLAG
        return self._failed(message, hint, place)

    def _frontend_missing(self) -> DockerError | None:
        name = self._name()
        if not name.startswith(_FRONTEND):
            return None
        image = name.removeprefix(_FRONTEND).removeprefix("docker-image://")
        known = explain(self._text)
        origin, remedy, line = frontend_origin(self._request)
        return self._failed(
            f"The frontend image `{image}`, {origin}, cannot be pulled: {known.message}",
            f"{remedy} {step_hint(name, self._whole, known)}",
            Lines(line, line) if line else None,
        )

    def _base_missing(self) -> DockerError | None:
        found = _METADATA.match(self._name())
        if not found:
            return None
        image = found[1]
        args = self._request.build_args
        place = naming(image, self._request.dockerfile, args) or naming(
            image.partition("@")[0], self._request.dockerfile, args
        )
        known = explain(self._text)
        hint = step_hint(self._name(), self._whole, known)
        if _REFUSED.search(self._text):
            hint = default_hint(AccessDenied)
        if place is not None and place.keyword != "FROM":
            hint = f"If you meant a stage, check its name: {self._stages()} {hint}"
        return self._failed(f"The image `{image}` cannot be pulled: {known.message}", hint, place)

    def _command_failed(self) -> DockerError | None:
        found = self._command()
        if not found:
            return None
        quoted, reason = found
        command = sentence(self._step.event(0.0).name if self._step else quoted)
        coded = _EXIT_CODE.match(reason)
        if not coded:
            # For example out of memory (BuildKit's `detectOOM`), or no shell in the image.
            message = f"`{command}` failed: {sentence(reason).rstrip('.')}"
            return self._explained(message, explain_reason(reason, self._tail(READ_LINES)))
        code = int(coded[1])
        message = f"`{command}` failed with exit code {code}"
        return self._explained(message, explain_exit(code, self._tail(READ_LINES)), code)

    def _explained(self, message: str, why: Explanation, code: int | None = None) -> DockerError:
        return self._failed(
            f"{message}{why.ending}",
            why.hint,
            self._instruction(),
            exit_code=code,
            diagnosis=why.diagnosis,
        )

    def _command(self) -> tuple[str, str] | None:
        """Return the command that the message quotes, and why it failed.

        The command may contain the same phrases, so it is what is between the first
        opening and the last ending.
        """
        text = self._text
        found = []
        for opening, ending in _COMMAND_QUOTES:
            start, end = text.find(opening), text.rfind(ending)
            if start >= 0 and start + len(opening) <= end:
                found.append((start, text[start + len(opening) : end], text[end + len(ending) :]))
        return min(found)[1:] if found else None

    def _secret_missing(self) -> DockerError | None:
        found = _SECRET.search(self._text)
        if not found:
            return None
        return self._failed(
            f"The step needs the secret `{found[1]}`, which was not passed to the build.",
            f"Pass it with `secrets={{'{found[1]}': Path('…')}}`.",
            self._instruction(),
        )

    def _ssh_missing(self) -> DockerError | None:
        found = _SSH.search(self._text)
        if not found:
            return None
        name = found[1] or found[2]
        value = "default" if name == "default" else f"{name}=/path/to/agent.sock"
        return self._failed(
            f"The step needs the ssh agent `{name}`, which was not passed to the build.",
            f"Pass it with `ssh='{value}'`.",
            self._instruction(),
        )

    def _file_missing(self) -> DockerError | None:
        found = _MISSING.search(self._text)
        if not found:
            return None
        path = found[1]
        place = self._instruction() or mentioning(path, self._request.dockerfile)
        if place is None or not (_OF_CONTEXT.search(self._whole) or path in place.text):
            return None
        hint = self._request.sources.hint_for_missing(path)
        if "--from=" in place.text:
            hint = "Check that the stage or image named by `--from=` contains it."
        return self._failed(f"There is no `{path}` to copy.", hint, place)

    def _failed(
        self,
        message: str,
        hint: str,
        place: Place | None = None,
        *,
        exit_code: int | None = None,
        step: str | None = None,
        diagnosis: Diagnosis | None = None,
    ) -> BuildFailed:
        """Return the error, with the lines of the Dockerfile and the end of the step's log."""
        return BuildFailed(
            message,
            hint=hint.strip(),
            step=step or (self._step.event(0.0).name if self._step else None),
            exit_code=exit_code,
            dockerfile_line=place.line if place else None,
            source_lines=tuple(
                replace(line, text=self._trace.mask(line.text))
                for line in lines_of(place, self._request.dockerfile)
            ),
            log_tail=self._tail(),
            diagnosis=diagnosis,
        )

    def _name(self) -> str:
        return self._step.full_name if self._step else ""

    def _tail(self, lines: int = TAIL_LINES) -> tuple[str, ...]:
        return self._trace.tail(self._step.id, lines) if self._step else ()

    def _instruction(self) -> Instruction | None:
        if self._step is None:
            return None
        event = self._step.event(0.0)
        count = event.count
        if count is not None:
            # An ONBUILD of the base image adds steps without adding them to the count.
            known = (step.event(0.0) for step in self._trace.steps.values())
            count = max((one.number or 0 for one in known if one.stage == event.stage), default=0)
            count = max(count, event.count or 0)
        return instruction_of(
            event.name,
            self._request.dockerfile,
            stage=event.stage,
            target=self._request.target,
            number=event.number,
            count=count,
        )

    def _stages(self) -> str:
        named = [f"`{stage.name}`" for stage in self._request.dockerfile.stages if stage.name]
        return f"the stages are {', '.join(named)}." if named else "no stage has a name."


def _unwrapped(text: str) -> str:
    """Remove the prefixes that name the component of the engine that failed."""
    end = 0
    while found := _WRAPPERS.match(text, end):
        end = found.end()
    return text[end:]
