"""What a failed step had asked for, and from whom: a registry, a Git server or the engine itself.

The same words, such as `not found` or `connection refused`, need another hint for each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from imagewidget.engine.failure.errors import DockerError, EngineUnavailable, Remedy, remedy_of
from imagewidget.engine.failure.messages import sentence

# The names of the steps of BuildKit and of the classic builder that only ask a registry.
_REGISTRY_STEP = re.compile(
    r"(\[internal\] load metadata for|\[context [^\]]*\] |(\[[^\]]*\] )?FROM |resolve image config "
    r"for |docker-image://|importing cache manifest)"
)
# What only a request to a registry reports; layers are fetched when a step needs them.
_REGISTRY_WORDS = re.compile(
    r"pull access denied|failed to (resolve (source metadata|reference)|authorize|push)\b"
    r"|httpReadSeeker|pulling from host|https?://[^\s\"'/]+/v2/|error from registry|docker://"
    r"|manifest (for \S+ not found|unknown)|toomanyrequests",
)
_GIT_STEP = re.compile(r"\[internal\] load git source ")
# An `ADD` of a repository may also fail for other reasons.
_GIT_WORDS = re.compile(
    r"(^|\n)fatal: |git stderr:|invalid subdir|expected checksum to match"
    r"|failed to (fetch|checkout) remote |failed to update submodules|error fetching default branch"
    r"|could not find default branch|repository does not contain ref"
)
_GIT_PREFIX = re.compile(r"^(failed to read dockerfile: |failed to load cache key: )*")
_GIT_OUTPUT = re.compile(r"git stderr:\s*([^\s].*?)\s*(?:: exit status \d{1,3})?\Z", re.DOTALL)

_PRIVATE_GIT = (
    "Check the repository's address; for a private one, pass a token as the secret "
    "`GIT_AUTH_TOKEN` in `secrets=`, or use its `git@` address with `ssh='default'`."
)
_GIT_KEY = (
    "Check that `ssh=` names an agent with a key that may read the repository, or use the "
    "repository's `https://` address."
)
_GIT_HOST = (
    "Check the name of the Git server, whose SSH key is not the expected one, or use the "
    "repository's `https://` address."
)
_GIT_REF = (
    "Check the branch, tag or commit after the `#` of the address; the repository does not have it."
)
_GIT_DIRECTORY = (
    "Check the directory after the `:` of the address; that revision of the repository does not "
    "have it."
)
_GIT_SERVER = (
    "Check the repository's address, and that the engine's machine reaches its server; the engine "
    "clones it, not this machine."
)
_GIT_HINTS = (
    (r"permission denied \(publickey|no supported authentication methods", _GIT_KEY),
    (r"host key verification failed|remote host identification has changed", _GIT_HOST),
    (
        (
            r"could not read (username|password)|authentication failed|access denied"
            r"|returned error: 40[13]\b|\brepository '[^']*' not found|repository not found"
        ),
        _PRIVATE_GIT,
    ),
    (
        (
            r"does not contain ref|couldn't find remote ref|not our ref|unadvertised object"
            r"|could not find default branch|failed to rev-parse|pathspec"
        ),
        _GIT_REF,
    ),
    (r"\bsubdir\b|\bsubpath\b", _GIT_DIRECTORY),
    (r"expected checksum to match", "Check the URL and the commit, then correct `--checksum=`."),
    (r"failed to find git binary", "Install `git` on the engine's machine."),
)

_LOST_CACHE = (
    "Build again; if it fails again, set `no_cache=True`, or run `docker builder prune`: the build "
    "cache refers to data that the engine no longer has."
)
_LOST_SESSION = (
    "Build again; the engine lost its connection to this machine, over which it reads the files, "
    "or to one of its components."
)
_NOT_A_DIRECTORY = (
    "Choose another destination, or copy to a directory: the image has a file of that name where "
    "this step needs a directory."
)
_ENGINE_HINTS = (
    (
        (
            r"\bsnapshot \S+ does not exist|\bcontent digest \S+: not found|\blease \S+: not found"
            r"|\bsnapshot \S+: not found|missing descriptor handlers"
        ),
        _LOST_CACHE,
    ),
    (
        (
            r"no active sessions?\b|error reading from server: EOF|transport is closing"
            r"|client connection is closing|frontend grpc server closed unexpectedly"
        ),
        _LOST_SESSION,
    ),
    (r"cannot copy to non-directory", _NOT_A_DIRECTORY),
)


def asked_a_registry(step: str, text: str) -> bool:
    """Return whether a step failed because of what a registry answered, or did not answer.

    Args:
        step: The full name of the step; empty if none had begun.
        text: The engine's message.
    """
    if asked_git(step, text):
        return False
    return bool(_REGISTRY_STEP.match(step) or _REGISTRY_WORDS.search(text))


def asked_git(step: str, text: str) -> bool:
    """Return whether a step failed because of a Git repository; see :func:`asked_a_registry`."""
    return bool(_GIT_STEP.match(step) or _GIT_WORDS.search(text))


def git_failed(text: str, tail: Sequence[str]) -> tuple[str, str]:
    """Return the message and the hint for a Git repository that cannot be cloned.

    Args:
        text: The engine's message.
        tail: The last lines of the step's log, in which older engines have Git's own message.
    """
    output = _GIT_OUTPUT.search(text)
    cause = sentence(output[1] if output else _GIT_PREFIX.sub("", text))
    known = _first(_GIT_HINTS, "\n".join((text, *tail)))
    return f"The Git repository cannot be cloned: {cause}", known or _GIT_SERVER


def engine_hint(text: str) -> str:
    """Return a hint for what the engine itself lost or cannot do; empty if nothing is known."""
    return _first(_ENGINE_HINTS, text)


def step_hint(step: str, text: str, known: DockerError) -> str:
    """Return a hint for a step that failed, by what it had asked for; empty if nothing is known.

    Args:
        step: The full name of the step; empty if none had begun.
        text: The engine's message.
        known: What the message means if it is about a registry or the engine.
    """
    is_of_engine = isinstance(known, EngineUnavailable) or remedy_of(known) is Remedy.NONE
    found = "" if is_of_engine else engine_hint(text)
    return found or (known.hint if is_of_engine or asked_a_registry(step, text) else "")


def _first(hints: tuple[tuple[str, str], ...], text: str) -> str:
    return next((hint for pattern, hint in hints if re.search(pattern, text, re.IGNORECASE)), "")
