"""`provision()` on real engines: the local cache, then ghcr.io, then Docker Hub, then a build."""

from __future__ import annotations

import pytest

import imagewidget as iw
from imagewidget.displays.recording import read
from imagewidget.progress.events import AttemptStarted, CheckingLocal, Event, RetryScheduled
from imagewidget.progress.state import Phase
from tests.rig.engine import Engine
from tests.rig.standin import StandIn

NAME = "owner/env:1"
SCRATCH = 'FROM scratch\nLABEL built="here"\n'


@pytest.fixture
def client(docker_engine: Engine) -> iw.DockerClient:
    docker_engine.clean()
    return iw.connect(docker_engine.url)


def provision(client: iw.DockerClient, **options: object) -> iw.Job:
    job = iw.provision(NAME, dockerfile=SCRATCH, client=client, display=False, **options)
    job.wait(120)
    return job


def events(job: iw.Job, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[float, Event]]:
    return read(job.record(tmp_path_factory.mktemp("run") / "run.jsonl"))


def tries(job: iw.Job) -> list[tuple[str, int, str | None]]:
    return [
        (attempt.registry, attempt.number, attempt.error and attempt.error.kind)
        for attempt in job.state.attempts
    ]


def test_no_registry_is_tried_for_a_local_image(
    client: iw.DockerClient, ghcr: StandIn, dockerhub: StandIn
) -> None:
    assert provision(client).result().source == "ghcr.io"
    ghcr.reset()
    dockerhub.reset()
    job = provision(client)
    assert job.result().source == "local"
    assert job.result().reference == NAME
    assert job.state.attempts == ()
    assert job.state.fraction == 1.0
    assert not ghcr.requests()
    assert not dockerhub.requests()


@pytest.mark.usefixtures("ghcr")
def test_ghcr_is_tried_first_and_the_image_has_the_requested_name(
    client: iw.DockerClient, dockerhub: StandIn
) -> None:
    job = provision(client)
    image = job.result()
    assert image.source == "ghcr.io"
    assert image.reference == NAME
    assert iw.image_exists(NAME, client=client)
    assert client.image(NAME).id == image.id
    assert tries(job) == [("ghcr.io", 1, None)]
    assert not dockerhub.requests()


@pytest.mark.usefixtures("dockerhub")
@pytest.mark.faults
def test_docker_hub_is_tried_after_three_failures_of_ghcr_with_waits_of_one_and_two_seconds(
    client: iw.DockerClient,
    ghcr: StandIn,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    ghcr.fail(status=500)
    job = provision(client)
    assert job.result().source == "docker.io"
    assert tries(job) == [
        ("ghcr.io", 1, "RegistryUnavailable"),
        ("ghcr.io", 2, "RegistryUnavailable"),
        ("ghcr.io", 3, "RegistryUnavailable"),
        ("docker.io", 1, None),
    ]
    happened = events(job, tmp_path_factory)
    waits = [event.delay for _, event in happened if isinstance(event, RetryScheduled)]
    assert waits == [pytest.approx(1.0, rel=0.11), pytest.approx(2.0, rel=0.11)]
    starts = [seconds for seconds, event in happened if isinstance(event, AttemptStarted)]
    assert starts[1] - starts[0] >= waits[0]
    assert starts[2] - starts[1] >= waits[1]


@pytest.mark.faults
def test_an_image_that_no_registry_has_is_built_with_the_requested_name(
    client: iw.DockerClient, ghcr: StandIn, dockerhub: StandIn
) -> None:
    ghcr.not_found()
    dockerhub.not_found()
    job = provision(client)
    image = job.result()
    assert image.source == "build"
    assert iw.image_exists(NAME, client=client)
    assert [name for name, _, kind in tries(job) if kind == "ImageNotFound"] == [
        "ghcr.io",
        "docker.io",
    ]
    assert job.state.builder
    assert "No registry served the image" in job.log.text()


def test_only_registries_that_the_caller_named_are_tried(
    client: iw.DockerClient, ghcr: StandIn, dockerhub: StandIn
) -> None:
    ghcr.not_found()
    dockerhub.reset()
    job = provision(client, registries=("ghcr.io",))
    assert job.result().source == "build"
    assert not dockerhub.requests()


@pytest.mark.faults
def test_cancelling_between_two_tries_ends_the_job_at_once(
    client: iw.DockerClient, ghcr: StandIn
) -> None:
    ghcr.fail(status=503)
    job = iw.provision(
        NAME,
        dockerfile=SCRATCH,
        client=client,
        display=False,
        retry=iw.RetryPolicy(first_delay=30),
    )
    while job.state.phase is not Phase.RETRYING:
        assert not job.wait(0.02)
    job.cancel()
    assert job.wait(1.0)
    with pytest.raises(iw.Cancelled):
        job.result()


@pytest.mark.usefixtures("dockerhub")
def test_the_bar_never_falls_during_a_provision(client: iw.DockerClient, ghcr: StandIn) -> None:
    ghcr.denied()
    fractions: list[float] = []

    class Watch:
        def begin(self, job: object) -> None: ...

        def update(self, state: iw.State) -> None:
            fractions.append(state.fraction or 0.0)

        def end(self, state: iw.State) -> None:
            fractions.append(state.fraction or 0.0)

    job = iw.provision(NAME, dockerfile=SCRATCH, client=client, display=Watch())
    assert job.wait(120)
    assert job.result().source == "docker.io"
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


@pytest.mark.usefixtures("ghcr")
def test_the_local_cache_is_checked_first(
    client: iw.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kinds = [type(event) for _, event in events(provision(client), tmp_path_factory)]
    assert kinds.index(CheckingLocal) < kinds.index(AttemptStarted)
