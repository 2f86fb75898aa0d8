"""The request for a build, checked before anything starts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from typing_extensions import Unpack

from imagewidget import environment
from imagewidget.engine.context.context import Context, RemoteContext
from imagewidget.engine.context.ignore import IgnoreRules
from imagewidget.engine.credentials import Credentials, check_auth
from imagewidget.engine.dockerfile.dockerfile import Dockerfile, read_dockerfile
from imagewidget.engine.failure.errors import InvalidContext
from imagewidget.engine.image.platform import wanted_platform
from imagewidget.engine.masking import Masker
from imagewidget.engine.request import checks
from imagewidget.engine.request.caches import check_cache_from, check_cache_to
from imagewidget.engine.request.checks import Builder, Secret
from imagewidget.engine.request.limits import Limit, check_add_hosts, check_ulimits
from imagewidget.engine.request.options import BuildOptions
from imagewidget.engine.request.output import Output, check_output
from imagewidget.engine.request.sources import PathLike, Sources, find_sources
from imagewidget.environment import HostSettings

_EPOCH = "SOURCE_DATE_EPOCH"


@dataclass(frozen=True)
class BuildRequest:
    """One build, ready for any builder. Create it with :meth:`of`.

    Attributes:
        sources: The context, the content of the Dockerfile, and the ignore rules.
        dockerfile: The Dockerfile, parsed as far as needed.
        tags: The names for the image, such as `owner/env:1`; none for no name.
        build_args: Values for `ARG`.
        secrets: The content for each `RUN --mount=type=secret`, by id.
        ssh: Sockets of ssh agents for `RUN --mount=type=ssh`, by id.
        target: The stage to build; None for the last.
        platform: Such as `linux/arm64`; None for the engine's own.
        cache_from: Images whose layers may be reused.
        cache_to: `inline` if the image is to be usable as a cache; else None.
        no_cache: Whether to run every step again.
        pull: Whether to check the registry for newer base images.
        labels: Labels for the image.
        network: The network of `RUN` commands: `host`, `none`, …; None for the
            engine's default.
        add_hosts: Addresses of hosts for `RUN` commands, by name.
        shm_size: Bytes of `/dev/shm` for `RUN` commands; None for the engine's default.
        ulimits: Limits for the processes of `RUN` commands, by name.
        source_date_epoch: The time of the image, in seconds since 1970; None for now.
        output: Where the files go; None for an image.
        builder: The builder that was requested.
        auth: Credentials by registry; they take precedence over Docker's configuration.
        notes: Lines for the log before the build: which host settings were not passed on.
    """

    sources: Sources = field(repr=False)
    dockerfile: Dockerfile = field(repr=False)
    tags: tuple[str, ...] = ()
    build_args: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    ssh: Mapping[str, Path] = field(default_factory=dict)
    target: str | None = None
    platform: str | None = None
    cache_from: tuple[str, ...] = ()
    cache_to: str | None = None
    no_cache: bool = False
    pull: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    network: str | None = None
    add_hosts: Mapping[str, str] = field(default_factory=dict)
    shm_size: int | None = None
    ulimits: Mapping[str, Limit] = field(default_factory=dict)
    source_date_epoch: int | None = None
    output: Output | None = None
    builder: Builder = "auto"
    auth: Mapping[str, Credentials] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        context: PathLike | None = None,
        *,
        tag: str | Iterable[str] | None = None,
        environ: Mapping[str, str] | None = None,
        **options: Unpack[BuildOptions],
    ) -> BuildRequest:
        """Check the arguments and return the request.

        Args:
            context: A directory, or the address of a Git repository. By default the
                directory of the Dockerfile; no files if the content of the Dockerfile
                is passed; the embedded environment if there is no Dockerfile either.
            tag: The name for the image, or several.
            environ: The environment variables to use instead of `os.environ`.
            **options: See :class:`BuildOptions`. The embedded environment also gets the
                settings with which this machine reaches package indexes as build
                arguments, see :func:`imagewidget.environment.host_settings`.

        Raises:
            InvalidContext: Something is missing or cannot be built; see the hint.
            InvalidReference: `tag` or an image of `cache_from` is not a valid name.
            TypeError: An argument has the wrong type.
        """
        environ = os.environ if environ is None else environ
        builder = checks.check_builder(options.get("builder", "auto"))
        if builder == "classic":
            checks.check_for_classic(options)
        sources = find_sources(context, options.get("dockerfile"))
        args = checks.check_build_args(options.get("build_args"), environ)
        parsed = _parsed(sources, args)
        target = checks.check_text(options.get("target"), "target")
        _check_stages(parsed, target, sources)
        epoch = options.get("source_date_epoch")
        if epoch is None and _EPOCH in environ and builder != "classic":
            args.setdefault(_EPOCH, environ[_EPOCH])  # as buildx does
        tags, output = checks.check_tags(tag), check_output(options.get("output"))
        if output and tags:
            raise InvalidContext(
                "An output has no tag: its files are not an image.",
                hint="Leave out the tag, or leave out `output` and tag the image.",
            )
        host = environment.host_settings(environ) if sources.is_embedded else HostSettings()
        return cls(
            sources=sources,
            dockerfile=parsed,
            tags=tags,
            build_args={**_without(host.build_args, args), **args},
            notes=host.notes,
            secrets=checks.check_secrets(options.get("secrets"), environ),
            ssh=checks.check_ssh(options.get("ssh"), environ),
            target=target,
            platform=wanted_platform(options.get("platform"), environ),
            cache_from=check_cache_from(options.get("cache_from", ())),
            cache_to=check_cache_to(options.get("cache_to")),
            no_cache=checks.check_flag(options.get("no_cache", False), "no_cache"),
            pull=checks.check_flag(options.get("pull", False), "pull"),
            labels=checks.check_strings(options.get("labels"), "labels"),
            network=checks.check_text(options.get("network"), "network"),
            shm_size=checks.check_number(options.get("shm_size"), "shm_size", int, least=1),
            add_hosts=check_add_hosts(options.get("add_hosts")),
            ulimits=check_ulimits(options.get("ulimits")),
            source_date_epoch=checks.check_number(epoch, "source_date_epoch", int),
            output=output,
            builder=builder,
            auth=check_auth(options.get("auth")),
        )

    @property
    def tag(self) -> str | None:
        """The first name for the image; None for no name."""
        return self.tags[0] if self.tags else None

    @property
    def context(self) -> Context:
        """Where the files come from."""
        return self.sources.context

    @property
    def ignore(self) -> IgnoreRules:
        """The rules for what to leave out of the context."""
        return self.sources.ignore

    def refreshed(self) -> BuildRequest:
        """Return this request with the Dockerfile and its ignore file as they are now.

        Raises:
            InvalidContext: They are gone, or the target no longer exists.
        """
        sources = self.sources.find_again() if self.sources.find_again else self.sources
        parsed = _parsed(sources, self.build_args)
        _check_stages(parsed, self.target, sources)
        return replace(self, sources=sources, dockerfile=parsed)

    def with_fallback_args(self, fallback: Mapping[str, str]) -> BuildRequest:
        """Return this request with values for the build arguments that have none."""
        return replace(self, build_args={**_without(fallback, self.build_args), **self.build_args})

    def with_secrets_read(self) -> BuildRequest:
        """Return this request with every secret in memory.

        This makes sure that the content sent to the engine is the content that is masked.

        Raises:
            InvalidContext: The file of a secret can no longer be read.
        """
        return replace(self, secrets=checks.read_secrets(self.secrets))

    def masker(self) -> Masker:
        """Return a masker for this build's secrets and passwords."""
        values: list[str | bytes] = [secret.read() for secret in self.secrets.values()]
        values += [secret for one in self.auth.values() for secret in one.secrets]
        for value in self.build_args.values():
            values += _passwords(value)
        if isinstance(self.context, RemoteContext):
            values += _passwords(self.context.url)
        return Masker(values)


