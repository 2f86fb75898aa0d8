"""The environment that comes with this package: a Dockerfile and its requirements.

A Python for data science (ipykernel, NumPy, pandas, Matplotlib, scikit-learn) on
Debian, with a user of its own, which every builder builds unchanged: the classic
one, BuildKit and Podman.

It also builds behind a company's proxy, with the company's own CA and its own
package index. What *this* machine uses for that is passed on by itself
(:func:`host_build_args`); whatever else is needed are build arguments, which the
Dockerfile lists at its top::

    iw.build(
        tag="env:1",
        build_args={
            "HTTPS_PROXY": "http://proxy.example.com:3128",
            "CA_CERTIFICATES": Path("company.pem").read_text(),
            "PIP_INDEX_URL": "https://pypi.example.com/simple",
            "BASE_IMAGE": "registry.example.com/debian:trixie-slim",
        },
    )

Build arguments are no place for passwords, for they stay in the image's history
(but for the proxies). An index that needs a password is for a Dockerfile of your
own, with `RUN --mount=type=secret`; :func:`files` gives what to begin with.
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
    """Give the text of the Dockerfile."""
    return files()["Dockerfile"].decode()


def files() -> dict[str, bytes]:
    """Give the whole build context: the content of each file by its name."""
    package = _resources(__name__)
    return {name: package.joinpath(name).read_bytes() for name in _NAMES}


def default_tag() -> str:
    """Give the name under which the environment is built when none is asked for.

    Its tag says what is in it, so that a newer version of this package does not
    take an older image for its own.
    """
    digest = hashlib.sha256()
    for name, content in sorted(files().items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return f"imagewidget-environment:{digest.hexdigest()[:12]}"
