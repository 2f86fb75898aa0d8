"""The installed package works without Node and without the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.gallery import MOMENTS

ROOT = Path(__file__).parents[2]
SHOW = """
import imagewidget as iw
from imagewidget import environment
job = iw.replay("demo/done", speed=float("inf"), display=False)
job.wait()
panel = iw.Panel(job)
print(panel.phase, "<div" in panel._repr_mimebundle_()[0]["text/html"], len(panel._esm) > 1000)
print(iw.__file__, sorted(environment.files()))
print(" ".join(iw.replay()))
iw.ImageWidget
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, as an installation does."""
    directory = tmp_path_factory.mktemp("wheel")
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(directory)]
    subprocess.run([*wheel, str(ROOT)], check=True, timeout=240)
    (path,) = directory.glob("imagewidget-*.whl")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(directory / "site")
    return directory / "site"


def test_the_wheel_contains_only_what_is_needed(installed: Path) -> None:
    package = installed / "imagewidget"
    for name in ("py.typed", "environment/Dockerfile", "environment/requirements.txt"):
        assert (package / name).is_file()
    for name in ("stub.js", "core.js", "details.js", "THIRD_PARTY_LICENSES"):
        assert (package / "panel" / "static" / name).is_file()
    assert (package / "workbench" / "static" / "front.js").is_file()
    recordings = {path.name for path in (package / "recordings" / "demo").iterdir()}
    assert recordings == {f"{moment.name}.jsonl" for moment in MOMENTS}
    assert not (package / "panel" / "frontend").exists()
    assert not (installed / "tests").exists()
    assert list(installed.glob("*.dist-info/licenses/LICENSE"))


def test_the_installed_package_shows_a_panel(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={"PYTHONPATH": str(installed), "PATH": "", "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    first, second, third = done.stdout.splitlines()
    assert first == "done True True"
    assert second.startswith(str(installed))
    assert "Dockerfile" in second
    assert third.split() == sorted(f"demo/{moment.name}" for moment in MOMENTS)
