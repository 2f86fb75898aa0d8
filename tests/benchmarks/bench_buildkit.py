"""BuildKit builds, compared to `docker buildx build` on the same engine in the same run.

`python -m tests.benchmarks.bench_buildkit [docker|docker-containerd]`. The median of 5 runs
counts; both builders alternate, so that other load on the machine affects them equally. Ours is
the whole job as a notebook runs it, with its state and log; the peer's time includes starting
its process.
"""

from __future__ import annotations

import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import imagewidget as iw
from tests.benchmarks.report import Figure, report
from tests.engine.buildx import Buildx, install
from tests.rig import engines
from tests.rig.engine import Engine, Role
from tests.rig.places import Places
from tests.rig.rig import Rig

RUNS = 5
FOLDERS, FILES = 200, 100
BYTES = 550_000_000
LINES = 100_000
MEGABYTE = 1_000_000

EVERYTHING = "FROM scratch\nCOPY . /\n"
ONE_FOLDER = "FROM scratch\nCOPY pkg/0 /\n"


def measure(role: Role = "docker") -> list[Figure]:
    """Run every measurement on one engine of the rig."""
    rig = Rig()
    with rig.used(), tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        rig.up(role)
        place = Path(folder)
        bench = Bench(rig.engine(role), install(rig, place / "docker"), place)
        figures = [Figure("engine", f"{role} {bench.engine.version}")]
        figures += bench.contexts()
        figures += bench.memory()
        with unclipped(place / "rig", rig.places.cache, role) as engine:
            figures += Bench(engine, bench.buildx, place).logs(rig)
        return figures


