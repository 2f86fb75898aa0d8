"""Turn this machine's settings for reaching package indexes into build arguments.

A container does not inherit the settings of the machine. With these build arguments,
the embedded environment builds behind a company's proxy in one cell.
"""

from __future__ import annotations

import configparser
import contextlib
import ipaddress
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from imagewidget.environment.certificates import extra_certificates

LARGEST_CERTIFICATES = 64 * 1024
"""The maximum size of the certificates that are passed on, in bytes.

A build argument becomes one environment string, which Linux limits to 128 KiB
(`MAX_ARG_STRLEN`).
"""

_PROXIES = ("http_proxy", "https_proxy", "no_proxy")
_INDEXES = ("index-url", "extra-index-url", "trusted-host")


@dataclass(frozen=True)
class HostSettings:
    """The settings that are passed on, and notes about those that are not.

    Attributes:
        build_args: Build arguments for the embedded Dockerfile.
        notes: For each setting that was left out, a sentence with the reason.
    """

    build_args: Mapping[str, str] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()


def host_build_args(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this machine's settings for reaching package indexes, as build arguments.

    Args:
        environ: The environment variables to use instead of `os.environ`.

    Returns:
        The proxies of the environment; pip's index configuration, from its
        variables and files; and in `CA_CERTIFICATES` the certificates that the
        machine trusts besides the public ones. Addresses that only this machine
        can reach, and indexes with a password in their URL, are left out.
    """
    return dict(host_settings(environ).build_args)


def host_settings(
    environ: Mapping[str, str] | None = None,
    *,
    config_files: Iterable[Path] | None = None,
) -> HostSettings:
    """Return the same as :func:`host_build_args`, with notes about what was left out.

    Args:
        environ: The environment variables to use instead of `os.environ`.
        config_files: The files to use instead of pip's own; later ones take precedence.
    """
    environ = os.environ if environ is None else environ
    notes: list[str] = []
    options = _pip_options(environ, config_files)
    args = {**_proxies(environ, notes), **_indexes(options, notes)}
    certificates = extra_certificates(environ, options.get("cert"))
    if len(certificates) > LARGEST_CERTIFICATES:
        notes.append(
            "This machine's own CA certificates are not passed on: they take up "
            f"{len(certificates):,} bytes, and at most {LARGEST_CERTIFICATES:,} are allowed. "
            "Pass those that are needed as build_args={'CA_CERTIFICATES': …}."
        )
    elif certificates:
        args["CA_CERTIFICATES"] = certificates
    return HostSettings(args, tuple(notes))


def _proxies(environ: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    """Return the proxies in upper and lower case: apt reads only the lower case."""
    args = {}
    for name in _PROXIES:
        value = environ.get(name) or environ.get(name.upper()) or ""
        if not value:
            continue
        if name != "no_proxy" and not _is_address(value):
            notes.append(f"{name.upper()} is not passed on: it is not a valid address.")
            continue
        if name != "no_proxy" and _is_loopback(value):
            notes.append(
                f"{name.upper()} is not passed on: a container cannot reach a proxy on this "
                "machine's loopback address. Pass one that it can reach as "
                f"build_args={{'{name.upper()}': …}}."
            )
            continue
        args[name] = args[name.upper()] = value
    return args if any(name in args for name in _PROXIES[:2]) else {}


def _indexes(options: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    """Return those of pip's indexes that a container can use."""
    args = {}
    for name in _INDEXES:
        variable = f"PIP_{name.upper().replace('-', '_')}"
        words = options.get(name, "").split()
        if name.endswith("-url"):
            words = [word for word in words if _is_public(word, variable, notes)]
        if words:
            args[variable] = " ".join(words)
    return args


def _is_public(url: str, variable: str, notes: list[str]) -> bool:
    """Return whether an index may be passed on; add a note if not."""
    if not _is_address(url):
        notes.append(f"{variable} is not passed on: it is not a valid address.")
        return False
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return False  # a directory of this machine
    if parts.username or parts.password:
        notes.append(
            f"{variable} at {parts.hostname} is not passed on: it contains credentials, which "
            "would stay in the image's history."
        )
        return False
    if _is_loopback(url):
        notes.append(
            f"{variable} at {parts.hostname} is not passed on: a container cannot reach it."
        )
        return False
    return True


def _split(address: str) -> SplitResult:
    """Split an address, with or without a scheme.

    Raises:
        ValueError: It is not a valid address.
    """
    return urlsplit(address if "://" in address else f"//{address}")


def _is_address(text: str) -> bool:
    try:
        _split(text)
    except ValueError:
        return False
    return True


def _is_loopback(address: str) -> bool:
    host = _split(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _pip_options(
    environ: Mapping[str, str],
    config_files: Iterable[Path] | None,
) -> dict[str, str]:
    """Return pip's configuration: its files in order, then its variables.

    See pip's user guide, "Configuration": the global file, the user's, the
    virtual environment's, `PIP_CONFIG_FILE`; `[install]` takes precedence over `[global]`.
    """
    parser = configparser.RawConfigParser(strict=False)
    for path in _config_files(environ) if config_files is None else config_files:
        # pip itself rejects a broken file; here it is ignored.
        with contextlib.suppress(OSError, UnicodeDecodeError, configparser.Error):
            parser.read_string(path.read_text(encoding="utf-8"), str(path))
    options: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            options.update(parser.items(section))
    for name in (*_INDEXES, "cert"):
        value = environ.get(f"PIP_{name.upper().replace('-', '_')}")
        if value:
            options[name] = value
    return options


def _config_files(environ: Mapping[str, str]) -> list[Path]:
    """Return pip's configuration files, the one with the highest precedence last."""
    explicit = environ.get("PIP_CONFIG_FILE")
    if explicit == os.devnull:
        return []
    home = Path.home()
    if sys.platform == "win32":
        roots = [Path(environ.get("PROGRAMDATA", "C:\\ProgramData")) / "pip"]
        roots += [home / "pip", Path(environ.get("APPDATA", home)) / "pip", Path(sys.prefix)]
        found = [root / "pip.ini" for root in roots]
    else:
        found = [Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf")]
        if sys.platform == "darwin":
            found += [
                Path("/Library/Application Support/pip/pip.conf"),
                home / "Library/Application Support/pip/pip.conf",
            ]
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        found += [home / ".pip/pip.conf", config / "pip/pip.conf", Path(sys.prefix) / "pip.conf"]
    return [*found, Path(explicit)] if explicit else found
