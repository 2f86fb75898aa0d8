"""Builds that succeed, and what they leave in the image."""

from __future__ import annotations

from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.classic.build import PODMAN_GOES_ON
from imagewidget.engine.failure.errors import Cancelled
from imagewidget.progress.events import BuildWarned, Event, LogWritten, StepStatus
from tests.engine.answers.check import TAG, Asked, check, refusal, yes_if
from tests.engine.building import Built, files_in, unused_number
from tests.engine.classic.running import runs
from tests.rig.images import FOREIGN_ARCHITECTURE
from tests.rig.processes import wait_until

SECTION = "Builds"
PODMANS = "podman oldest-podman"


@check(SECTION, "The output of a command is in the log", "yes")
def output(on: Asked) -> str:
    return yes_if("hello\n" in on.build("RUN echo hello").log)


@check(SECTION, "Every step has ended when the build has", "yes")
def steps_end(on: Asked) -> str:
    steps = on.build("RUN true", "RUN true").steps.values()
    return yes_if(steps and all(each.status.is_final for each in steps))


@check(SECTION, "A step that was run before is cached", "yes")
def cached(on: Asked) -> str:
    on.build("RUN echo first")
    return yes_if(_is_cached(on.build_again()))


@check(SECTION, "`no_cache` runs it again", "yes")
def no_cache(on: Asked) -> str:
    on.build("RUN echo first")
    return yes_if("first\n" in on.build_again(no_cache=True).log)


@check(SECTION, "The files of the context are copied", "yes")
def context(on: Asked) -> str:
    on.build("COPY a /copied", files={"a": "content"})
    return yes_if(files_in(on.engine, TAG)["copied"][2] == b"content")


@check(SECTION, "`.dockerignore` is obeyed", "yes")
def dockerignore(on: Asked) -> str:
    on.build("COPY . /all/", files={"a": "1", "b.log": "2", ".dockerignore": "*.log\n"})
    found = files_in(on.engine, TAG)
    return yes_if("all/a" in found and "all/b.log" not in found)


@check(SECTION, "A stage copies from another", "yes")
def stages(on: Asked) -> str:
    on.build("RUN echo made > /made", "FROM scratch", "COPY --from=base /made /made")
    return yes_if(files_in(on.engine, TAG)["made"][2] == b"made\n")


@check(SECTION, "`target` ends the build at a stage", "yes")
def target(on: Asked) -> str:
    built = on.build("FROM base AS other", "RUN false", target="base")
    return yes_if(built.image)


@check(SECTION, "`build_args` reach the steps", "yes")
def build_args(on: Asked) -> str:
    return yes_if("is x\n" in on.build("ARG A", "RUN echo is $A", build_args={"A": "x"}).log)


@check(SECTION, "`labels` are in the image", "yes")
def labels(on: Asked) -> str:
    on.build("RUN true", labels={"org.example.a": "b"})
    return yes_if(on.inspected()["Config"]["Labels"].get("org.example.a") == "b")


@check(SECTION, '`network="host"` is the network of the steps', "yes")
def network(on: Asked) -> str:
    host = on.registry.host
    built = on.build(f"RUN wget -qO- http://{host}/v2/ && echo reached", network="host")
    return yes_if("reached\n" in built.log)


@check(SECTION, "`platform` is that of the image", "yes")
def platform(on: Asked) -> str:
    (on.folder / "Dockerfile").write_text(f"FROM {on.registry.two_platforms}\nLABEL a=b\n")
    built = on.build_again(platform=f"linux/{FOREIGN_ARCHITECTURE}")
    assert built.image, built.error
    return yes_if(on.inspected(built.image.id)["Architecture"] == FOREIGN_ARCHITECTURE)


@check(
    SECTION,
    "A heredoc",
    "yes",
    {
        "oldest": "its frontend is too old; the hint names `# syntax=`",
        "oldest-podman": "refused: Podman does not support heredocs (`<<`).",
    },
)
def heredoc(on: Asked) -> str:
    built = on.build("RUN <<EOF", "echo written", "EOF")
    if built.image:
        return yes_if("written\n" in built.log)
    if "# syntax=" in getattr(built.error, "hint", ""):
        return "its frontend is too old; the hint names `# syntax=`"
    return refusal(built.error)


@check(SECTION, "`RUN --mount=type=cache`", "yes")
def cache_mount(on: Asked) -> str:
    return yes_if(on.build("RUN --mount=type=cache,target=/c touch /c/a").image)


@check(
    SECTION,
    "Advice on the Dockerfile is shown",
    "no",
    {"docker docker-containerd": "yes"},
)
def advice(on: Asked) -> str:
    built = on.build("CMD echo hello")
    return yes_if(any(isinstance(each, BuildWarned) for each in built.events))


@check(
    SECTION,
    "Cancel ends the command that runs",
    "yes",
    {PODMANS: "no; the log says that it runs on"},
)
def cancel(on: Asked) -> str:
    cancel, mark = Cancellation(), f"mark-{unused_number()}"

    def stop(_: Event) -> None:
        if runs(mark):
            cancel.request()

    built = on.build(f"RUN : {mark}; echo begun; sleep 4; true", cancel=cancel, on=stop)
    assert isinstance(built.error, Cancelled), built.error
    if wait_until(lambda: not runs(mark), patience=2):
        return "yes"
    says = any(isinstance(e, LogWritten) and e.text == PODMAN_GOES_ON for e in built.events)
    return "no; the log says that it runs on" if says else "no"


def _is_cached(built: Built) -> bool:
    runs = [step for step in built.steps.values() if "echo first" in step.name]
    return bool(runs) and all(step.status is StepStatus.CACHED for step in runs)
