"""What all public functions have in common: complete signatures, and help with wrong names.

A function that takes the options of a build as `**options: Unpack[BuildOptions]` gets a
signature with every one of them, so that `inspect.signature`, the Tab key and `?` show
them, and their documentation.
"""

from __future__ import annotations

import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from inspect import Parameter, Signature
from typing import ParamSpec, TypeVar

from imagewidget.engine.request.options import described

_P = ParamSpec("_P")
_R = TypeVar("_R")

# What docker-py, the docker CLI and other tools call an option: the options that it may
# mean, best first. Names that differ by a letter or an underscore are found without this table.
_ELSEWHERE: dict[str, tuple[str, ...]] = {
    "auth_config": ("auth",),
    "base_url": ("target",),
    "add_host": ("add_hosts",),
    "build_arg": ("build_args",),
    "credentials": ("auth",),
    "docker_client": ("client",),
    "extra_hosts": ("add_hosts",),
    "file": ("dockerfile", "recording"),
    "fileobj": ("dockerfile",),
    "host": ("target",),
    "image": ("reference", "tag"),
    "name": ("tag", "reference"),
    "network_mode": ("network",),
    "outputs": ("output",),
    "path": ("context", "recording"),
    "progress": ("display",),
    "quiet": ("display",),
    "registry": ("registries",),
    "repository": ("reference", "tag"),
    "retries": ("retry",),
    "secret": ("secrets",),
    "tags": ("tag",),
    "timeout": ("stall_timeout",),
    "ulimit": ("ulimits",),
    "url": ("target",),
    "use_cache": ("no_cache",),
    "verbose": ("display",),
    # They stand for nothing here, although some of them look like an option.
    **dict.fromkeys(
        (
            "all_tags",
            "annotations",
            "attest",
            "cgroup_parent",
            "compress",
            "container_limits",
            "custom_context",
            "decode",
            "force_rm",
            "forcerm",
            "gzip",
            "isolation",
            "load",
            "memory",
            "no_cache_filter",
            "provenance",
            "push",
            "rm",
            "sbom",
            "security_opt",
            "squash",
            "stream",
            "use_config_proxy",
        ),
        (),
    ),
}
# The functions that take the tag of an image in another way.
_WITHOUT_TAG = {
    "pull": "write the tag in the reference, as in `python:3.13-slim`.",
    "provision": "the image gets the reference as its tag.",
}
_LAST = ("client", "display")
_WIDTH = 88
_ALIKE = 0.7
_ENTRY = re.compile(r"    \*\*options: .*\n(?:        .*\n)*")


def verb(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Complete the signature and documentation of a public function, and check its calls.

    The function that is returned raises TypeError for an unknown keyword argument, with
    a suggestion, and for arguments that must be passed by name.
    """
    signature = _completed(inspect.signature(function, eval_str=True))
    name = function.__name__
    by_position = [
        each.name
        for each in signature.parameters.values()
        if each.kind is Parameter.POSITIONAL_OR_KEYWORD
    ]

    @functools.wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        for given in kwargs:
            if given not in signature.parameters:
                raise TypeError(f"{name}() has no option `{given}`{_help(name, signature, given)}")
        if len(args) > len(by_position):
            raise TypeError(
                f"{name}() takes only {_listed(by_position)} without a name; write the name of "
                "each other argument."
            )
        return function(*args, **kwargs)

    call.__doc__ = _documented(inspect.getdoc(function) or "")
    vars(call)["__signature__"] = signature
    return call


def _completed(signature: Signature) -> Signature:
    """Return a signature with every option of a build in place of `**options`."""
    parameters = list(signature.parameters.values())
    if not parameters or parameters[-1].kind is not Parameter.VAR_KEYWORD:
        return signature
    named = [each for each in parameters[:-1] if each.name not in _LAST]
    last = [each for each in parameters if each.name in _LAST]
    options = (
        Parameter(name, Parameter.KEYWORD_ONLY, default=option.default, annotation=annotation)
        for name, (annotation, option) in described().items()
    )
    return signature.replace(parameters=[*named, *options, *last])


def _help(verb_name: str, signature: Signature, given: str) -> str:
    """Return the rest of a sentence that says which option was probably meant.

    A word is not guessed if it is known from elsewhere, and this function has nothing like it.
    """
    known = [*signature.parameters]
    likely = [*known, "tag"] if verb_name in _WITHOUT_TAG else known
    meant = _ELSEWHERE.get(given)
    if meant is None:
        near = get_close_matches(given, likely, n=1, cutoff=_ALIKE)
    else:
        near = [each for each in meant if each in known] or [*{*meant} & {*likely}]
    if not near:
        return f". Its options are {_listed(known)}."
    if near[0] not in known:
        return f": {_WITHOUT_TAG[verb_name]}"
    return f". Did you mean `{near[0]}`?"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _documented(text: str) -> str:
    """Return a docstring with an entry for every option in place of that for `**options`."""
    return _ENTRY.sub(lambda _: "".join(_entries()), text)


def _entries() -> Iterator[str]:
    for name, (_, option) in described().items():
        entry = textwrap.fill(f"{name}: {option.text}", _WIDTH, subsequent_indent="    ")
        yield textwrap.indent(entry, "    ") + "\n"
