"""The options of a build, each with its type, its meaning and its spelling on a command line.

This is the only list of them: `imagewidget.build` and `imagewidget.provision` take
their signatures and documentation from it, and the magics, the workbench and the
command line their options.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from typing_extensions import TypedDict

from imagewidget.engine.request.checks import Builder
from imagewidget.engine.request.sources import PathLike, Readable


@dataclass(frozen=True)
class Option:
    """What there is to know about an option besides its name and type.

    Attributes:
        text: What it does, in a sentence or more.
        default: The value that has the same effect as leaving it out.
        label: What a form calls it; derived from its name if it is empty.
        help: The same for a command line, where the text is about Python.
        flags: Its names on a command line; derived from its name if there are none.
        metavar: What follows the flag, such as `NAME=VALUE`; empty for a plain value.
        separators: What may be between the two there; the first of them counts.
        on_command_line: Whether a command line has it: a password must not be on one,
            where every user of the machine can read it.
    """

    text: str
    default: Any = None
    label: str = ""
    help: str = ""
    flags: tuple[str, ...] = ()
    metavar: str = ""
    separators: str = "="
    on_command_line: bool = True


class BuildOptions(TypedDict, total=False):
    """The options of a build; `imagewidget.build` describes them."""

    dockerfile: Annotated[
        PathLike | Readable | None,
        Option(
            "A path, the content of a Dockerfile (a str that contains a line break), or a "
            "file-like object; None for `Dockerfile` in the context.",
            help="The path of the Dockerfile; by default Dockerfile in the context.",
            flags=("-f", "--file", "--dockerfile"),
            metavar="PATH",
        ),
    ]
    build_args: Annotated[
        Mapping[str, str | int | float | None] | None,
        Option(
            "Values for `ARG`, by name; a value of None is read from the environment "
            "variable of that name.",
            help="A value for ARG; a name alone is read from the environment variable.",
            flags=("--build-arg",),
            metavar="NAME[=VALUE]",
        ),
    ]
    secrets: Annotated[
        Mapping[str, Path | str | bytes | None] | None,
        Option(
            "Secrets for `RUN --mount=type=secret`, by id: a Path is a file to read, a str or "
            "bytes is the secret itself, and None reads the environment variable of that name. "
            "Never in a layer, log or recording. BuildKit only.",
            help="A secret for RUN --mount=type=secret: a file, or the environment variable of "
            "that name; docker's id=ID,src=PATH works too. BuildKit only.",
            flags=("--secret",),
            metavar="ID[=PATH]",
        ),
    ]
    ssh: Annotated[
        str | Iterable[str] | None,
        Option(
            'SSH agents to forward to `RUN --mount=type=ssh`: `"default"`, or `"ID=PATH"` with '
            "the path of an agent's socket, or several. BuildKit only.",
            label="SSH",
            help="An SSH agent to forward to RUN --mount=type=ssh: default, or the path of its "
            "socket. BuildKit only.",
            metavar="ID[=PATH]",
        ),
    ]
    target: Annotated[
        str | None,
        Option(
            "The stage to build; None for the last.",
            help="The stage to build; by default the last.",
        ),
    ]
    platform: Annotated[
        str | None,
        Option(
            "The platform, such as `linux/arm64`; None for the engine's own. The environment "
            "variable `DOCKER_DEFAULT_PLATFORM` sets another default.",
            help="The platform, such as linux/arm64; by default the engine's own, or that of "
            "the environment variable DOCKER_DEFAULT_PLATFORM.",
        ),
    ]
    cache_from: Annotated[
        str | Iterable[str],
        Option(
            "Images whose layers may be reused as a cache; buildx's form for a registry works too.",
            default=(),
            help="An image whose layers may be reused as a cache; docker's type=registry,ref=IMAGE "
            "works too.",
            metavar="IMAGE",
        ),
    ]
    cache_to: Annotated[
        str | None,
        Option(
            '`"inline"` to store in the image what makes it usable in `cache_from` after a push; '
            "None for no cache. BuildKit only.",
            help="inline stores in the image what makes it usable in --cache-from after a push. "
            "BuildKit only.",
            metavar="inline",
        ),
    ]
    no_cache: Annotated[bool, Option("Run every step instead of using the cache.", default=False)]
    pull: Annotated[bool, Option("Check the registry for newer base images.", default=False)]
    labels: Annotated[
        Mapping[str, str] | None,
        Option(
            "Labels to put on the image.",
            help="A label to put on the image.",
            flags=("--label",),
            metavar="NAME=VALUE",
        ),
    ]
    network: Annotated[
        str | None, Option('The network for `RUN`: `"host"`, `"none"` or a network\'s name.')
    ]
    add_hosts: Annotated[
        Mapping[str, str] | None,
        Option(
            "Addresses of hosts for `RUN`, by name, as in a hosts file; `host-gateway` stands for "
            "the engine's machine.",
            help="The address of a host for RUN, as in a hosts file; host-gateway stands for the "
            "engine's machine.",
            flags=("--add-host",),
            metavar="NAME:ADDRESS",
            separators=":=",
        ),
    ]
    shm_size: Annotated[
        int | None,
        Option(
            "The size of `/dev/shm` for `RUN`, in bytes; None for the engine's default. BuildKit "
            "has it since Docker 23.0.",
            label="Size of /dev/shm",
            help="The size of /dev/shm for RUN, in bytes; by default the engine's. BuildKit "
            "has it since Docker 23.0.",
            metavar="BYTES",
        ),
    ]
    ulimits: Annotated[
        Mapping[str, int | str] | None,
        Option(
            "Limits for the processes of `RUN`, by name, such as `nofile`: a number, or a soft and "
            "a hard one as in `1024:2048`. BuildKit has them since Docker 23.0.",
            help="A limit for the processes of RUN, such as nofile=1024:2048. BuildKit has them "
            "since Docker 23.0.",
            flags=("--ulimit",),
            metavar="NAME=SOFT[:HARD]",
        ),
    ]
    source_date_epoch: Annotated[
        int | None,
        Option(
            "The time of the image and its history, in seconds since 1970, for a build that can "
            "be reproduced; None for `SOURCE_DATE_EPOCH`, if that variable is set. BuildKit has "
            "it since Docker 24.0.",
            help="The time of the image and its history, in seconds since 1970; by default "
            "that of the variable SOURCE_DATE_EPOCH. BuildKit has it since Docker 24.0.",
            metavar="SECONDS",
        ),
    ]
    output: Annotated[
        str | os.PathLike[str] | None,
        Option(
            "A directory for the files of the result, or a path that ends in `.tar` for an "
            "archive of them; None for an image in the engine. BuildKit only.",
            help="A directory for the files of the result, or a path that ends in .tar for an "
            "archive of them, instead of an image; docker's type=local,dest=PATH works too. "
            "BuildKit only.",
            flags=("-o", "--output"),
            metavar="PATH",
        ),
    ]
    builder: Annotated[
        Builder,
        Option(
            '`"buildkit"`, `"classic"`, or `"auto"`: BuildKit where the engine has it.',
            default="auto",
        ),
    ]
    auth: Annotated[
        Mapping[str, tuple[str, str] | Mapping[str, str]] | None,
        Option(
            'Registry credentials, as in `{"ghcr.io": ("user", "password")}`; they take '
            "precedence over Docker's configuration.",
            on_command_line=False,
        ),
    ]


def described() -> dict[str, tuple[Any, Option]]:
    """Return the type and the description of every option, by name."""
    hints = get_type_hints(BuildOptions, include_extras=True)
    return {name: (hint.__origin__, hint.__metadata__[0]) for name, hint in hints.items()}
