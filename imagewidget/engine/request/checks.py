"""Checks of a build's arguments, one by one, before anything starts."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeVar, cast, get_args

from imagewidget.engine.context.context import given_path, is_readable
from imagewidget.engine.failure.arguments import key, mapping, string
from imagewidget.engine.failure.errors import InvalidContext, InvalidReference
from imagewidget.engine.image.reference import parse

Builder = Literal["auto", "buildkit", "classic"]

_LONGEST_TEXT = 255

ONLY_BUILDKIT = ("secrets", "ssh", "output", "cache_to")
"""The options that no other builder has."""

LARGEST_SECRET = 500 * 1024
"""Bytes; BuildKit refuses more (`session/secrets.MaxSecretSize`)."""

_INT64 = 2**63 - 1
_HUGE = 10**30
_Number = TypeVar("_Number", int, float)

_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Secret:
    """The content of a `RUN --mount=type=secret`. It is never shown.

    Attributes:
        path: The file to read it from, or None.
        value: The content, if there is no file.
    """

    path: Path | None = None
    value: bytes = field(default=b"", repr=False)

    def read(self) -> bytes:
        """Return the content.

        Raises:
            OSError: The file was deleted or became unreadable after it was checked.
        """
        return self.value if self.path is None else self.path.read_bytes()


def check_tags(tag: object) -> tuple[str, ...]:
    """Check the names for the image that is built: a str, several, or None.

    Raises:
        InvalidReference: One is not a valid image name, or it contains a digest.
    """
    if tag is None:
        return ()
    names = check_texts(tag, "tag")
    return tuple(dict.fromkeys(_tag(name) for name in names))


def check_builder(builder: object) -> Builder:
    """Check the name of a builder."""
    return cast("Builder", check_choice(builder, "builder", get_args(Builder)))


def check_for_classic(options: Mapping[str, object]) -> None:
    """Reject the options that only BuildKit supports.

    Raises:
        InvalidContext: One of them is set.
    """
    for name in ONLY_BUILDKIT:
        if options.get(name):
            raise InvalidContext(
                f"The classic builder does not support `{name}`.",
                hint="Leave out `builder=`, and use an engine that has BuildKit.",
            )


def check_text(value: object, name: str) -> str | None:
    """Check an argument that must be one line of text, or None.

    Raises:
        InvalidContext: It is empty, probably by mistake, or it is too long, or has
            characters that cannot be shown.
    """
    if value is None:
        return None
    text = string(value, name)
    if not text.strip():
        raise InvalidContext(
            f"`{name}` is empty.",
            hint=f"Leave out `{name}`, or set it to None, if it has no value.",
        )
    if len(text) > _LONGEST_TEXT or not text.isprintable():
        raise InvalidContext(
            f"`{name}` is not valid.",
            hint=f"Use one line of at most {_LONGEST_TEXT} characters that can be shown.",
        )
    return text


def check_flag(value: object, name: str) -> bool:
    """Check an argument that must be True or False: `"no"` would count as true."""
    if not isinstance(value, bool):
        raise TypeError(f"`{name}` must be True or False, not {type(value).__name__}.")
    return value


def check_choice(value: object, name: str, known: Sequence[str]) -> str:
    """Check an argument that must be one of a few words.

    Raises:
        InvalidContext: It is another word.
    """
    text = string(value, name)
    if text in known:
        return text
    part = text[:_LONGEST_TEXT]
    shown = part if part.isprintable() else ascii(part)
    near = get_close_matches(text.lower(), known, n=1)
    raise InvalidContext(
        f"There is no {name.replace('_', ' ')} called `{shown}`.",
        hint=f"Did you mean `{near[0]}`?" if near else f"Use one of: {', '.join(known)}.",
    )


def check_number(
    value: object, name: str, kind: type[_Number], *, least: float = 0, most: float = _INT64
) -> _Number | None:
    """Check an argument that must be a number between two bounds, or None.

    Args:
        value: The argument's value.
        name: The argument's name, for the error message.
        kind: int for a whole number; float accepts either kind.
        least: The smallest number that makes sense.
        most: The largest; by default what the engine can read.

    Raises:
        InvalidContext: It is out of bounds, or not finite.
    """
    if value is None:
        return None
    is_number = isinstance(value, int if kind is int else (int, float))
    if not is_number or isinstance(value, bool):
        article = "an int" if kind is int else "a number"
        raise TypeError(f"`{name}` must be {article}, not {type(value).__name__}.")
    number = cast("_Number", value)
    if least <= number <= most:
        return kind(number)
    bound = f"at least {least:,}" if number < least else f"at most {most:,}"
    if isinstance(number, float) and not math.isfinite(number):
        bound = "finite"
    raise InvalidContext(
        f"`{name}` must be {bound}, not {_short(number)}.",
        hint=f"Leave out `{name}`, or set it to None, for the engine's default.",
    )


def check_texts(values: object, name: str) -> tuple[str, ...]:
    """Check an argument that must be a str or an iterable of str."""
    if isinstance(values, str):
        return (values,)
    if not isinstance(values, Iterable) or isinstance(values, (bytes, bytearray)):
        raise TypeError(
            f"`{name}` must be a str or an iterable of str, not {type(values).__name__}."
        )
    return tuple(string(value, f"{name}[{index}]") for index, value in enumerate(values))


def check_strings(values: object, name: str) -> dict[str, str]:
    """Check an argument that must be a mapping of str to str, or None.

    Raises:
        InvalidContext: A name in it is empty.
    """
    checked: dict[str, str] = {}
    for given, value in mapping(values, name).items():
        word = key(given, name)
        if not word.strip():
            raise InvalidContext(
                f"A name in `{name}` is empty.",
                hint="Give each value a name, or leave the value out.",
            )
        checked[word] = string(value, f"{name}[{word!r}]")
    return checked


def check_build_args(
    build_args: object,
    environ: Mapping[str, str],
) -> dict[str, str]:
    """Check the build arguments.

    Args:
        build_args: Values by name. None takes the value from the environment, as
            `docker build --build-arg NAME` does; if it is not set there, the
            Dockerfile's default applies.
        environ: The environment variables.

    Raises:
        InvalidContext: No `ARG` can have one of the names.
    """
    checked: dict[str, str] = {}
    for name, value in mapping(build_args, "build_args").items():
        variable = key(name, "build_args")
        if not variable or "=" in variable or _BLANK.search(variable):
            raise InvalidContext(
                f"`{variable}` is not a valid name for a build argument."
                if variable
                else "A build argument needs a name.",
                hint="Use the name of an `ARG` in the Dockerfile, without blanks and `=`.",
            )
        if value is None:
            if variable in environ:
                checked[variable] = environ[variable]
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            checked[variable] = str(value)
        elif isinstance(value, str):
            checked[variable] = value
        else:
            raise TypeError(
                f"`build_args[{variable!r}]` must be a str, int, float or None, "
                f"not {type(value).__name__}."
            )
    return checked


def check_secrets(secrets: object, environ: Mapping[str, str]) -> dict[str, Secret]:
    """Check that every secret exists and is small enough.

    Args:
        secrets: By id; None takes the secret from the environment variable of that name.
        environ: The environment variables.

    Raises:
        InvalidContext: A file is missing or unreadable, a variable is not set, or a
            secret is too large.
    """
    return {
        key(name, "secrets"): _secret(key(name, "secrets"), value, environ)
        for name, value in mapping(secrets, "secrets").items()
    }


def read_secrets(secrets: Mapping[str, Secret]) -> dict[str, Secret]:
    """Read every secret into memory.

    Raises:
        InvalidContext: A file was deleted or became unreadable after it was checked.
    """
    return {name: Secret(value=_content(name, secret)) for name, secret in secrets.items()}


def check_ssh(ssh: object, environ: Mapping[str, str]) -> dict[str, Path]:
    """Find the sockets of the ssh agents to forward.

    Args:
        ssh: `"default"` for the agent of `SSH_AUTH_SOCK`, `"ID=PATH"` for the
            socket of another agent, or several of these.
        environ: The environment variables.

    Returns:
        The sockets by id.
    """
    sockets = {}
    for text in () if ssh is None else check_texts(ssh, "ssh"):
        name, _, path = text.partition("=")
        path = path or environ.get("SSH_AUTH_SOCK", "")
        if not path:
            raise InvalidContext(
                "There is no ssh agent to forward: SSH_AUTH_SOCK is not set.",
                hint="Start one with `eval $(ssh-agent)` and `ssh-add`, then start Jupyter from "
                "the same shell.",
            )
        agent = given_path(path).absolute()
        if not agent.is_socket():
            reason = "it is not a socket" if agent.exists() else "the path does not exist"
            raise InvalidContext(
                f"There is no ssh agent at `{path}`: {reason}.",
                hint="Pass the path of an agent's socket, as in `ssh='default=/path/agent.sock'`. "
                "A key cannot be passed directly: add it to the agent with `ssh-add`.",
            )
        sockets[name or "default"] = agent
    return sockets


def _tag(name: str) -> str:
    reference = parse(name)
    if not reference.can_be_tagged:
        raise InvalidReference(
            f"{name} contains a digest; only a name and a tag can be given to an image.",
            hint=f"Leave out the digest, as in `{reference.familiar_name}:1`.",
        )
    return reference.familiar


def _short(number: float) -> str:
    """Return a number as text; one with many digits only in words."""
    if not math.inf > abs(number) >= _HUGE:
        return f"{number:,}"
    return f"a number that {'large' if number > 0 else 'small'}"


def _secret(name: str, value: object, environ: Mapping[str, str]) -> Secret:
    if not name.strip() or _CONTROL.search(name):
        raise InvalidContext(
            f"`{name}` is not a valid id of a secret." if name.strip() else "A secret needs an id.",
            hint="Use the `id=` of its `RUN --mount=type=secret` in the Dockerfile.",
        )
    if value is None:
        if name not in environ:
            raise InvalidContext(
                f"The secret `{name}` is read from the environment variable `{name}`, "
                "which is not set.",
                hint="Set the variable, or pass the secret itself as a str or bytes.",
            )
        value = environ[name]
    if isinstance(value, os.PathLike):
        path = given_path(value).absolute()
        if not path.is_file():
            reason = (
                f"`{path}` is a directory" if path.is_dir() else f"there is no file at `{path}`"
            )
            raise InvalidContext(
                f"The secret `{name}` cannot be read: {reason}.",
                hint="Check the path; to pass the secret itself, use a str or bytes, not a Path.",
            )
        if not is_readable(path):
            raise InvalidContext(
                f"The secret `{name}` cannot be read from `{path}`: permission denied."
            )
        size = path.stat().st_size
        secret = Secret(path=path)
    elif isinstance(value, (str, bytes)):
        data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
        size = len(data)
        secret = Secret(value=data)
    else:
        raise TypeError(
            f"`secrets[{name!r}]` must be a Path, str, bytes or None, not {type(value).__name__}."
        )
    if size > LARGEST_SECRET:
        raise InvalidContext(
            f"The secret `{name}` is {size:,} bytes long; BuildKit accepts {LARGEST_SECRET:,}.",
            hint="Pass only the part that the build needs.",
        )
    return secret


def _content(name: str, secret: Secret) -> bytes:
    try:
        return secret.read()
    except OSError as error:
        raise InvalidContext(
            f"The secret `{name}` cannot be read from `{secret.path}`: {error.strerror}.",
            hint="Restore the file and run the build again; "
            "it was readable when the build was requested.",
        ) from None
