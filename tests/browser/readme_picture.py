"""Capture the picture in the README: `python -m tests.browser.readme_picture`.

It shows a real build of the embedded environment on the rig's Docker, in JupyterLab.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser import chromium
from tests.browser.frontends import START, OpenNotebook
from tests.browser.screenshots import REPOSITORY
from tests.browser.server import JupyterServer
from tests.rig.rig import Rig

PICTURE = REPOSITORY / "docs" / "panel.png"
CELLS = [
    "import imagewidget as iw",
    'job = iw.build(tag="environment:1", no_cache=True)   # the embedded environment',
]
# The rig's bridges do not reach the outside, so the build uses the host network.
OUTLET = """
import functools
import imagewidget
imagewidget.build = functools.partial(imagewidget.build, network="host")
"""
PIP_RUNS = "Downloading matplotlib"


def main() -> None:
    """Capture the picture."""
    path = chromium.find()
    if path is None:
        raise SystemExit("No working Chromium was found on this machine.")
    rig = Rig()
    with rig.used(), tempfile.TemporaryDirectory() as directory:
        rig.up("docker-containerd", "fronts")
        os.environ["DOCKER_HOST"] = rig.engine("docker-containerd").url
        startup = Path(directory) / "ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "outlet.py").write_text(OUTLET)
        server = JupyterServer(Path(directory))
        try:
            _take(server, path)
        finally:
            server.stop()


def _take(server: JupyterServer, path: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
        page = browser.new_page(viewport={"width": 1160, "height": 900}, device_scale_factor=1.5)
        name = server.write("environment.ipynb", CELLS)
        notebook = OpenNotebook(server, page, name, "lab")
        notebook.run(0)
        notebook.run(1)
        expect(notebook.panel.locator(".iw-log")).to_contain_text(PIP_RUNS, timeout=5 * START)
        page.screenshot(path=str(PICTURE))
        notebook.panel.get_by_role("button", name="Cancel").click()
        expect(notebook.panel.locator(".iw-chip")).to_have_text("Cancelled")
        browser.close()


if __name__ == "__main__":
    main()
