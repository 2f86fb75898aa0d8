"""What is decided before either builder begins."""

import pytest

from imagewidget.engine.build import NO_BRIDGE, build
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.failure.errors import DockerError
from imagewidget.engine.request.request import BuildRequest
from imagewidget.progress.events import BuildStarted, Event, LogWritten
from tests.scripted import ScriptedEngine, refusal


@pytest.fixture
def scripted(scripted: ScriptedEngine) -> ScriptedEngine:
    scripted.build = refusal(500, "the test ends here")
    return scripted


@pytest.mark.parametrize(
    ("asked", "sent", "is_noted"),
    [(None, "host", True), ("none", "none", False), ("host", "host", False)],
)
def test_without_a_bridge_run_steps_use_the_hosts_network(
    scripted: ScriptedEngine, asked: str | None, sent: str, *, is_noted: bool
) -> None:
    request = BuildRequest.of(
        dockerfile="FROM base\nRUN one\n", builder="classic", network=asked, environ={}
    )
    events: list[Event] = []

    with pytest.raises(DockerError):
        events.extend(build(scripted.client, request, cancel=Cancellation(), clock=lambda: 0.0))

    assert scripted.asked_for("/build")[0].query["networkmode"] == sent
    assert events[0] == BuildStarted("classic")
    assert (LogWritten(f"{NO_BRIDGE}\n") in events) is is_noted
