"""Checks the arguments of a build, one by one, before anything starts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, cast, get_args

from imagewidget.engine.context.context import given_path, is_readable
from imagewidget.engine.credentials import Credentials
from imagewidget.engine.failure.arguments import string
from imagewidget.engine.failure.errors import InvalidContext, InvalidReference
from imagewidget.engine.image.reference import parse, registry_host

Builder = Literal["auto", "buildkit", "classic"]

LARGEST_SECRET = 500 * 1024
"""Bytes; BuildKit refuses more (`session/secrets.MaxSecretSize`)."""


@dataclass(frozen=True)
class Secret:
    """What a `RUN --mount=type=secret` gets to see. Its content is never shown.

    Attributes:
        path: The file it is read from, or None.
        value: Its content where it is no file.
    """

    path: Path | None = None
    value: bytes = field(default=b"", repr=False)

    def read(self) -> bytes:
        """Give the content.

        Raises:
            OSError: The file went away since it was checked.
        """
        return self.value if self.path is None else self.path.read_bytes()


def check_tag(tag: object) -> str | None:
    """Check the name of the image to be.

    Raises:
        InvalidReference: It is none, or names a digest.
    """
    if tag is None:
        return None
    reference = parse(string(tag, "tag"))
    if not reference.can_be_tagged:
        raise InvalidReference(
            f"{tag} has a digest in it, and a digest cannot be given to an image.",
            hint=f"Leave it out: `{reference.familiar_name}:1`.",
        )
    return reference.familiar


def check_builder(builder: object) -> Builder:
    """Check the name of a builder."""
    known = get_args(Builder)
    if builder not in known:
        text = string(builder, "builder")
        near = get_close_matches(text.lower(), known, n=1)
        raise InvalidContext(
            f"There is no builder called `{text}`.",
            hint=f"Did you mean `{near[0]}`?" if near else f"The builders are {', '.join(known)}.",
        )
    return cast("Builder", builder)


def check_for_classic(secrets: object, ssh: object) -> None:
    """Refuse what only BuildKit can do.

    Raises:
        InvalidContext: One of them is given.
    """
    for name, given in (("secrets", secrets), ("ssh", ssh)):
        if given:
            raise InvalidContext(
                f"The classic builder has no `{name}`.",
                hint="Use an engine with BuildKit, and leave out `builder=`.",
            )


def check_text(value: object, name: str) -> str | None:
    """Check an argument that is a text or None."""
    return None if value is None else string(value, name)


def check_texts(values: object, name: str) -> tuple[str, ...]:
    """Check an argument that is a text, or several."""
    if isinstance(values, str):
        return (values,)
    if not isinstance(values, Iterable):
        raise TypeError(f"`{name}` is a list of texts, not {type(values).__name__}.")
    return tuple(string(value, name) for value in values)


def check_labels(labels: object) -> dict[str, str]:
    """Check the image's labels."""
    return {
        string(key, "labels"): string(value, f"labels[{key!r}]")
        for key, value in _mapping(labels, "labels").items()
    }


def check_build_args(
    build_args: object,
    environ: Mapping[str, str],
) -> dict[str, str]:
    """Check the build arguments.

    Args:
        build_args: Their values; None takes it from the environment, as
            `docker build --build-arg NAME` does: where it is not set there, the
            Dockerfile's own default stays.
        environ: The environment.
    """
    checked: dict[str, str] = {}
    for name, value in _mapping(build_args, "build_args").items():
        key = string(name, "build_args")
        if not key or "=" in key:
            raise InvalidContext(f"`{key}` is not the name of a build argument.")
        if value is None:
            if key in environ:
                checked[key] = environ[key]
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            checked[key] = str(value)
        else:
            checked[key] = string(value, f"build_args[{key!r}]")
    return checked


def check_secrets(secrets: object, environ: Mapping[str, str]) -> dict[str, Secret]:
    """Check that every secret is there and small enough.

    Args:
        secrets: By id; None takes the secret from the environment.
        environ: The environment.

    Raises:
        InvalidContext: A file is missing or unreadable, or a secret too large.
    """
    return {
        string(name, "secrets"): _secret(string(name, "secrets"), value, environ)
        for name, value in _mapping(secrets, "secrets").items()
    }


