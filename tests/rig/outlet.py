"""Find out, by running containers, whether they can reach the outside as this machine can."""

from __future__ import annotations

import gzip
import socket
import subprocess
from contextlib import suppress
from typing import Literal
from urllib.parse import urlsplit

import docker
import docker.errors
import requests

from tests.rig.images import busybox_layer

Way = Literal["bridge", "host", "none", "unknown"]

_IMAGE = "imagewidget-rig-probe"
_SECONDS = 15


def way_out(api: docker.APIClient) -> Way:
    """Return the network with which a container reaches the machine's Debian mirror.

    ``bridge`` is preferred to ``host``. ``none`` means that neither works, and ``unknown`` that
    apt on this machine has no mirror to try.
    """
    target = _debian_mirror()
    if not target:
        return "unknown"
    root = gzip.decompress(busybox_layer().blob)
    api.import_image_from_data(root, repository=_IMAGE, tag="1")
    try:
        for network in ("bridge", "host"):
            if _reaches(api, network, target):
                return network
    finally:
        with suppress(docker.errors.APIError):
            api.remove_image(f"{_IMAGE}:1", force=True)
    return "none"


def hub_answers(url: str) -> bool:
    """Whether the engine gets an answer from Docker Hub (or from its configured mirror)."""
    try:
        with docker.APIClient(url, timeout=_SECONDS) as api:
            api.inspect_distribution("debian:trixie-slim")  # type: ignore[no-untyped-call]
    except (docker.errors.APIError, requests.exceptions.RequestException):
        return False
    return True


def _reaches(api: docker.APIClient, network: Literal["bridge", "host"], target: str) -> bool:
    settings = api.create_host_config(network_mode=network)
    made = api.create_container(f"{_IMAGE}:1", _command(target), host_config=settings)
    try:
        api.start(made["Id"])
        return bool(api.wait(made["Id"], timeout=3 * _SECONDS)["StatusCode"] == 0)
    except (docker.errors.APIError, requests.exceptions.RequestException):
        return False
    finally:
        with suppress(docker.errors.APIError):
            api.remove_container(made["Id"], force=True)


def _debian_mirror() -> str | None:
    """Return the URL of a file on apt's mirror, over plain HTTP, which busybox can fetch."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)dists/$(RELEASE)/InRelease"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = next((line for line in listed.stdout.split() if line.startswith("http://")), None)
    try:
        socket.gethostbyname(str(urlsplit(found or "").hostname))
    except OSError:
        return None
    return found


def _command(target: str) -> list[str]:
    """Return a command that resolves the host name, then sends a HEAD request to its address.

    It does not use wget, which crashes on any host name in Debian's statically linked busybox.
    """
    url = urlsplit(target)
    name, port = str(url.hostname), url.port or 80
    request = f"HEAD {url.path} HTTP/1.1\\r\\nHost: {name}\\r\\nConnection: close\\r\\n\\r\\n"
    # nc stops when its input ends, so the pause leaves time for the response.
    send = f"{{ printf '{request}'; sleep 3; }}"
    receive = f"nc -w {_SECONDS} {socket.gethostbyname(name)} {port}"
    return ["sh", "-c", f"nslookup {name} && {send} | {receive} | grep '^HTTP/1'"]
