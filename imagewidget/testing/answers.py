"""How a scripted engine answers: the part of Docker's API that this package uses."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

from imagewidget.engine.dockerfile.dockerfile import read_dockerfile
from imagewidget.engine.failure.errors import ImageNotFound, InvalidReference, Stalled
from imagewidget.engine.image.reference import Reference, parse
from imagewidget.testing import messages
from imagewidget.testing.messages import Interruption, Message
from imagewidget.testing.server import Reply, Request, Stream
from imagewidget.testing.state import (
    BUILDS,
    OWN_PLATFORM,
    Build,
    LocalImage,
    State,
    digest_of,
    key_of,
)

# Below 1.39, so that every build uses the classic builder.
_VERSION = {
    "Version": "18.06.3-scripted",
    "ApiVersion": "1.38",
    "MinAPIVersion": "1.12",
    "Os": "linux",
    "Arch": "amd64",
}
_ANSWERS: Mapping[str, Any] = {
    "/_ping": b"OK",
    "/version": _VERSION,
    "/info": {"OSType": "linux", "ServerVersion": _VERSION["Version"], "DriverStatus": []},
    "/networks": [{"Name": "bridge"}],
}
_BUILT_SIZE = 50_000_000


class Answers:
    """Answers requests, each on a thread of its own.

    Args:
        state: What the engine knows.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def respond(self, request: Request) -> Reply | Stream:
        """Return the answer to a request."""
        try:
            return self._respond(request)
        except InvalidReference:
            return Reply({"message": "invalid reference format"}, 400)
        except tarfile.TarError as error:
            return Reply({"message": f"The context is not a tar archive: {error}"}, 400)

    def _respond(self, request: Request) -> Reply | Stream:
        route = (request.method, request.route)
        image = re.fullmatch(r"/images/(.+)/(json|tag)", request.route)
        if route == ("POST", "/images/create"):
            return self._pull(request)
        if route == ("POST", "/build"):
            return self._build(request)
        if image and (request.method, image[2]) in (("GET", "json"), ("POST", "tag")):
            return self._image(request, image[1])
        if request.method != "POST" and request.route in _ANSWERS:
            return Reply(_ANSWERS[request.route])
        return Reply({"message": "page not found"}, 404)

    def _image(self, request: Request, name: str) -> Reply:
        with self._state.changed:
            image = self._state.images.find(name)
            if image is None:
                return Reply({"message": f"No such image: {name}"}, 404)
            if request.method == "GET":
                return Reply(self._state.images.inspected(image))
            self._state.images.add(image, key_of(_named(request.query, "repo")))
            self._state.changed.notify_all()
        return Reply(b"", 201)

    def _pull(self, request: Request) -> Reply | Stream:
        reference = _named(request.query, "fromImage")
        key = key_of(reference)
        with self._state.changed:
            self._state.pulls.append(key)
            self._state.changed.notify_all()
            sizes = self._state.served.get(key)
            fault = self._state.next_fault(key)
        if fault is Stalled:
            return Stream(is_silent=True)
        if isinstance(fault, type) or sizes is None:
            error = fault if isinstance(fault, type) else ImageNotFound
            status, body = messages.refusal(error, reference)
            return Reply(body, status)
        return Stream(self._pulled(reference, sizes, request.query.get("platform") or OWN_PLATFORM))

    def _pulled(
        self, reference: Reference, sizes: tuple[int, ...], platform: str
    ) -> Iterator[Message]:
        with self._state.changed:
            found = self._state.images.find(key_of(reference))
        is_new = found is None or found.platform != platform
        yield {"status": f"Pulling from {reference.path}", "id": reference.version}
        if is_new:
            yield from messages.pulling(reference, sizes)
        with self._state.changed:
            self._state.store(reference, sum(sizes), platform)
        yield {"status": f"Digest: {digest_of(reference)}"}
        outcome = "Downloaded newer image" if is_new else "Image is up to date"
        yield {"status": f"Status: {outcome} for {reference.familiar}"}

    def _build(self, request: Request) -> Reply | Stream:
        query = request.query
        files = _unpacked(request.body)
        name = query.get("dockerfile") or "Dockerfile"
        if name not in files:
            return Reply({"message": f"Cannot locate specified Dockerfile: {name}"}, 400)
        text = files[name].decode("utf-8", "replace")
        names = request.several("t")
        build = Build(names[0] if names else "", text, files, query)
        with self._state.changed:
            self._state.builds.append(build)
            number = len(self._state.builds)
            fault = self._state.next_fault(BUILDS)
            self._state.changed.notify_all()
        interruption = fault if isinstance(fault, Interruption) else None
        steps = messages.steps_of(read_dockerfile(text), query.get("target", ""))
        if interruption and not messages.interrupted(steps, interruption):
            where = f'a RUN instruction that contains "{interruption.at}"'
            text = (
                f"The engine was told to stop at {where}, but this build has no such instruction."
            )
            return Reply({"message": text}, 400)
        image_id = messages.sha256_of("build", number, build.tag, text)
        stream = messages.building(steps, image_id, interruption)
        if interruption is None:
            return Stream(self._built(stream, build, image_id, names))
        return Stream(stream, ending="whole" if interruption.exit_code else "hang")

    def _built(
        self, stream: Iterator[Message], build: Build, image_id: str, names: list[str]
    ) -> Iterator[Message]:
        yield from stream
        platform = build.parameters.get("platform") or OWN_PLATFORM
        tags = [parse(name) for name in names]
        with self._state.changed:
            image = LocalImage(image_id, _BUILT_SIZE, platform)
            self._state.images.add(image, *map(key_of, tags))
            self._state.changed.notify_all()
        yield from messages.built(image_id, [tag.familiar for tag in tags])

    def note_hang_up(self, request: Request) -> None:
        """Note that the client of a pull or a build hung up."""
        if request.route == "/build":
            name = "".join(request.several("t")[:1])
        else:
            name = key_of(_named(request.query, "fromImage"))
        with self._state.changed:
            self._state.hung_up.append(name)
            self._state.changed.notify_all()


def _named(query: Mapping[str, str], parameter: str) -> Reference:
    """Return the reference in a parameter of the API and, if there is one, in `tag`."""
    name, tag = query.get(parameter, ""), query.get("tag", "")
    return parse(f"{name}{'@' if ':' in tag else ':'}{tag}" if tag else name)


def _unpacked(archive: bytes) -> dict[str, bytes]:
    """Return the content of each file in a context."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:*") as context:
        for entry in context:
            file = context.extractfile(entry) if entry.isfile() else None
            if file is not None:
                found[entry.name] = file.read()
    return found
