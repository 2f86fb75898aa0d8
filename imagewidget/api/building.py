"""`build`: an image from a Dockerfile."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import Unpack

from imagewidget.api.starting import Events, RequestForRun, engine_of, report_engine, start
from imagewidget.api.verbs import verb
from imagewidget.engine.build import build as build_events
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.client import DockerClient
from imagewidget.engine.request.options import BuildOptions
from imagewidget.engine.request.request import BuildRequest
from imagewidget.engine.request.sources import PathLike
from imagewidget.jobs.job import Job
from imagewidget.jobs.showing import DisplayArgument
from imagewidget.progress.clock import Clock
from imagewidget.progress.events import Started


@verb
def build(
    context: PathLike | None = None,
    *,
    tag: str | Iterable[str] | None = None,
    client: DockerClient | None = None,
    display: DisplayArgument = None,
    **options: Unpack[BuildOptions],
) -> Job:
    """Build an image, showing every step and the log.

    Without `context` and `dockerfile`, the embedded data-science environment is built.

    Args:
        context: The directory to build from. The default is the Dockerfile's own
            directory, or no files at all if `dockerfile` is not a path. With BuildKit
            also the address of a Git repository, with a branch, tag or commit and a
            directory if needed: `https://host/owner/env.git#main:docker`.
        tag: The name and tag of the image, such as `owner/env:1`, or several; None for
            no tag.
        **options: The other options of a build, described in :class:`BuildOptions`.
        client: The engine to use, from :func:`connect`; None for the default one.
        display: None or True for the panel in a notebook, live bars in a terminal, and
            plain lines elsewhere; False for no output; or one or more displays.

    Returns:
        The running job. A script waits for it before exiting, or cancels it if
        the script ends with an exception. If the build fails, `result()` raises
        the error, such as :class:`BuildFailed`. With `output`, the result has the path
        as its reference, and no id.

    Raises:
        InvalidContext: There is nothing to build, a file is missing or unreadable, or
            an argument has an invalid value.
        InvalidReference: `tag` is not a valid image name.
        TypeError: An argument has the wrong type.
    """
    request = BuildRequest.of(context, tag=tag, **options)
    name = request.tag or ""
    asked = RequestForRun(request)
    engine = engine_of(client)

    def operation(cancel: Cancellation, clock: Clock) -> Events:
        yield from report_engine(engine, cancel, "build", name)
        return (yield from build_events(engine, asked(), cancel=cancel, clock=clock))

    return start(operation, Started("build", name), display)
