"""What users write, with every public function and every option: type checkers accept all of it.

Nothing here is run; `tests/unit/test_typing.py` checks it, and `wrong_code.py` beside it.
"""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import ipywidgets  # type: ignore[import-untyped]
from typing_extensions import Unpack, assert_type

import imagewidget as iw


def pulls() -> iw.Image:
    job = iw.pull(
        "python:3.13-slim",
        registries=("ghcr.io", "docker.io"),
        platform="linux/arm64",
        retry=iw.RetryPolicy(attempts=5, first_delay=0.5, factor=3),
        stall_timeout=30,
        client=iw.connect(),
        display=False,
    )
    assert_type(job, iw.Job)
    image = job.result(timeout=60.0)
    assert_type(image, iw.Image)
    assert_type(image.id, str)
    assert_type(image.digest, str | None)
    assert_type(image.size, int)
    print(image.short_id, image.reference, image.source)
    return iw.pull("ghcr.io/owner/env:1", registries="ghcr.io", display=None).result()


def builds(folder: Path) -> iw.Job:
    iw.build()
    iw.build(".", tag="owner/env:1")
    iw.build(dockerfile="FROM scratch\n")
    iw.build(dockerfile=io.StringIO("FROM scratch\n"))
    iw.build(dockerfile=io.BytesIO(b"FROM scratch\n"))
    return iw.build(
        folder,
        tag="owner/env:1",
        dockerfile=folder / "Dockerfile",
        build_args={"VERSION": 3, "SHARE": 0.5, "NAME": "env", "HOME": None},
        secrets={"pip": Path("pip.conf"), "token": "abc", "key": b"abc", "TOKEN": None},
        ssh=["default", "other=/run/agent.sock"],
        target="runtime",
        platform="linux/amd64",
        cache_from=("owner/env:latest",),
        no_cache=True,
        pull=True,
        labels={"org.opencontainers.image.title": "env"},
        network="host",
        builder="buildkit",
        auth={"ghcr.io": ("user", "password"), "quay.io": {"username": "u", "password": "p"}},
        client=iw.connect("unix:///var/run/docker.sock"),
        display=True,
    )


def provisions() -> None:
    assert_type(iw.provision(), iw.Job)
    job = iw.provision(
        "owner/env:1",
        registries=["ghcr.io"],
        context=".",
        retry=iw.RetryPolicy(attempts=1),
        stall_timeout=None,
        dockerfile="Dockerfile",
        build_args=None,
        secrets=None,
        ssh="default",
        target=None,
        platform=None,
        cache_from="owner/env:latest",
        no_cache=False,
        pull=False,
        labels=None,
        network=None,
        builder="auto",
        auth=None,
        client=None,
        display=Lines(),
    )
    job.wait()


def options() -> None:
    chosen: iw.BuildOptions = {"no_cache": True, "build_args": {"A": "1"}}
    chosen["labels"] = {"a": "b"}
    assert_type(iw.build(".", **chosen), iw.Job)
    assert_type(iw.provision("owner/env:1", context=".", **chosen), iw.Job)
    mine(Path(), network="none")


def mine(folder: Path, **more: Unpack[iw.BuildOptions]) -> iw.Job:
    """Return a build of the user's own, with the same options."""
    return iw.build(folder, **more)


def errors() -> None:
    try:
        iw.build(".").result()
    except iw.BuildFailed as error:
        assert_type(error.step, str | None)
        assert_type(error.exit_code, int | None)
        assert_type(error.dockerfile_line, int | None)
        assert_type(error.log_tail, tuple[str, ...])
        assert_type(error.source_lines, tuple[iw.SourceLine, ...])
        assert_type(error.info(), iw.ErrorInfo)
        print([line.text for line in error.source_lines if line.is_failing])
    except iw.PullFailed as error:
        assert_type(error.attempts, tuple[iw.AttemptError, ...])
        print([(one.registry, one.kind, one.message) for one in error.attempts])
    except (iw.Cancelled, iw.Stalled, iw.DiskFull, iw.EngineUnavailable) as error:
        assert_type(error.hint, str)
    except (iw.ImageNotFound, iw.AccessDenied, iw.RateLimited, iw.RegistryUnavailable) as error:
        assert_type(error.message, str)
    except (iw.InvalidContext, iw.InvalidReference) as error:
        refused: ValueError = error
        print(refused)
    except iw.DockerError as error:
        print(error)
    except TimeoutError:
        pass


