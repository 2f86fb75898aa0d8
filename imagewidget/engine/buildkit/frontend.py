"""What names the frontend image of a build: a line of the Dockerfile, or a build argument."""

from __future__ import annotations

from imagewidget.engine.dockerfile.instructions import split_lines
from imagewidget.engine.request.request import BuildRequest


def frontend_origin(request: BuildRequest) -> tuple[str, str, int | None]:
    """Return what names the frontend, what to do about it, and the line in the Dockerfile."""
    if "BUILDKIT_SYNTAX" in request.build_args:
        return "named by `build_args=`", "Correct `BUILDKIT_SYNTAX`, or leave it out.", None
    image = request.dockerfile.syntax or ""
    lines = enumerate(split_lines(request.dockerfile.text), 1)
    named = ((n, one) for n, one in lines if image and image in one and "syntax" in one.lower())
    line, text = next(named, (None, ""))
    if text and not text.lstrip().startswith("#"):
        return "named in the Dockerfile", "Name an image that the engine can pull.", line
    remedy = (
        "Remove the `# syntax=` line to use the frontend built into the engine, or name an "
        "image that the engine can pull."
    )
    return "named in the Dockerfile's `# syntax=` line", remedy, line
