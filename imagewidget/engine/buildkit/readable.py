"""Check before a build begins that the files it copies can be read.

BuildKit requests a file only when a step needs it, possibly after a long download
of a base image. Only files that the build is certain to copy are checked, so that
an unreadable file that is not needed does not prevent the build: see
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
    """Check that the files that the build copies from a directory can be read.

    Raises:
        InvalidContext: A file or directory cannot be read.
        Cancelled: The build was cancelled.
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
