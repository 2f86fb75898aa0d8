"""The built panel on a plain page, with the test in place of the kernel.

A test provides the states; the kernel's side of the wire format turns them into messages and
answers the panel's requests for log lines.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Locator, Page, Route

from imagewidget.panel.channel import Channel
from imagewidget.panel.view_requests import Find, Hello, Lines, read_request
from imagewidget.progress.log import Log
from imagewidget.progress.log_writer import LogWriter
from imagewidget.progress.state import State

FRONTEND = Path(__file__).parents[2] / "imagewidget" / "panel" / "frontend"
STATIC = FRONTEND.parent / "static"
AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
ADDRESS = "http://panel.localhost/"

Theme = Literal["light", "dark"]

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A panel</title>
<style>
  body { margin: 8px; background: %(background)s }
  :root { %(variables)s }
  h1 { font: bold 24px sans-serif; color: #777 }
</style></head>
<body><main id="views"><h1>A page with a panel</h1></main>
<script type="module">
import factory from "/stub.js";
const listeners = {};
const own = { comm_live: true };
const model = {
  get() { return undefined; },
  widget_manager: { get_model: async () => own },
  on(name, callback) { (listeners[name] ??= new Set()).add(callback); },
  off(name, callback) { listeners[name]?.delete(callback); },
  send(content) {
    if (content.type === "module") {
      harness.asked.add(content.name);
      fetch(`/${content.name}.js`).then(answer => answer.arrayBuffer()).then(source =>
        harness.message({ ...content }, [new DataView(source)]));
      return;
    }
    harness.sent.push(content);
    harness.unanswered += 1;
    askKernel(content).then(answers => {
      harness.unanswered -= 1;
      answers.forEach(answer => harness.message(answer));
    });
  },
};
const widget = factory();
window.harness = {
  sent: [],
  unanswered: 0,
  asked: new Set(),
  // Whether the parts besides the progress are there, if they were asked for.
  isWhole() { return !this.asked.has("details") || document.querySelector(".iw-lines") !== null; },
  listeners,
  message(content, buffers = []) {
    for (const call of listeners["msg:custom"] ?? []) call(content, buffers);
  },
  loseKernel() {
    own.comm_live = false;
    for (const call of listeners["comm_live_update"] ?? []) call();
  },
  view() {
    const el = document.createElement("div");
    document.getElementById("views").append(el);
    return widget.render({ model, el });
  },
};
widget.initialize({ model });
harness.view();
</script></body></html>"""


class Shown:
    """A job whose state and log are set by a test."""

    def __init__(self) -> None:
        self.state = State()
        self.log = LogWriter()

    def cancel(self) -> None:
        """Do nothing: tests check the message that was sent."""

    def retry(self) -> None:
        """Do nothing, as `cancel`."""


class Harness:
    """A page with a panel.

    Args:
        page: An empty page.
        theme: The theme of the page behind the panel.
        variables: CSS for the root of the page: the variables that a front end sets.
        background: The background of the page, if not that of the theme.
    """

    def __init__(
        self,
        page: Page,
        theme: Theme = "light",
        *,
        variables: str = "",
        background: str | None = None,
    ) -> None:
        self.page = page
        self.errors: list[str] = []
        self._job = Shown()
        self._time = 0.0
        self._messages: list[dict[str, Any]] = []
        self._channel = Channel(
            lambda content, _buffers=None: self._messages.append(content), lambda: self._time
        )
        values = {
            "background": background or ("#ffffff" if theme == "light" else "#111111"),
            "variables": variables,
        }
        self._html = _PAGE % values
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.expose_function("askKernel", self._answer)
        page.route(f"{ADDRESS}**", self._serve)
        page.goto(ADDRESS)
        page.wait_for_selector(".iw", state="attached")

    def _serve(self, route: Route) -> None:
        if route.request.url.endswith(".js"):
            script = STATIC / route.request.url.removeprefix(ADDRESS)
            route.fulfill(body=script.read_text(encoding="utf-8"), content_type="text/javascript")
        else:
            route.fulfill(body=self._html, content_type="text/html")

    @property
    def panel(self) -> Locator:
        """The first view of the panel."""
        return self.page.locator(".iw").first

    def sent(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of one type that the panel sent to the kernel."""
        messages: list[dict[str, Any]] = self.page.evaluate("harness.sent")
        return [message for message in messages if message["type"] == kind]

    def message(self, **content: Any) -> None:
        """Send a message from the kernel."""
        self.page.evaluate("content => harness.message(content)", {"v": 1, "run": 1, **content})

    def show(self, state: State, log: Log | None = None) -> None:
        """Send a frame with the changes to the state and the log."""
        is_first = self._time == 0.0
        self._time += 10.0  # so that no frame is skipped
        self._job.state = state
        self._job.log = log or self._job.log
        if is_first:
            self._channel.begin(self._job)
            self._channel.answer(Hello())
        else:
            self._channel.update(state)
        for message in self._taken():
            self.message(**message)
        self.settle()

    def retry(self, state: State, log: Log | None = None) -> None:
        """Begin a new run of the job."""
        self._job.state, self._job.log = state, log or LogWriter()
        self._channel.begin(self._job)
        for message in self._taken():
            self.message(**message)
        self.settle()

    def settle(self) -> None:
        """Wait until everything that was sent is drawn, including the visible log lines."""
        self._draw()
        self.page.wait_for_function(
            "harness.unanswered === 0 && harness.isWhole() &&"
            "![...document.querySelectorAll('.iw-line-text')]"
            ".some(line => line.checkVisibility() && line.textContent === '…')"
        )
        self._draw()

    def _draw(self) -> None:
        """Wait for two animation frames."""
        self.page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def _answer(self, content: Any) -> list[dict[str, Any]]:
        """Answer requests for log lines; a test answers all others itself."""
        request = read_request(content)
        if self._time > 0.0 and isinstance(request, Find | Lines):
            self._channel.answer(request)
        return self._taken()

    def _taken(self) -> list[dict[str, Any]]:
        messages, self._messages = self._messages, []
        return messages


def build_log(count: int) -> Log:
    """Return a log of coloured lines from one step, some of them on standard error."""
    log = LogWriter()
    for number in range(count):
        stream = 1
        if number % 9 == 3:
            text = "\x1b[32m  Downloading\x1b[0m numpy-2.1.0-cp313-manylinux.whl (16.3 MB)"
        elif number % 9 == 5:
            stream = 2
            text = (
                "\x1b[33mWARNING:\x1b[0m \x1b[38;5;226mrunning\x1b[0m pip as root " + "is bad " * 20
            )
        else:
            text = f"Collecting package-{number}==1.{number}"
        log.append(f"{text}\n", "sha256:5", stream)
    return log