def reports(job: iw.Job) -> float:
    state = job.state
    assert_type(state, iw.State)
    assert_type(state.phase, iw.Phase)
    assert_type(state.fraction, float | None)
    assert_type(state.layers, tuple[iw.LayerState, ...])
    assert_type(state.steps, tuple[iw.StepState, ...])
    assert_type(state.image, iw.Image | None)
    done = sum(layer.current for layer in state.layers if layer.phase is iw.LayerPhase.DONE)
    running = [step.name for step in state.steps if step.status is iw.StepStatus.RUNNING]
    print(running, state.error.hint if state.error else "", [one.number for one in state.attempts])
    assert_type(job.log, iw.Log)
    print(len(job.log), job.log.text(), job.log.save("build.log"))
    assert_type([line.text for line in job.log], list[str])
    last: list[iw.LogLine] = job.log.tail(10)
    tries: tuple[iw.Attempt, ...] = state.attempts
    warnings: tuple[iw.BuildWarned, ...] = state.warnings
    print(last, tries, warnings, [largest(step) for step in state.steps])
    print(job.record("pull.jsonl"))
    if state.phase is iw.Phase.FAILED or not job.wait(5):
        assert_type(job.cancel(), bool)
        job.retry()
    return done / state.bytes_total


def largest(step: iw.StepState) -> iw.TransferState | None:
    return max(step.transfers, key=lambda one: one.total or 0, default=None)


def futures(job: iw.Job) -> None:
    job.add_done_callback(lambda ended: print(ended.state.phase))
    if job.done() and not job.cancelled():
        assert_type(job.exception(), iw.DockerError | None)
    assert_type(job.running(), bool)
    assert_type(job.exception(timeout=1.5), iw.DockerError | None)
    with Path("run.jsonl").open("w") as file:
        job.record(file)


async def waits() -> tuple[iw.Image, iw.Image]:
    image = await iw.pull("python:3.13-slim")
    assert_type(image, iw.Image)
    return await asyncio.gather(one(), one())


async def one() -> iw.Image:
    return await iw.build(".")


class Lines:
    """A display of the user's own."""

    def begin(self, job: iw.Watched) -> None:
        print(job.state.reference, len(job.log))

    def update(self, state: iw.State) -> None:
        print(state.phase, state.eta)

    def end(self, state: iw.State) -> None:
        print(state.error or state.image)


def displays(job: iw.Job) -> None:
    lines: iw.Display = Lines()
    job.attach(lines)
    iw.pull("python:3.13-slim", display=[Lines(), iw.Panel()])
    panel = iw.Panel(job)
    assert_type(panel.phase, str)
    fraction: float | None = panel.fraction
    print(fraction)
    assert_type(job.panel, iw.Panel)
    workbench = iw.ImageWidget(client=iw.connect("ssh://user@host"))
    assert_type(workbench.jobs, tuple[iw.Job, ...])
    ipywidgets.VBox([panel, job.panel, workbench])


def engines() -> None:
    client = iw.connect("tcp://10.0.0.5:2376")
    assert_type(client, iw.DockerClient)
    client.ping()
    assert_type(client.address, str)
    assert_type(client.image("python:3.13-slim", platform="linux/arm64"), iw.Image)
    assert_type(client.image_exists("python:3.13-slim"), bool)
    info = client.info(refresh=True)
    assert_type(info, iw.EngineInfo)
    print(info.title, info.has_buildkit, info.store == "containerd")
    assert_type(iw.image_exists("python:3.13-slim", client=client), bool)


def recordings() -> iw.Job:
    try:
        iw.replay(Path("pull.jsonl"), speed=float("inf"), display=False).wait()
    except iw.InvalidRecording as error:
        print(error)
    assert_type(iw.replay(), tuple[str, ...])
    return iw.replay("demo/layers", speed=2, until=10)
