"""Whether the files that a build copies can be read, found out before it begins.

BuildKit asks for a file when it comes to it, which may be after a long download
of a base image. Looked at here is only what a build surely copies, so that a
file which nothing needs never stands in the way: see
:func:`imagewidget.engine.dockerfile.copies.copied_paths`.
"""

from __future__ import annotations

from imagewidget.engine.buildkit.files.followpaths import followed
from imagewidget.engine.cancel import Cancellation
from imagewidget.engine.context.context import DirectoryContext, is_readable, unreadable
from imagewidget.engine.context.ignore import PathPatterns
from imagewidget.engine.dockerfile.copies import copied_paths
from imagewidget.engine.request.request import BuildRequest


def check_readable(request: BuildRequest, cancel: Cancellation) -> None:
    """Make sure that what the build copies from a directory can be read.

    Raises:
        InvalidContext: A file or directory cannot be.
        Cancelled: It was asked for.
    """
    context = request.context
    if not isinstance(context, DirectoryContext):
        return
    paths = list(copied_paths(request.dockerfile, request.target))
    if not paths:
        return
    found = followed(str(context.root), paths)
    includes = None if found is None else PathPatterns(found)
    for entry in context.entries(request.ignore, includes, cancel.check):
        if entry.is_file and not is_readable(entry.source):
            raise unreadable(entry.path)
