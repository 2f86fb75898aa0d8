"""The built panel on a page of its own, with a test in the place of the kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Locator, Page, Route

from imagewidget.panel import wire
from imagewidget.progress.state import State

FRONTEND = Path(__file__).parents[2] / "imagewidget" / "panel" / "frontend"
STATIC = FRONTEND.parent / "static"
AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
ADDRESS = "http://panel.localhost/"

Theme = Literal["light", "dark"]

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A panel</title>
<style>%(style)s</style>
<style>
  body { margin: 8px; background: %(background)s }
  h1 { font: bold 24px sans-serif; color: #777 }
</style></head>
<body><main id="views"><h1>A page with a panel</h1></main>
<script type="module">
import factory from "/packed.js";
const listeners = {};
const model = {
  final: {},
  get(name) { return name === "_final" ? this.final : undefined; },
  on(name, callback) { (listeners[name] ??= new Set()).add(callback); },
  off(name, callback) { listeners[name]?.delete(callback); },
  send(content) { harness.sent.push(content); harness.answer?.(content); },
};
const widget = factory();
window.harness = {
  sent: [],
  listeners,
  message(content) { for (const call of listeners["msg:custom"] ?? []) call(content); },
  emit(name) { for (const call of listeners[name] ?? []) call(); },
  setFinal(value) { model.final = value; this.emit("change:_final"); },
  view() {
    const el = document.createElement("div");
    document.getElementById("views").append(el);
    return widget.render({ model, el });
  },
};
widget.initialize({ model });
harness.view();
</script></body></html>"""


class Harness:
    """One page with a panel.

    Args:
        page: An empty page.
        theme: What the page behind the panel looks like.
    """

    def __init__(self, page: Page, theme: Theme = "light") -> None:
        self.page = page
        self.errors: list[str] = []
        self._seq = 0
        self._known: State | None = None
        background = "#ffffff" if theme == "light" else "#111111"
        style = (STATIC / "panel.css").read_text(encoding="utf-8")
        self._html = _PAGE % {"style": style, "background": background}
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.route(f"{ADDRESS}**", self._serve)
        page.goto(ADDRESS)
        page.wait_for_function("window.harness")

    def _serve(self, route: Route) -> None:
        if route.request.url.endswith(".js"):
            script = (STATIC / "packed.js").read_text(encoding="utf-8")
            route.fulfill(body=script, content_type="text/javascript")
        else:
            route.fulfill(body=self._html, content_type="text/html")

    @property
    def panel(self) -> Locator:
        """Give the first view."""
        return self.page.locator(".iw").first

    def sent(self, kind: str) -> list[dict[str, Any]]:
        """Give what the panel asked of the kernel, of one kind."""
        messages: list[dict[str, Any]] = self.page.evaluate("harness.sent")
        return [message for message in messages if message["type"] == kind]

    def message(self, **content: Any) -> None:
        """Send a message from the kernel."""
        self.page.evaluate("content => harness.message(content)", {"v": 1, "run": 1, **content})

    def show(self, state: State, lines: list[list[Any]] | None = None) -> None:
        """Send what changed, with the log lines that come along."""
        self._seq += 1
        kind = "snapshot" if self._known is None else "frame"
        body = wire.changes(self._known, state)
        if lines:
            body["lines"] = lines
        self._known = state
        self.message(type=kind, seq=self._seq, **body)
        self.settle()

    def settle(self) -> None:
        """Wait until what was sent is drawn."""
        self.page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )


def log_lines(count: int) -> list[list[Any]]:
    """Give lines with colours, of a step, some of them on standard error."""
    lines: list[list[Any]] = []
    for number in range(count):
        if number % 9 == 3:
            text = "\x1b[32m  Downloading\x1b[0m numpy-2.1.0-cp313-manylinux.whl (16.3 MB)"
        elif number % 9 == 5:
            text = (
                "\x1b[33mWARNING:\x1b[0m \x1b[38;5;226mrunning\x1b[0m pip as root " + "is bad " * 20
            )
        else:
            text = f"Collecting package-{number}==1.{number}"
        lines.append([number, text, 5, 2] if number % 9 == 5 else [number, text, 5])
    return lines
