"""A checkout without Node cannot be installed, and says so in one line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_checkout_without_node_says_what_to_install(tmp_path: Path) -> None:
    tree = tmp_path / "checkout"
    names = subprocess.check_output(
        ["git", "ls-files", "-z", "--", "*.py", "*.toml", "*.md"], cwd=ROOT
    )
    for name in [*names.decode().split("\0")[:-1], "LICENSE"]:
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    empty = tmp_path / "bin"
    empty.mkdir()

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "-w",
            str(tmp_path),
            str(tree),
        ],
        env={**os.environ, "PATH": str(empty)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    said = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
    assert done.returncode != 0
    assert sum("needs Node 20.19 or ≥22.12" in line for line in said) == 1
    assert "Traceback (most recent call last):" not in said
