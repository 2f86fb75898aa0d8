"""Pulls on each engine: what each reports about layers, and how pulls end."""

import base64
import json
import threading
import time
from pathlib import Path

import pytest

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.connection.client import new_client
from imagewidget.engine.failure.errors import (
    AccessDenied,
    Cancelled,
    ImageNotFound,
    PullFailed,
    Stalled,
)
from imagewidget.engine.pull.retry import RetryPolicy
from imagewidget.progress.events import LayerPhase
from imagewidget.progress.state import Phase
from tests.engine.pulling import Pulled, forget, must_pull, try_pull
from tests.rig.engine import Engine
from tests.rig.registry import PrivateRegistry, Registry
from tests.rig.standin import StandIn

ONCE = RetryPolicy(attempts=1)


def assert_every_layer_is_reported(pulled: Pulled, engine: Engine, count: int) -> None:
    """Check each layer's phases and bytes, as far as this engine reports them."""
    image_id = pulled.image.short_id if pulled.image else ""
    # Podman reports the image's configuration as a layer.
    phases = {name: each for name, each in pulled.phases.items() if name != image_id}
    assert len(phases) == count
    whole = 0
    for name, seen in phases.items():
        sizes = [each.total for each in pulled.layers[name] if each.total]
        if engine.store == "graphdriver":
            # It keeps only the latest message about a layer until it is read, so on a busy
            # machine a small layer sometimes has only its last message.
            working = {LayerPhase.DOWNLOADING, LayerPhase.EXTRACTING}
            assert LayerPhase.DONE in seen
            assert bool(sizes) is bool(seen & working)
            whole += seen >= working
        elif engine.store == "podman" and LayerPhase.CACHED in seen:
            # It keeps the layers of a cancelled pull, and `clean` does not remove them.
            assert seen == {LayerPhase.CACHED}
        else:
            silent = {LayerPhase.DOWNLOADING, LayerPhase.EXTRACTING}
            ends = {LayerPhase.DONE} if engine.reports_unpacking else set()
            assert seen - silent == {LayerPhase.QUEUED, LayerPhase.DOWNLOADED} | ends
            assert LayerPhase.EXTRACTING not in seen or engine.reports_unpacking
            assert bool(sizes) is (LayerPhase.DOWNLOADING in seen)
    assert whole > count * 3 / 4 or engine.store != "graphdriver"
    sized = [each for line in pulled.layers.values() for each in line if each.total]
    # Podman reports bytes only for layers that take longer than a second.
    assert sized or engine.store == "podman"


def assert_the_bar_moves(pulled: Pulled) -> None:
    """Check that the bar begins at 0 and moves in small steps."""
    fractions = [state.fraction for state in pulled.states if state.fraction is not None]
    assert fractions[0] == 0.0
    assert len(set(fractions)) >= 9


def assert_the_bar_rises_to_its_end(pulled: Pulled) -> None:
    fractions = [state.fraction for state in pulled.states if state.fraction is not None]
    assert fractions == sorted(fractions)
    last = pulled.states[-1]
    assert last.phase is Phase.DONE
    assert last.fraction == 1.0
    assert all(layer.phase.is_final for layer in last.layers)
    for layer in last.layers:
        assert layer.current == (layer.total or layer.current)


@pytest.mark.parametrize("count", [9, 64])
def test_every_layer_is_reported_to_its_end(
    engine: Engine,
    registry: Registry,
    count: int,
) -> None:
    engine.clean()
    reference = {9: registry.nine, 64: registry.sixty_four}[count]

    pulled, image = must_pull(engine, reference)

    assert_every_layer_is_reported(pulled, engine, count)
    assert_the_bar_moves(pulled)
    assert_the_bar_rises_to_its_end(pulled)
    assert image.source == registry.host
    assert image.reference == reference
    assert image.digest is not None
    assert image.size > 1_000_000
    assert image.id == new_client(engine.url).image(reference).id


@pytest.mark.old_engines
def test_an_image_that_is_up_to_date_ends_at_once(engine: Engine, registry: Registry) -> None:
    _, first = must_pull(engine, registry.one)

    pulled, image = must_pull(engine, registry.one)

    assert image == first
    assert pulled.states[-1].fraction == 1.0
    assert all(layer.phase.is_final for layer in pulled.states[-1].layers)
    if engine.store != "podman":
        assert pulled.log[-1].startswith("Status: Image is up to date for")
        assert pulled.layers == {}


def test_an_existing_layer_is_cached(engine: Engine, registry: Registry) -> None:
    engine.clean()
    must_pull(engine, registry.one)
    forget(engine, registry.private)

    pulled, _ = must_pull(engine, registry.private)

    shared = [name for name, seen in pulled.phases.items() if LayerPhase.CACHED in seen]
    last = {layer.id: layer.phase for layer in pulled.states[-1].layers}
    # The containerd store does not report it at all.
    assert len(shared) == (0 if engine.store == "containerd" else 1)
    assert all(last[name] is LayerPhase.CACHED for name in shared)
    assert_the_bar_rises_to_its_end(pulled)


def test_a_repeated_layer_is_shown_once(engine: Engine, registry: Registry) -> None:
    engine.clean()

    pulled, image = must_pull(engine, registry.repeated)

    assert len(set(pulled.phases) - {image.short_id}) == 3
    assert_the_bar_rises_to_its_end(pulled)


def test_a_missing_image(engine: Engine, registry: Registry) -> None:
    pulled = try_pull(engine, f"{registry.host}/rig/nosuch:1")

    assert isinstance(pulled.error, ImageNotFound)
    assert len(pulled.attempts) == 1
    assert pulled.states[-1].phase is Phase.FAILED


