"""A build context as a tar stream, for builders that receive it as a whole.

The format is GNU, because BuildKit misreads PAX, except for files with capabilities. All
entries are owned by root, as in the docker CLI. The stream is generated while it is being
read, so that memory use does not grow with the context.
"""

from __future__ import annotations

import os
import stat as modes
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing

from imagewidget.engine.context.context import (
    Check,
    Context,
    Entry,
    is_readable,
    unchecked,
    unreadable,
)
from imagewidget.engine.context.ignore import PathPatterns
from imagewidget.engine.failure.errors import InvalidContext

CHUNK = 256 * 1024
"""The minimum size of a chunk, in bytes; only the last may be smaller."""

_BLOCK = tarfile.BLOCKSIZE
_LONGEST_NAME = 100
_END = bytes(2 * _BLOCK)
_CAPABILITIES = "security.capability"
_GZIP = 16 + zlib.MAX_WBITS

_TYPES = {
    modes.S_IFDIR: tarfile.DIRTYPE,
    modes.S_IFLNK: tarfile.SYMTYPE,
    modes.S_IFIFO: tarfile.FIFOTYPE,
    modes.S_IFCHR: tarfile.CHRTYPE,
    modes.S_IFBLK: tarfile.BLKTYPE,
}


def measure(
    context: Context,
    excludes: PathPatterns,
    extra: Mapping[str, bytes] | None = None,
    *,
    check: Check = unchecked,
) -> int:
    """Return the size of :func:`tar_stream` in bytes, and check that all files are readable.

    The arguments are those of :func:`tar_stream`.

    Raises:
        InvalidContext: A file or directory is unreadable.
    """
    extra = extra or {}
    total = len(_END)
    for entry in context.entries(excludes, None, check):
        if entry.path in extra:
            continue
        if entry.is_file and entry.source and not is_readable(entry.source):
            raise unreadable(entry.path)
        name = os.fsencode(entry.path)
        if _capabilities(entry):
            total += len(_header(entry, entry.size))
        else:
            total += _header_size(len(name) + entry.is_directory, len(os.fsencode(entry.linkname)))
        total += _padded(entry.size)
    for path, content in extra.items():
        total += _header_size(len(os.fsencode(path)), 0) + _padded(len(content))
    return total


def tar_stream(
    context: Context,
    excludes: PathPatterns,
    extra: Mapping[str, bytes] | None = None,
    *,
    check: Check = unchecked,
) -> Iterator[bytes]:
    """Yield a context as a tar archive, in chunks of at least :data:`CHUNK` bytes.

    If a file grows while it is being sent, it is cut at the size that it had when it
    was opened.

    Args:
        context: The files to send.
        excludes: What to leave out.
        extra: More files by path; they replace files of the context with the same path.
        check: Called for every entry of the walk; see :func:`walk`.

    Raises:
        InvalidContext: A file cannot be read, or became shorter while it was being read.
    """
    extra = extra or {}
    buffer = bytearray()
    for piece in _pieces(context, excludes, extra, check):
        buffer += piece
        if len(buffer) >= CHUNK:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer) + _END


def gzip_stream(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Compress a stream, for an engine that is reached over a network."""
    compressor = zlib.compressobj(level=1, wbits=_GZIP)
    for chunk in chunks:
        compressed = compressor.compress(chunk)
        if compressed:
            yield compressed
    yield compressor.flush()


def _pieces(
    context: Context,
    excludes: PathPatterns,
    extra: Mapping[str, bytes],
    check: Check,
) -> Iterator[bytes]:
    for entry in context.entries(excludes, None, check):
        if entry.path in extra:
            continue
        if entry.is_file:
            yield from _file(context, entry)
        else:
            yield _header(entry, 0)
    for path, content in extra.items():
        info = tarfile.TarInfo(path)
        info.size = len(content)
        info.mode = 0o644
        yield _encoded(info)
        yield content
        yield _padding(len(content))


def _file(context: Context, entry: Entry) -> Iterator[bytes]:
    with closing(context.open(entry)) as file:
        size = os.fstat(file.fileno()).st_size if entry.source else entry.size
        yield _header(entry, size)
        left = size
        while left:
            try:
                data = file.read(min(left, CHUNK))
            except OSError as error:
                raise unreadable(entry.path, error) from None
            if not data:
                raise InvalidContext(
                    f"`{entry.path}` in the build context became shorter while it was being sent.",
                    hint="Build again when nothing is writing to it, or add it to `.dockerignore`.",
                )
            left -= len(data)
            yield data
        yield _padding(size)


def _header(entry: Entry, size: int) -> bytes:
    """Return the header of an entry; uid and gid 0 without names mean root on any machine."""
    info = tarfile.TarInfo(entry.path)
    mode = entry.stat.st_mode
    info.type = (
        tarfile.LNKTYPE if entry.is_hardlink else _TYPES.get(modes.S_IFMT(mode), tarfile.REGTYPE)
    )
    info.mode = modes.S_IMODE(mode)
    if os.name == "nt":
        # Windows has no execute bit: like the docker CLI, set it for all, and allow only the
        # owner to write.
        info.mode = (info.mode | 0o111) & 0o755
    info.mtime = int(entry.stat.st_mtime)
    info.size = size
    info.linkname = entry.linkname
    if info.type in (tarfile.CHRTYPE, tarfile.BLKTYPE):
        info.devmajor = os.major(entry.stat.st_rdev)
        info.devminor = os.minor(entry.stat.st_rdev)
    capabilities = _capabilities(entry)
    if capabilities:
        # The docker CLI also sends no other attribute (moby `ReadSecurityXattrToTarHeader`).
        value = capabilities.decode("utf-8", "surrogateescape")
        info.pax_headers = {f"SCHILY.xattr.{_CAPABILITIES}": value}
        return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
    return _encoded(info)


def _capabilities(entry: Entry) -> bytes:
    """Return what a program may do without root, as `setcap` stores it; empty if nothing."""
    if not (entry.is_file and entry.source and hasattr(os, "getxattr")):
        return b""
    try:
        return os.getxattr(entry.source, _CAPABILITIES, follow_symlinks=False)
    except OSError:
        return b""


def _encoded(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _header_size(name: int, link: int) -> int:
    """Return the size of a header in bytes; a long name or link adds a header and blocks."""
    longer = sum(_BLOCK + _padded(size + 1) for size in (name, link) if size > _LONGEST_NAME)
    return _BLOCK + longer


def _padded(size: int) -> int:
    return size + -size % _BLOCK


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