def read_secrets(secrets: Mapping[str, Secret]) -> dict[str, Secret]:
    """Read every secret into memory.

    Raises:
        InvalidContext: A file went away or became unreadable since it was checked.
    """
    return {name: Secret(value=_content(name, secret)) for name, secret in secrets.items()}


def check_ssh(ssh: object, environ: Mapping[str, str]) -> dict[str, Path]:
    """Find the sockets of the ssh agents to forward.

    Args:
        ssh: `"default"` for the agent of `SSH_AUTH_SOCK`, `"ID=PATH"` for the
            socket of another, or several of them.
        environ: The environment.

    Returns:
        The sockets by their id.
    """
    sockets = {}
    for text in () if ssh is None else check_texts(ssh, "ssh"):
        name, _, path = text.partition("=")
        path = path or environ.get("SSH_AUTH_SOCK", "")
        if not path:
            raise InvalidContext(
                "No ssh agent is running: SSH_AUTH_SOCK is not set.",
                hint="Start one with `eval $(ssh-agent)` and `ssh-add`, then start Jupyter there.",
            )
        agent = given_path(path).absolute()
        if not agent.is_socket():
            reason = "that is no socket" if agent.exists() else "there is nothing"
            raise InvalidContext(
                f"There is no ssh agent at `{path}`: {reason}.",
                hint="Give the path of an agent's socket, as in `ssh='default=/path/agent.sock'`. "
                "A key is not taken: add it to the agent with `ssh-add`.",
            )
        sockets[name] = agent
    return sockets


def check_auth(auth: object) -> dict[str, Credentials]:
    """Check credentials: `{"ghcr.io": ("user", "password")}`, or a mapping in place of the pair."""
    return {
        registry_host(string(host, "auth")): _credentials(string(host, "auth"), value)
        for host, value in _mapping(auth, "auth").items()
    }


def _credentials(host: str, value: object) -> Credentials:
    if isinstance(value, Mapping):
        value = (value.get("username"), value.get("password"))
    if isinstance(value, (tuple, list)) and len(value) == 2:  # noqa: PLR2004 - a pair
        username, password = value
        if isinstance(username, str) and isinstance(password, str):
            return Credentials(username, password)
    raise TypeError(
        f"`auth[{host!r}]` is a pair of user name and password, or a mapping with "
        "`username` and `password`."
    )


def _secret(name: str, value: object, environ: Mapping[str, str]) -> Secret:
    if not name:
        raise InvalidContext("A secret needs an id: the `id=` of its `RUN --mount`.")
    if value is None:
        if name not in environ:
            raise InvalidContext(
                f"The secret `{name}` is to come from the environment, where it is not set.",
                hint=f"Set the variable `{name}`, or give the secret itself.",
            )
        value = environ[name]
    if isinstance(value, os.PathLike):
        path = given_path(value).absolute()
        if not path.is_file():
            raise InvalidContext(
                f"The secret `{name}` is to be read from `{path}`, but there is no such file.",
                hint="A Path is a file to read; give the secret itself as a str or bytes.",
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
            f"`secrets[{name!r}]` is a Path, a str, bytes or None, not {type(value).__name__}."
        )
    if size > LARGEST_SECRET:
        raise InvalidContext(
            f"The secret `{name}` has {size:,} bytes; BuildKit takes {LARGEST_SECRET:,}.",
            hint="Give only the part that the build needs.",
        )
    return secret


def _content(name: str, secret: Secret) -> bytes:
    try:
        return secret.read()
    except OSError as error:
        raise InvalidContext(
            f"The secret `{name}` cannot be read from `{secret.path}`: {error.strerror}.",
            hint="It could be read when the build was asked for: run it again.",
        ) from None


def _mapping(value: object, name: str) -> Mapping[object, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"`{name}` is a mapping, such as a dict, not {type(value).__name__}.")
    return value
