"""A token server, like ``auth.docker.io`` for Docker Hub. ``python -m tests.rig.tokens``.

It supports both methods in the distribution project's documents: "Token Authentication
Specification" (GET, basic credentials) and "OAuth2 Token Authentication" (POST, a form).
Tokens are JWTs that docker-registry verifies against the certificate in the header (``x5c``).
"""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.rig.names import certificate
from tests.rig.places import Places
from tests.rig.registry import PASSWORD, TOKEN_ISSUER, TOKEN_SERVICE, USER

_LIFETIME = 300


class TokenHandler(BaseHTTPRequestHandler):
    """Handles a request for a token."""

    pair: ClassVar[Path]

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "")
        query = parse_qs(urlsplit(self.path).query)
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        # Like Docker Hub, issue a token without credentials too, without access to private images.
        self._grant(query.get("scope", []), known=given == f"Basic {expected}", asked=bool(given))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        user, password = (form.get(name, [""])[0] for name in ("username", "password"))
        known = (user, password) == (USER, PASSWORD)
        scopes = " ".join(form.get("scope", [])).split()
        self._grant(scopes, known=known, asked=True)

    def log_message(self, *_: object) -> None:
        """Log nothing, because a log would contain credentials."""

    def _grant(self, scopes: list[str], *, known: bool, asked: bool) -> None:
        if asked and not known:
            error = {"code": "UNAUTHORIZED", "message": "incorrect username or password"}
            self._answer(401, {"errors": [error]})
            return
        words = " ".join(scopes).split() if known else []
        token = sign(self.pair, [_access(scope) for scope in words])
        granted = " ".join(words)
        self._answer(
            200, {"token": token, "access_token": token, "expires_in": _LIFETIME, "scope": granted}
        )

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def sign(pair: Path, access: list[dict[str, object]]) -> str:
    """Return a JWT for `access`, signed with the key in `pair`, a file with key and certificate."""
    now = int(time.time())
    text = pair.read_text()
    pem = text[text.index("-----BEGIN CERTIFICATE") :]
    chain = base64.b64encode(ssl.PEM_cert_to_DER_cert(pem)).decode()
    header = {"typ": "JWT", "alg": "RS256", "x5c": [chain]}
    claims = {
        "iss": TOKEN_ISSUER,
        "sub": USER,
        "aud": TOKEN_SERVICE,
        "iat": now,
        "nbf": now - 10,
        "exp": now + _LIFETIME,
        "jti": uuid.uuid4().hex,
        "access": access,
    }
    signed = ".".join(_encode(json.dumps(part).encode()) for part in (header, claims))
    signature = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", str(pair)],
        input=signed.encode(),
        capture_output=True,
        check=True,
    ).stdout
    return f"{signed}.{_encode(signature)}"


def _access(scope: str) -> dict[str, object]:
    """Convert ``repository:private/base:pull`` to the registry's format; grant only ``pull``."""
    kind, _, rest = scope.partition(":")
    name, _, actions = rest.rpartition(":")
    allowed = [action for action in actions.split(",") if action == "pull"]
    return {"type": kind, "name": name, "actions": allowed}


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def serve(places: Places) -> None:
    """Serve forever."""
    handler = type("Tokens", (TokenHandler,), {"pair": certificate(places)[0]})
    ThreadingHTTPServer(places.address("tokens"), handler).serve_forever()


if __name__ == "__main__":
    serve(Places.from_environment())
