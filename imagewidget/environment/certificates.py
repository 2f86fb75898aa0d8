"""Find the certificates that this machine trusts besides the public ones."""

from __future__ import annotations

import base64
import binascii
import os
import re
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path

BUNDLE_VARIABLES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
"""The variables that may name a bundle, in the order in which pip reads them."""

PUBLIC = (Path("/usr/share/ca-certificates"),)
"""Where Debian and its derivatives keep the public certificates, one per file."""

ANCHORS = (
    Path("/usr/local/share/ca-certificates"),  # Debian, Ubuntu, Alpine
    Path("/etc/pki/ca-trust/source/anchors"),  # Fedora, Red Hat
    Path("/etc/ca-certificates/trust-source/anchors"),  # Arch
    Path("/etc/pki/trust/anchors"),  # SUSE
)
"""Where an administrator adds certificates for the whole system."""

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----")
_LARGEST_BUNDLE = 4 << 20


def extra_certificates(
    environ: Mapping[str, str],
    configured: str | None = None,
    *,
    public: Iterable[Path] = PUBLIC,
    anchors: Iterable[Path] = ANCHORS,
) -> str:
    """Return the certificates that this machine trusts besides the public ones.

    The configured bundle is compared with the one of `certifi` and with the
    distribution's own: certificates that are in neither were added by somebody. So
    old public ones, which certifi no longer trusts, are not passed on either. If no
    bundle is configured, the certificates added to the system are used.

    Args:
        environ: The environment variables, for :data:`BUNDLE_VARIABLES`.
        configured: The bundle in pip's configuration; only `PIP_CERT` overrides it.
        public: Directories of public certificates.
        anchors: Directories of certificates added to the system.

    Returns:
        The certificates in PEM, without duplicates; empty if there are none.
    """
    import certifi  # noqa: PLC0415 - only where the embedded environment is built

    bundle = _bundle(environ, configured)
    found = _certificates([bundle] if bundle else _files(anchors))
    if not found:
        return ""
    known = _certificates([Path(certifi.where()), *_files(public)])
    return "".join(ssl.DER_cert_to_PEM_cert(content) for content in found if content not in known)


def _bundle(environ: Mapping[str, str], configured: str | None) -> Path | None:
    for value in (
        environ.get(BUNDLE_VARIABLES[0]),
        configured,
        *map(environ.get, BUNDLE_VARIABLES),
    ):
        if value and Path(value).expanduser().is_file():
            return Path(value).expanduser()
    return None


def _files(directories: Iterable[Path]) -> list[Path]:
    """Return the certificate files in directories; missing directories are skipped."""
    return sorted(
        Path(parent) / name
        for directory in directories
        for parent, _, names in os.walk(directory)
        for name in names
        if name.endswith((".crt", ".pem", ".cer"))
    )


def _certificates(paths: Iterable[Path]) -> dict[bytes, None]:
    """Return all certificates, in order and without duplicates; skip unreadable files."""
    found: dict[bytes, None] = {}
    for path in paths:
        try:
            if path.stat().st_size > _LARGEST_BUNDLE:
                continue
            text = path.read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        found |= dict.fromkeys(filter(None, map(_decoded, _PEM.findall(text))))
    return found


def _decoded(body: str) -> bytes:
    """Return a decoded certificate; empty if it is damaged."""
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error:
        return b""
