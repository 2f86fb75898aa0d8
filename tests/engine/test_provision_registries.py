"""ghcr.io, then Docker Hub, under their real names: which serves, and how the image is named."""

import time
from pathlib import Path

import pytest

import imagewidget as iw
from imagewidget.engine.connection.client import new_client
from imagewidget.engine.failure.errors import ImageNotFound, PullFailed
from imagewidget.engine.pull.retry import RetryPolicy
from imagewidget.progress.state import Phase
from tests.engine.pulling import must_pull, try_pull
from tests.rig.engine import Engine
from tests.rig.standin import StandIn

pytestmark = pytest.mark.faults

REGISTRIES = ("ghcr.io", "docker.io")
NAME = "owner/env:1"


@pytest.fixture
def clean_engine(engine: Engine) -> Engine:
    engine.clean()
    return engine


def test_an_image_from_ghcr_has_the_requested_name(
    clean_engine: Engine,
    ghcr: StandIn,
    dockerhub: StandIn,
) -> None:
    pulled, image = must_pull(clean_engine, NAME, registries=REGISTRIES)

    assert (image.source, image.reference) == ("ghcr.io", NAME)
    assert pulled.attempts == [("ghcr.io", 1)]
    assert dockerhub.requests("manifest") == []
    assert ghcr.requests("manifest") != []
    client = new_client(clean_engine.url)
    # The additional name shows where it came from.
    for name in (NAME, "docker.io/owner/env:1", "ghcr.io/owner/env:1"):
        assert client.image(name).id == image.id
    assert client.image(NAME).digest == image.digest


def test_docker_hub_is_tried_after_three_failures_of_ghcr(
    clean_engine: Engine,
    ghcr: StandIn,
    dockerhub: StandIn,
) -> None:
    ghcr.fail(status=500)
    start = time.monotonic()

    pulled, image = must_pull(clean_engine, NAME, registries=REGISTRIES)

    assert image.source == "docker.io"
    assert pulled.attempts == [("ghcr.io", 1), ("ghcr.io", 2), ("ghcr.io", 3), ("docker.io", 1)]
    assert pulled.waits == [pytest.approx(1.0, rel=0.11), pytest.approx(2.0, rel=0.11)]
    assert time.monotonic() - start > sum(pulled.waits)
    assert dockerhub.requests("manifest") != []
    assert not new_client(clean_engine.url).image_exists("ghcr.io/owner/env:1")


def test_a_registry_that_recovers_serves_the_image(clean_engine: Engine, ghcr: StandIn) -> None:
    # An engine sends two requests (HEAD, GET), and Podman retries by itself.
    ghcr.fail(times=2, status=500)

    pulled, image = must_pull(
        clean_engine,
        NAME,
        registries=REGISTRIES,
        retry=RetryPolicy(first_delay=0.01),
    )

    assert image.source == "ghcr.io"
    assert {registry for registry, _ in pulled.attempts} == {"ghcr.io"}


def test_an_image_missing_in_both_registries_fails_at_once(
    clean_engine: Engine,
    ghcr: StandIn,
    dockerhub: StandIn,
) -> None:
    ghcr.not_found()
    dockerhub.not_found()

    pulled = try_pull(clean_engine, NAME, registries=REGISTRIES)

    assert isinstance(pulled.error, PullFailed)
    assert pulled.failures == [("ghcr.io", "ImageNotFound"), ("docker.io", "ImageNotFound")]
    assert pulled.waits == []


def test_docker_hub_is_tried_if_ghcr_denies_access(
    clean_engine: Engine,
    ghcr: StandIn,
    dockerhub: StandIn,
) -> None:
    ghcr.denied()

    pulled, image = must_pull(clean_engine, NAME, registries=REGISTRIES)

    assert pulled.failures == [("ghcr.io", "AccessDenied")]
    assert image.source == "docker.io"
    assert dockerhub.requests("manifest") != []


def test_the_pull_limit_of_docker_hub_is_reported(
    docker_engine: Engine, dockerhub: StandIn
) -> None:
    docker_engine.clean()
    dockerhub.rate_limited()

    pulled = try_pull(docker_engine, NAME)

    assert pulled.failures == [("docker.io", "RateLimited")]
    assert pulled.error is not None
    assert "docker login" in pulled.error.hint


def test_docker_hub_is_tried_by_default(
    clean_engine: Engine,
    ghcr: StandIn,
    dockerhub: StandIn,
) -> None:
    pulled, image = must_pull(clean_engine, NAME)

    assert image.source == "docker.io"
    assert pulled.attempts == [("docker.io", 1)]
    assert ghcr.requests() == []
    assert dockerhub.requests("manifest") != []


def test_a_host_in_the_name_is_the_only_one_tried(
    clean_engine: Engine,
    ghcr: StandIn,
    dockerhub: StandIn,
) -> None:
    ghcr.not_found()

    pulled = try_pull(clean_engine, "ghcr.io/owner/env:1", registries=REGISTRIES)

    assert isinstance(pulled.error, ImageNotFound)
    assert dockerhub.requests("manifest") == []


def test_an_image_pulled_by_digest_is_named_after_its_registry(
    clean_engine: Engine,
    ghcr: StandIn,
) -> None:
    digest = must_pull(clean_engine, ghcr.environment)[1].digest
    clean_engine.clean()

    pulled, image = must_pull(clean_engine, f"owner/env@{digest}", registries=("ghcr.io",))

    assert (image.source, image.digest) == ("ghcr.io", digest)
    assert any("cannot be used as a tag" in line for line in pulled.log)
    assert new_client(clean_engine.url).image_exists(f"ghcr.io/owner/env@{digest}")


def provisioned(engine: Engine, context: Path) -> iw.Job:
    """Provision with a build to fall back on, and wait for the job."""
    (context / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n", encoding="utf-8")
    job = iw.provision(NAME, context=context, client=iw.connect(engine.url), display=False)
    assert job.wait(120)
    return job


def test_no_registry_is_tried_for_a_local_image(
    clean_engine: Engine,
    ghcr: StandIn,
    dockerhub: StandIn,
    tmp_path: Path,
) -> None:
    _, pulled = must_pull(clean_engine, NAME)
    ghcr.reset()
    dockerhub.reset()

    image = provisioned(clean_engine, tmp_path).result(0)

    assert (image.id, image.source) == (pulled.id, "local")
    assert ghcr.requests() == []
    assert dockerhub.requests() == []


def test_an_image_that_ghcr_has_is_not_built(
    clean_engine: Engine, ghcr: StandIn, tmp_path: Path
) -> None:
    job = provisioned(clean_engine, tmp_path)

    assert job.result(0).source == "ghcr.io"
    assert job.state.builder == ""
    assert ghcr.requests("manifest") != []


def test_an_image_that_neither_registry_has_is_built(
    clean_engine: Engine,
    ghcr: StandIn,
    dockerhub: StandIn,
    tmp_path: Path,
) -> None:
    ghcr.not_found()
    dockerhub.not_found()

    job = provisioned(clean_engine, tmp_path)

    assert job.result(0).source == "build"
    assert [a.registry for a in job.state.attempts] == ["ghcr.io", "docker.io"]
    assert all(a.error and a.error.kind == "ImageNotFound" for a in job.state.attempts)
    assert job.state.phase is Phase.DONE
    assert new_client(clean_engine.url).image(NAME).id == job.result(0).id
