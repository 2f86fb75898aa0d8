"""Servers on loopback for steps that are to fail: an index of small wheels, and bad ones."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

WHEELS = {
    "mini-1.0-py3-none-any.whl": "",
    "mini-2.0-py3-none-any.whl": "",
    "mini-3.0-cp27-cp27m-win32.whl": "",
    "left-1.0-py3-none-any.whl": "Requires-Dist: mini==1.0\n",
    "right-1.0-py3-none-any.whl": "Requires-Dist: mini==2.0\n",
    "later-1.0-py3-none-any.whl": "",
    "later-2.0-py3-none-any.whl": "Requires-Python: >=3.99\n",
}


def wheel(file: str, more: str = "") -> bytes:
    """Return a wheel that has nothing but its metadata."""
    name, version = file.split("-")[:2]
    about = f"{name}-{version}.dist-info"
    members = {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_hash(text)},{len(text)}\n" for path, text in members.items())
    members[f"{about}/RECORD"] = f"{record}{about}/RECORD,,\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in members.items():
            archive.writestr(path, text)
    return packed.getvalue()


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers as an index, and to the first word of some paths as a server that fails."""

    def do_GET(self) -> None:
        first, _, rest = self.path.strip("/").partition("/")
        if self.path.startswith("http://") or first == "private":
            self._refuse(407 if self.path.startswith("http://") else 401)
        elif first == "slow":
            time.sleep(20)
        elif first == "simple":
            self._answer(self._page(rest).encode())
        elif rest in WHEELS:
            self._answer(wheel(rest, WHEELS[rest]), "application/octet-stream")
        else:
            self._refuse(404)

    do_HEAD = do_GET  # noqa: N815 - the name that the base class calls

    def do_CONNECT(self) -> None:
        self._refuse(403 if "forbidden" in self.path else 407)

    def _page(self, name: str) -> str:
        rows = []
        for file, more in WHEELS.items():
            if file.split("-")[0] == name:
                python = more.partition("Requires-Python: ")[2].strip().replace(">", "&gt;")
                wanted = f' data-requires-python="{python}"' if python else ""
                rows.append(f'<a href="/files/{file}"{wanted}>{file}</a>')
        return f"<!DOCTYPE html><html><body>{'<br>'.join(rows)}</body></html>"

    def _answer(self, body: bytes, kind: str = "text/html") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        name = "Proxy-Authenticate" if status == 407 else "WWW-Authenticate"
        if status in (401, 407):
            self.send_header(name, 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def index() -> Iterator[str]:
    """Serve the wheels, and yield the address; `/private` wants a login, `/slow` says nothing."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