@pytest.mark.faults
def test_a_registry_that_refuses_connections(engine: Engine) -> None:
    pulled = try_pull(engine, "127.0.0.1:1/x:1", retry=RetryPolicy(attempts=2, first_delay=0.01))

    assert isinstance(pulled.error, PullFailed)
    assert pulled.failures == [("127.0.0.1:1", "RegistryUnavailable")] * 2
    assert "connection refused" in pulled.error.attempts[0].message


def test_an_image_is_pulled_by_digest(engine: Engine, registry: Registry) -> None:
    _, tagged = must_pull(engine, registry.one)
    reference = f"{registry.one}@{tagged.digest}"

    _, image = must_pull(engine, reference)

    assert image.digest == tagged.digest
    assert image.id == tagged.id
    client = new_client(engine.url)
    assert client.image_exists(reference)
    assert client.image_exists(f"{registry.host}/rig/one@{tagged.digest}")
    assert not client.image_exists(f"{registry.host}/rig/one@sha256:{'0' * 64}")


@pytest.fixture
def docker_login(
    basic_auth_registry: PrivateRegistry,
    token_auth_registry: PrivateRegistry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The configuration file that `docker login` writes for both registries."""
    auths = {
        registry.host: {
            "auth": base64.b64encode(f"{registry.user}:{registry.password}".encode()).decode(),
        }
        for registry in (basic_auth_registry, token_auth_registry)
    }
    (tmp_path / "config.json").write_text(json.dumps({"auths": auths}), encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


@pytest.mark.faults
def test_a_registry_that_requires_a_login(
    engine: Engine,
    basic_auth_registry: PrivateRegistry,
    token_auth_registry: PrivateRegistry,
) -> None:
    for registry in (basic_auth_registry, token_auth_registry):
        forget(engine, registry.private)

        pulled = try_pull(engine, registry.private)

        assert isinstance(pulled.error, AccessDenied), pulled.error
        assert "docker login" in pulled.error.hint


@pytest.mark.usefixtures("docker_login")
def test_a_login_is_sent_to_its_registry(
    engine: Engine,
    basic_auth_registry: PrivateRegistry,
    token_auth_registry: PrivateRegistry,
) -> None:
    for registry in (basic_auth_registry, token_auth_registry):
        forget(engine, registry.private)

        _, image = must_pull(engine, registry.private)

        assert image.source == registry.host


@pytest.mark.faults
@pytest.mark.sample(docker_engine="docker-containerd")
def test_a_stall_is_detected(docker_engine: Engine, slow_registry: StandIn) -> None:
    docker_engine.clean()
    slow_registry.stall(after=100_000)

    pulled = try_pull(docker_engine, slow_registry.nine, stall_timeout=1.0, retry=ONCE)

    assert isinstance(pulled.error, Stalled)
    assert 1.0 <= pulled.seconds < 10


@pytest.mark.faults
def test_a_broken_download_is_tried_again(
    engine_containerd: Engine,
    ghcr: StandIn,
) -> None:
    # Docker's graphdriver store retries by itself, after five seconds.
    engine_containerd.clean()
    ghcr.drop(after=1_000_000, times=1)

    pulled, _ = must_pull(engine_containerd, ghcr.environment)

    assert pulled.failures == [("ghcr.io", "RegistryUnavailable")]
    assert pulled.waits == [pytest.approx(1.0, rel=0.11)]
    assert_the_bar_rises_to_its_end(pulled)


@pytest.mark.faults
def test_a_retry_by_the_engine_is_reported(
    engine_graphdriver: Engine,
    ghcr: StandIn,
) -> None:
    engine_graphdriver.clean()
    ghcr.drop(after=1_000_000, times=1)

    pulled, _ = must_pull(engine_graphdriver, ghcr.environment)

    assert any(LayerPhase.RETRYING in seen for seen in pulled.phases.values())
    assert pulled.failures == []
    assert_the_bar_rises_to_its_end(pulled)


@pytest.mark.parametrize("moment", ["before the headers", "during the download"])
def test_cancelling_ends_a_pull_within_a_second_and_the_engine_stops(
    engine: Engine,
    slow_registry: StandIn,
    moment: str,
) -> None:
    engine.clean()
    slow_registry.throttle(1000 if moment == "before the headers" else 12_000_000)
    cancel = Cancellation()
    asked_at: list[float] = []

    def ask() -> None:
        time.sleep(0.2 if moment == "before the headers" else 3.0)
        asked_at.append(time.monotonic())
        cancel.request()

    threading.Thread(target=ask).start()
    pulled = try_pull(engine, slow_registry.nine, cancel=cancel)
    took = time.monotonic() - asked_at[0]

    assert isinstance(pulled.error, Cancelled)
    assert took < 1.0
    # The whole download would take 20 seconds, at 12 MB per second.
    assert engine.comes_to_rest()


def test_two_pulls_do_not_disturb_each_other(
    engine: Engine,
    registry: Registry,
    slow_registry: StandIn,
) -> None:
    engine.clean()
    cancel = Cancellation()
    ended: list[Pulled] = []
    slow = threading.Thread(
        target=lambda: ended.append(try_pull(engine, slow_registry.nine, cancel=cancel)),
    )
    slow.start()
    # The engine downloads three layers at a time, whatever pull they belong to.
    threading.Timer(1.0, cancel.request).start()

    pulled, image = must_pull(engine, registry.sixty_four)
    slow.join(10)

    assert image.source == registry.host
    assert_the_bar_rises_to_its_end(pulled)
    assert isinstance(ended[0].error, Cancelled)
