"""A notebook in a front end, operated as a user would."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any, Literal

from playwright.sync_api import Locator, Page, expect

from tests.browser.server import JupyterServer

Kind = Literal["lab", "notebook", "voila"]

START = 60_000  # ms, enough for the first start of a front end and a kernel on a small machine
_NAME_OF_FOCUSED = """
(document.activeElement.labels?.[0] ?? document.activeElement).textContent
|| document.activeElement.ariaLabel || document.activeElement.placeholder"""
_NOTEBOOK = "window.jupyterapp?.shell?.currentWidget"
_KERNEL = f"{_NOTEBOOK}?.sessionContext?.session?.kernel"
_KERNEL_ANSWERS = f"""() => {{
  // An output that is shown before the front end has loaded its widget support stays HTML.
  const types = {_NOTEBOOK}?.content?.rendermime?.mimeTypes;
  if (!types?.includes("application/vnd.jupyter.widget-view+json")) return false;
  const kernel = {_KERNEL};
  if (kernel?.connectionStatus !== "connected") return false;
  const answered = kernel.requestExecute({{ code: "", silent: true }}).done.then(() => true);
  return Promise.race([answered, new Promise(resolve => setTimeout(resolve, 3000, false))]);
}}"""
_NUDGE = f"() => void setInterval(() => {_KERNEL}?.requestKernelInfo(), 500)"
# Seconds from the click until the panel shows Cancelled, both measured in the page.
_WATCH_CANCEL = """panel => {
  window.cancelTook = new Promise(resolve => {
    let clicked;
    panel.addEventListener("click", () => { clicked = performance.now(); }, { capture: true });
    new MutationObserver(() => {
      if (panel.querySelector(".iw-chip")?.textContent === "Cancelled")
        resolve((performance.now() - clicked) / 1000);
    }).observe(panel, { subtree: true, childList: true, characterData: true });
  });
}"""
_PATHS = {"lab": "doc/tree", "notebook": "notebooks", "voila": "voila/render"}


class OpenNotebook:
    """A notebook that is open in a browser page."""

    def __init__(self, server: JupyterServer, page: Page, name: str, kind: Kind) -> None:
        self.server = server
        self.page = page
        self.name = name
        self.kind = kind
        query = "&reset" if kind == "lab" else ""
        page.goto(f"{server.url}/{_PATHS[kind]}/{name}?token={server.token}{query}")
        if kind != "voila":
            expect(page.locator(".jp-Cell").first).to_be_visible(timeout=START)
            self._wait_for_kernel()

    def _wait_for_kernel(self) -> None:
        """Wait until the front end can show widgets and the kernel executes requests.

        The kernel's first reply alone is not enough.
        """
        self.page.wait_for_function(_KERNEL_ANSWERS, timeout=START)

    def nudge_kernel(self) -> None:
        """Send the kernel a request twice a second, for as long as the page is open.

        ipykernel 7.3 sometimes does not handle a request until the next one arrives, if it
        arrived just as a reply was sent. ipykernel 7.4 fixed that (`subshell_manager.py`).
        """
        self.page.evaluate(_NUDGE)

    def run(self, index: int) -> None:
        """Run a cell that has not run yet, without waiting for it to end.

        Voila runs all cells by itself when the page is opened.
        """
        if self.kind == "voila":
            return
        cell = self.page.locator(".jp-Cell").nth(index)
        for _ in range(5):  # a front end that has just opened may lose a key press, or be slow
            cell.locator(".jp-InputArea-editor").click()
            self.page.keyboard.press("Control+Enter")
            try:
                expect(self.prompt(index)).not_to_have_text("[ ]:", timeout=10_000)
            except AssertionError:
                continue
            return
        raise AssertionError(f"cell {index} did not run")

    def prompt(self, index: int) -> Locator:
        """Return the prompt of a cell: `[ ]:` before it runs, `[*]:` while it does."""
        return self.page.locator(".jp-Cell").nth(index).locator(".jp-InputPrompt")

    def output(self, index: int) -> Locator:
        """Return the outputs of a cell."""
        return self.page.locator(".jp-Cell").nth(index).locator(".jp-OutputArea")

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, name: str, *, back: bool = False) -> None:
        """Press Tab, or Shift+Tab, until an element of that name has the focus."""
        for _ in range(40):
            self.press("Shift+Tab" if back else "Tab")
            focused = self.page.evaluate(_NAME_OF_FOCUSED)
            if name in (focused or ""):
                return
        raise AssertionError(f"{name} cannot be reached with Tab")

    @property
    def panel(self) -> Locator:
        """The first panel on the page."""
        return self.page.locator(".iw").first

    @property
    def panels(self) -> Locator:
        """All panels on the page."""
        return self.page.locator(".iw")

    def save(self) -> dict[str, Any]:
        """Save the notebook, and return the content of its file."""
        path = self.server.root / self.name
        before = path.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        end = time.monotonic() + START / 1000
        while time.monotonic() < end:
            with contextlib.suppress(json.JSONDecodeError):  # the file is still being written
                if path.stat().st_mtime_ns != before:
                    saved: dict[str, Any] = json.loads(path.read_text())
                    return saved
            time.sleep(0.1)
        raise AssertionError("the notebook was not saved")

    @property
    def downloading(self) -> Locator:
        """The first layer that is being downloaded."""
        return self.panel.locator(".iw-layer[data-phase=downloading]").first

    def count_bytes(self) -> list[int]:
        """Return a list that grows by the size of each message from a kernel.

        The page is reloaded, because a browser counts only on connections that open later.
        """
        received: list[int] = []
        self.page.on(
            "websocket",
            lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))),
        )
        self.reload()
        self._wait_for_kernel()
        return received

    def cancel(self, panel: Locator | None = None) -> float:
        """Click Cancel, and return the seconds until the panel shows Cancelled."""
        panel = panel or self.panel
        panel.evaluate(_WATCH_CANCEL)
        panel.get_by_role("button", name="Cancel").click()
        expect(panel.locator(".iw-chip")).to_have_text("Cancelled", timeout=5_000)
        took: float = self.page.evaluate("window.cancelTook")
        return took

    def reload(self) -> None:
        """Reload the page."""
        self.page.reload()
        if self.kind != "voila":
            expect(self.page.locator(".jp-Cell").first).to_be_visible(timeout=START)

    def restart_kernel(self) -> None:
        """Restart the kernel with the toolbar's button, and confirm."""
        self.page.locator('[data-jp-item-name="restart"]').click()
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def replace_kernel(self) -> None:
        """Reload the page with a new kernel."""
        self.server.close_sessions()
        self.reload()
        if self.kind != "voila":
            self._wait_for_kernel()

    def kill_kernel(self) -> None:
        """Restart the kernel without the front end being involved."""
        if self.kind == "voila":
            kernels = [each for each in self.server.api("GET", "kernels") if each["connections"]]
        else:
            sessions = self.server.api("GET", "sessions")
            kernels = [each["kernel"] for each in sessions if each["path"] == self.name]
        (kernel,) = kernels
        self.server.api("POST", f"kernels/{kernel['id']}/restart")
