"""The environment that comes with this package: a Dockerfile and its requirements.

It is a Python for data science (ipykernel, NumPy, pandas, Matplotlib, scikit-learn)
on Debian, with a non-root user. All builders build it unchanged: the classic
builder, BuildKit and Podman.

It also builds behind a company's proxy, with the company's own CA and package
index. The settings of *this* machine are passed on automatically
(:func:`host_build_args`); everything else can be set with build arguments, which
are listed at the top of the Dockerfile::

    iw.build(
        tag="env:1",
        build_args={
            "HTTPS_PROXY": "http://proxy.example.com:3128",
            "CA_CERTIFICATES": Path("company.pem").read_text(),
            "PIP_INDEX_URL": "https://pypi.example.com/simple",
            "BASE_IMAGE": "registry.example.com/debian:trixie-slim",
        },
    )

Do not put passwords into build arguments: except for the proxies, they stay in the
image's history. For an index that needs a password, write your own Dockerfile with
`RUN --mount=type=secret`; :func:`files` returns the files to start from.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files as _resources

from imagewidget.environment.host import HostSettings, host_build_args, host_settings

__all__ = [
    "HostSettings",
    "default_tag",
    "dockerfile",
    "files",
    "host_build_args",
    "host_settings",
]

_NAMES = ("Dockerfile", "requirements.txt")


def dockerfile() -> str:
    """Return the text of the Dockerfile."""
    return files()["Dockerfile"].decode()


def files() -> dict[str, bytes]:
    """Return the whole build context: the content of each file by name."""
    package = _resources(__name__)
    return {name: package.joinpath(name).read_bytes() for name in _NAMES}


def default_tag() -> str:
    """Return the name that the environment's image gets by default.

    The tag is a hash of the files, so that a newer version of this package does not
    use an image built by an older one.
    """
    digest = hashlib.sha256()
    for name, content in sorted(files().items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return f"imagewidget-environment:{digest.hexdigest()[:12]}"