def _parsed(sources: Sources, build_args: Mapping[str, str]) -> Dockerfile:
    """Read the Dockerfile; a build argument may choose another frontend for it."""
    parsed = read_dockerfile(sources.dockerfile.decode("utf-8", "replace"))
    syntax = build_args.get("BUILDKIT_SYNTAX")
    return replace(parsed, syntax=syntax) if syntax else parsed


def _check_stages(dockerfile: Dockerfile, target: str | None, sources: Sources) -> None:
    """Check that the Dockerfile has stages, and the target among them."""
    if not dockerfile.is_for_own_frontend or isinstance(sources.context, RemoteContext):
        return
    if not dockerfile.stages and "\0" in dockerfile.text:
        raise InvalidContext(
            "The Dockerfile is not UTF-8 text; it seems to be UTF-16.",
            hint="Save it again as UTF-8 (in PowerShell, with `Out-File -Encoding utf8`).",
        )
    if not dockerfile.stages:
        raise InvalidContext(
            "The Dockerfile has no `FROM`.",
            hint="Begin it with a base image, such as `FROM python:3.13-slim`.",
        )
    if not target:
        return
    if dockerfile.stage_called(target) is None:
        named = [stage.name for stage in dockerfile.stages if stage.name]
        stages = (
            f"Use one of its stages: {', '.join(f'`{one}`' for one in named)}." if named else ""
        )
        raise InvalidContext(
            f"The Dockerfile has no stage called `{target}`.",
            hint=stages or "Name the stage with `FROM … AS NAME`; none has a name yet.",
        )


def _without(host: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Leave out the names that the caller has set, in upper or lower case."""
    names = {name.upper() for name in given}
    return {name: value for name, value in host.items() if name.upper() not in names}


def _passwords(value: str) -> Iterator[str]:
    """Yield the passwords in a value of one or several URLs, such as a proxy or an index.

    A web address may have only a token before the `@`. A proxy may lack its
    scheme, but a single word before the `@` is then taken for an e-mail address.
    """
    for word in {*value.split(), *re.split(r"[\s,|]+", value)}:
        try:
            parts = urlsplit(word if "://" in word else f"//{word}")
        except ValueError:
            continue
        is_web = parts.scheme in ("http", "https")
        password = parts.password or (parts.username if is_web else "")
        if password:
            yield from (password, unquote(password))
