"""`make demo`: run the quickstart notebook on a real engine, then open JupyterLab.

The notebook is executed unchanged; the result, with every output, is written to
`build/quickstart.ipynb`. Then a container of the new image imports its packages,
to show that the environment works.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"
RESULT = ROOT / "build" / "quickstart.ipynb"
PACKAGES = ("ipykernel", "numpy", "pandas", "matplotlib", "sklearn")
_LONGEST = 3600


def main() -> int:
    """Run the demo, and return the exit status."""
    environment = {**os.environ, **_engine()}
    os.environ.update(environment)
    notebook = execute()
    RESULT.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, RESULT)
    say(f"executed {NOTEBOOK.relative_to(ROOT)} → {RESULT.relative_to(ROOT)}")
    say(f"in the new environment: {_import_all()}")
    host = environment.get("DOCKER_HOST")
    say("next: `make lab` opens the notebooks in JupyterLab")
    if host:
        say(f"      `export DOCKER_HOST={host}` uses this engine elsewhere")
        say("      `make demo-down` stops it, if `make demo` started it")
    if sys.stdin.isatty() and sys.stdout.isatty():
        say("opening JupyterLab; stop it with Ctrl-C")
        subprocess.run([sys.executable, "-m", "jupyterlab", str(RESULT)], check=False)
    return 0


def execute(path: Path = NOTEBOOK) -> Any:
    """Execute a notebook, printing each cell with its outputs and how long it took."""
    notebook = nbformat.read(path, as_version=4)
    started: dict[int, float] = {}

    def begin(cell: Any, cell_index: int) -> None:
        started[cell_index] = time.monotonic()
        say(f"cell {cell_index}: {cell.source.splitlines()[0]}")

    def end(cell: Any, cell_index: int, execute_reply: Any) -> None:
        took = time.monotonic() - started[cell_index]
        for line in _text_of(cell.get("outputs", [])):
            say(f"    {line}")
        say(f"    {execute_reply['content']['status']} after {took:.1f} s")

    client = NotebookClient(
        notebook,
        timeout=_LONGEST,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_execute=begin,
        on_cell_executed=end,
    )
    return client.execute()


def say(text: str) -> None:
    """Print a line and flush it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _engine() -> dict[str, str]:
    """Find or start an engine; the rig reports on stderr what it did, or why it could not."""
    command = [sys.executable, "-m", "tests.rig.demo"]
    found = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode:
        sys.exit(found.returncode)
    return {"DOCKER_HOST": found.stdout.strip()} if found.stdout.strip() else {}


def _import_all() -> str:
    """Import every package in a container of the environment, and return the versions."""
    script = (
        "import importlib, json; "
        f"print(json.dumps({{n: importlib.import_module(n).__version__ for n in {PACKAGES!r}}}))"
    )
    import docker  # noqa: PLC0415 - only needed here, once DOCKER_HOST is set

    from imagewidget.environment import default_tag  # noqa: PLC0415 - likewise

    client = docker.from_env()
    output = client.containers.run(
        default_tag(), ["python", "-c", script], remove=True, network_mode="none"
    )
    client.close()
    versions = json.loads(output.decode().splitlines()[-1])
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _text_of(outputs: list[Any]) -> list[str]:
    lines: list[str] = []
    for output in outputs:
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        lines += "".join(text).splitlines()[-12:]
    return lines


if __name__ == "__main__":
    sys.exit(main())