class Bench:
    """The two builders on one engine."""

    def __init__(self, engine: Engine, buildx: Buildx, folder: Path) -> None:
        self.engine = engine
        self.buildx = buildx
        self.folder = folder

    def contexts(self) -> list[Figure]:
        """Measure how fast a large context is built into an image."""
        tree = plant(self.folder / "tree", BYTES)
        small = tree / "pkg" / "7" / "7"

        def change() -> None:
            small.write_bytes(random.randbytes(100))  # noqa: S311 - not a secret

        every = self.dockerfile("every", EVERYTHING)
        one = self.dockerfile("one", ONE_FOLDER)
        return [
            *self.beside("20 000 files, 550 MB: the first time", 1.3, tree, every, self.forget),
            *self.beside("again with one file changed", 1.3, tree, every, change),
            *self.beside("one folder of it", 1.5, tree, one, lambda: None),
        ]

    def beside(
        self, what: str, bar: float, context: Path, dockerfile: Path, prepare: Callable[[], None]
    ) -> list[Figure]:
        """Build with each in turn, and compare the medians."""
        ours, theirs = [], []
        for run in range(RUNS + 1):
            for build, times in ((self.ours, ours), (self.theirs, theirs)):
                prepare()
                start = time.perf_counter()
                build(context, dockerfile)
                times.append(time.perf_counter() - start)
            if run == 0 and prepare != self.forget:  # the first run fills the caches of both
                ours.clear()
                theirs.clear()
            elif len(ours) == RUNS:
                break
        mine, peer = statistics.median(ours), statistics.median(theirs)
        return [
            Figure(what, f"{mine:.2f} s / {peer:.2f} s"),
            Figure("  ratio", f"{mine / peer:.2f}", f"≤ {bar}", is_met=mine / peer <= bar),
        ]

    def ours(self, context: Path, dockerfile: Path, **options: object) -> iw.Job:
        """Build with this package."""
        client = iw.connect(self.engine.url)
        tag = "bench/ours:1"
        job = iw.build(
            context, dockerfile=dockerfile, tag=tag, client=client, display=False, **options
        )
        job.result()
        return job

    def theirs(
        self, context: Path, dockerfile: Path, *options: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Build with buildx."""
        named = ("--file", str(dockerfile), "--tag", "bench/theirs:1", *options)
        return self.buildx.build(self.engine, context, *named, progress="rawjson")

    def forget(self) -> None:
        """Empty the engine's caches, so that the next build starts from scratch."""
        for name in ("ours", "theirs"):
            with suppress(RuntimeError):
                self.buildx.run(self.engine, ["image", "rm", "--force", f"bench/{name}:1"])
        self.buildx.run(self.engine, ["builder", "prune", "--all", "--force"])

    def dockerfile(self, name: str, text: str) -> Path:
        """Write a Dockerfile outside the context."""
        path = self.folder / f"{name}.Dockerfile"
        path.write_text(text)
        return path

    def memory(self) -> list[Figure]:
        """Compare the peak memory for a tenth of the data and for all of it.

        Once with many folders, and once with all files in a single folder.
        """
        return [
            self.grown("peak memory for 10 times the data", FOLDERS),
            self.grown("  all in one folder", 1),
        ]

    def grown(self, what: str, folders: int) -> Figure:
        """Compare the peak memory for a tree of this many folders."""
        dockerfile = self.dockerfile("every", EVERYTHING)
        peaks = []
        for size in (BYTES // 10, BYTES):
            files = FOLDERS * FILES // folders * size // BYTES
            tree = plant(self.folder / f"tree-{folders}-{size}", size, files, folders)
            self.forget()
            words = [sys.executable, "-m", "tests.benchmarks.bench_buildkit", "--peak"]
            done = subprocess.run(
                [*words, self.engine.url, str(tree), str(dockerfile)],
                check=True,
                capture_output=True,
                text=True,
            )
            peaks.append(int(done.stdout))
        grown = (peaks[1] - peaks[0]) / MEGABYTE
        found = f"{peaks[0] / MEGABYTE:.0f} MB + {grown:.1f} MB"
        return Figure(what, found, "< 20 MB", is_met=grown < 20)

    def logs(self, rig: Rig) -> list[Figure]:
        """Measure how fast 100 000 lines of one `RUN` are read."""
        root = self.folder / "logs"
        root.mkdir()
        base = f"FROM {rig.registry.one}\nRUN seq 1 {LINES}\n"
        (root / "Dockerfile").write_text(base)
        ours, theirs, is_whole = [], [], True
        for _ in range(RUNS + 1):
            start = time.perf_counter()
            job = self.ours(root, root / "Dockerfile", no_cache=True)
            ours.append(time.perf_counter() - start)
            is_whole = is_whole and lines_of(job) == LINES
            start = time.perf_counter()
            self.theirs(root, root / "Dockerfile", "--no-cache")
            theirs.append(time.perf_counter() - start)
        mine, peer = statistics.median(ours[1:]), statistics.median(theirs[1:])
        speed = peer / mine
        return [
            Figure("100 000 lines of one RUN", f"{mine:.2f} s / {peer:.2f} s"),
            Figure("  speed beside rawjson", f"{speed:.2f}", "≥ 0.9", is_met=speed >= 0.9),
            Figure("  complete and in order", str(is_whole), "True", is_met=is_whole),
        ]


def lines_of(job: iw.Job) -> int:
    """Count the numbered lines of a log; return -1 if they are not in order."""
    expected = 0
    for line in job.log.whole():
        match = re.fullmatch(r"\d+", line.strip())
        if match:
            expected += 1
            if int(match[0]) != expected:
                return -1
    return expected


def plant(root: Path, size: int, files: int = FILES, folders: int = FOLDERS) -> Path:
    """Write folders of files of very different sizes, `size` bytes in total."""
    noise = random.Random(size)  # noqa: S311 - not a secret
    block = noise.randbytes(4 * MEGABYTE)
    mean = size / (folders * files)
    for folder in range(folders):
        path = root / "pkg" / str(folder)
        path.mkdir(parents=True)
        for number in range(files):
            length = int(noise.expovariate(1 / mean))
            start = noise.randrange(len(block))
            (path / str(number)).write_bytes((block[start:] + block)[:length])
    return root


def _role(name: str) -> Role:
    return next(role for role in engines.KINDS if role == name)


@contextmanager
def unclipped(root: Path, cache: Path, role: Role) -> Iterator[Engine]:
    """Start a separate engine that does not clip the log of a step.

    BuildKit reads the limits from the engine's environment (moby/buildkit `util/progress/logs`);
    the rig's engines keep the defaults.
    """
    # Not -1, which an old Docker treats as a limit of zero.
    limits = dict.fromkeys(
        ("BUILDKIT_STEP_LOG_MAX_SIZE", "BUILDKIT_STEP_LOG_MAX_SPEED"), "1000000000"
    )
    places = Places(root)
    directory = places.part(role)
    directory.mkdir(parents=True)
    places.cache.symlink_to(cache)
    os.environ.update(limits)
    try:
        process = engines.start_engine(places, role)
    finally:
        for name in limits:
            del os.environ[name]
    try:
        yield Engine.at(role, engines.KINDS[role].store, directory)
    finally:
        process.stop()
        engines.forget_engine(places, engines.KINDS[role].index)


def peak(url: str, context: str, dockerfile: str) -> None:
    """Build, and print the peak memory of this process in bytes."""
    job = iw.build(
        context,
        dockerfile=Path(dockerfile),
        tag="bench/ours:1",
        client=iw.connect(url),
        display=False,
    )
    job.result()
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        peak(*sys.argv[2:5])
    else:
        sys.exit(report("buildkit", measure(*map(_role, sys.argv[1:2]))))
