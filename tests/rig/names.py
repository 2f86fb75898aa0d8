"""Make engines resolve ``ghcr.io`` and ``docker.io`` to this machine, and trust the stand-ins."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from tests.rig.processes import run

if TYPE_CHECKING:
    from tests.rig.places import Places

# Every host name that engines use for the two registries (moby, registry/config.go;
# containerd, docker/registry.go). None may resolve to another machine.
NAMES = {
    "ghcr": ("ghcr.io",),
    "dockerhub": ("registry-1.docker.io", "docker.io", "index.docker.io", "auth.docker.io"),
}
_DAYS = "3650"


def hosts_file(places: Places) -> Path:
    """Write a hosts file with the machine's entries and the rig's, and return its path."""
    lines = [Path("/etc/hosts").read_text().rstrip()]
    for stand_in, names in NAMES.items():
        lines.append(f"{places.address(stand_in)[0]}\t{' '.join(names)}")
    target = places.state / "hosts"
    target.write_text("\n".join(lines) + "\n")
    return target


def ca_bundle(places: Places) -> Path:
    """Write the machine's trusted certificates and the rig's authority to a file; return its path.

    It is for ``SSL_CERT_FILE``, which Go reads.
    """
    trusted = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    texts = [certificate(places)[1].read_text()]
    for path in (trusted, "/etc/ssl/certs/ca-certificates.crt"):
        if path and Path(path).exists():
            texts.append(Path(path).read_text())
            break
    target = places.state / "ca-bundle.pem"
    target.write_text("\n".join(texts))
    return target


def certificate(places: Places) -> tuple[Path, Path]:
    """Make a certificate for all the names, and the authority that signs it, unless cached.

    Returns:
        The file with key and certificate, and the file with the authority's certificate.
    """
    directory = places.cache / "certificates"
    server, authority = directory / "server.pem", directory / "authority.pem"
    if not server.exists():
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        _make(directory)
    return server, authority


def _make(directory: Path) -> None:
    key, request = directory / "server.key", directory / "server.csr"
    names = ",".join(f"DNS:{name}" for group in NAMES.values() for name in group)
    extensions = directory / "server.ext"
    extensions.write_text(f"subjectAltName={names}\n")
    authority, authority_key = directory / "authority.pem", directory / "authority.key"
    subject = "/O=imagewidget test rig/CN="
    new = ("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-batch")
    run(
        [
            *(*new, "-x509", "-days", _DAYS, "-subj", f"{subject}authority"),
            *("-keyout", authority_key, "-out", authority),
        ]
    )
    run([*new, "-subj", f"{subject}stand-in", "-keyout", key, "-out", request])
    signed = run(
        [
            *("openssl", "x509", "-req", "-in", request, "-days", _DAYS, "-extfile", extensions),
            *("-CA", authority, "-CAkey", authority_key, "-CAcreateserial"),
        ]
    )
    part = directory / "server.part"
    part.write_bytes(key.read_bytes() + signed)
    part.rename(directory / "server.pem")
