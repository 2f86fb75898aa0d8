"""A notebook in a front end, as a person uses it."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.server import JupyterServer

Kind = Literal["lab", "notebook", "voila"]

START = 60_000  # ms: the first start of a front end and of a kernel on a small machine
_NAME_OF_FOCUSED = """
(document.activeElement.labels?.[0] ?? document.activeElement).textContent
|| document.activeElement.ariaLabel || document.activeElement.placeholder"""
_IS_CONNECTED = """() => {
  const indicator = document.querySelector(".jp-Notebook-ExecutionIndicator");
  if (indicator?.dataset.status !== "idle") return false; // so it is before it has a kernel, too
  const bar = document.querySelector("#jp-main-statusbar");
  if (bar) return /Idle/.test(bar.textContent);
  const status = document.querySelector(".jp-NotebookKernelStatus-fade");
  return status !== null && !status.matches(".jp-NotebookKernelStatus-info");
}"""
_PATHS = {"lab": "doc/tree", "notebook": "notebooks", "voila": "voila/render"}


class OpenNotebook:
    """A notebook that is open in a page."""

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
        """Wait until the front end and the kernel hear each other.

        A kernel now and then begins without hearing the front end, which then
        says "Connecting" for ever; a person takes another kernel.
        """
        for _ in range(3):
            if self._is_connected():
                return
            self.server.close_sessions()
            self.reload()
        raise AssertionError("no kernel answers")

    def _is_connected(self) -> bool:
        try:
            self.page.wait_for_function(_IS_CONNECTED, timeout=START / 3)
        except PlaywrightTimeout:
            return False
        return True

    def run(self, index: int) -> None:
        """Run a cell that did not run yet, and do not wait for its end.

        Voila runs all of them by itself, as soon as it is opened.
        """
        if self.kind == "voila":
            return
        cell = self.page.locator(".jp-Cell").nth(index)
        for _ in range(5):  # a front end that has just opened may lose a key, or be slow
            cell.locator(".jp-InputArea-editor").click()
            self.page.keyboard.press("Control+Enter")
            try:
                expect(cell.locator(".jp-InputPrompt")).not_to_have_text("[ ]:", timeout=10_000)
            except AssertionError:
                continue
            return
        raise AssertionError(f"cell {index} does not run")

    def output(self, index: int) -> Locator:
        """Give the outputs of a cell."""
        return self.page.locator(".jp-Cell").nth(index).locator(".jp-OutputArea")

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, name: str, *, back: bool = False) -> None:
        """Press Tab, or Shift+Tab, until something of that name has the focus."""
        for _ in range(40):
            self.press("Shift+Tab" if back else "Tab")
            focused = self.page.evaluate(_NAME_OF_FOCUSED)
            if name in (focused or ""):
                return
        raise AssertionError(f"no Tab leads to {name}")

    @property
    def panel(self) -> Locator:
        """Give the first panel on the page."""
        return self.page.locator(".iw").first

    @property
    def panels(self) -> Locator:
        """Give every panel on the page."""
        return self.page.locator(".iw")

    def reload(self) -> None:
        """Load the page anew, as after a closed laptop."""
        self.page.reload()
        if self.kind != "voila":
            expect(self.page.locator(".jp-Cell").first).to_be_visible(timeout=START)

    def restart_kernel(self) -> None:
        """Restart the kernel with the toolbar's button, and confirm."""
        self.page.locator('[data-jp-item-name="restart"]').click()
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def kill_kernel(self) -> None:
        """End the kernel behind the front end's back, and start another in its place."""
        for session in self.server.api("GET", "sessions"):
            if session["path"] == self.name:
                self.server.api("POST", f"kernels/{session['kernel']['id']}/restart")
                return
        raise LookupError(self.name)
