"""The proxies that Docker's configuration file sets for builds, as the docker CLI reads them.

See https://docs.docker.com/engine/cli/proxy/ and `ParseProxyConfig` of the CLI.
"""

from __future__ import annotations

from imagewidget.engine.connection import docker_py

_NAMES = {
    "httpProxy": "http_proxy",
    "httpsProxy": "https_proxy",
    "ftpProxy": "ftp_proxy",
    "noProxy": "no_proxy",
    "allProxy": "all_proxy",
}


def configured(url: str) -> dict[str, str]:
    """Return the proxies as build arguments, each in lower and upper case.

    Args:
        url: The engine's address. The file may have proxies for this address; otherwise
            those of `default` apply.
    """
    config = docker_py.configuration()
    given = config.get("proxies") if isinstance(config, dict) else None
    own = given.get(url, given.get("default")) if isinstance(given, dict) else None
    if not isinstance(own, dict):
        return {}
    found = {}
    for key, name in _NAMES.items():
        value = own.get(key)
        if value and isinstance(value, str):
            found[name] = found[name.upper()] = value
    return found
