"""fsutil's packets as bytes, ready for a gRPC stream.

The format is that of tonistiigi/fsutil `types/wire.proto`. Many packets are sent in
one write, each as a separate gRPC message: a flag byte, four bytes of length, the
message (grpc `doc/PROTOCOL-HTTP2.md`). That makes sending twenty thousand small
files fast.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat as modes
from collections.abc import Mapping

from imagewidget.engine.buildkit.proto.filesync_pb2 import Packet, Stat
from imagewidget.engine.context.context import Entry
from imagewidget.engine.failure.errors import InvalidContext

_GO_TYPES = {
    modes.S_IFDIR: 1 << 31,
    modes.S_IFLNK: 1 << 27,
    modes.S_IFBLK: 1 << 26,
    modes.S_IFCHR: 1 << 26 | 1 << 21,
    modes.S_IFIFO: 1 << 25,
}
"""Go's `io/fs.FileMode` bits of each type; a regular file has none."""

_GO_BITS = {modes.S_ISUID: 1 << 23, modes.S_ISGID: 1 << 22, modes.S_ISVTX: 1 << 20}

_UNDECODED = re.compile("[\udc80-\udcff]")
"""The bytes of a name that are not UTF-8, as Python decodes them."""

_HEADER = 5
_LATEST = (1 << 63) - 1


def framed(message: bytes) -> bytes:
    """Return a message framed for gRPC, uncompressed."""
    return len(message).to_bytes(_HEADER, "big") + message


def stat_packet(entry: Entry, *, modified: int | None = None) -> bytes:
    """Return the packet that describes an entry.

    Owner and group are omitted, which means root, as buildx does: the result of a
    build must not depend on who runs it.

    Raises:
        InvalidContext: The name of an extended attribute is not UTF-8.

    Args:
        entry: The entry to describe.
        modified: Nanoseconds since 1970; None for the modification time of `entry`.
    """
    stat = entry.stat
    message = Packet(
        stat=Stat(
            path=os.fsencode(entry.path),
            mode=go_mode(stat.st_mode),
            # A hard link has its file's size, or the engine takes it for changed.
            size=0 if entry.is_directory else stat.st_size,
            # Nanoseconds of a year after 2262 do not fit.
            modTime=max(-_LATEST, min(_LATEST, stat.st_mtime_ns if modified is None else modified)),
            linkname=os.fsencode(entry.linkname),
            xattrs=_attributes(entry),
        )
    )
    if modes.S_ISCHR(stat.st_mode) or modes.S_ISBLK(stat.st_mode):
        message.stat.devmajor = os.major(stat.st_rdev)
        message.stat.devminor = os.minor(stat.st_rdev)
    return framed(message.SerializeToString())


def data_packet(number: int, data: bytes) -> tuple[bytes, bytes]:
    """Return the header and data of a piece of file `number`; empty data ends the file.

    Encoded by hand, because a protobuf message would copy the data twice.
    """
    head = b"\x08\x02"
    if number:
        head += b"\x18" + _varint(number)
    if data:
        head += b"\x22" + _varint(len(data))
    return (len(head) + len(data)).to_bytes(_HEADER, "big") + head, data


def error_packet(message: str) -> bytes:
    """Return the packet that ends the transfer with an error."""
    packet = Packet(type=Packet.PACKET_ERR, data=message.encode("utf-8", "replace"))
    return framed(packet.SerializeToString())


NO_MORE_STATS = framed(Packet(type=Packet.PACKET_STAT).SerializeToString())
"""A stat packet without a stat: the walk is over."""

FINISHED = framed(Packet(type=Packet.PACKET_FIN).SerializeToString())


def go_mode(mode: int) -> int:
    """Convert the mode of `stat(2)` to Go's."""
    found = modes.S_IMODE(mode) & 0o777 | _GO_TYPES.get(modes.S_IFMT(mode), 0)
    for bit, go_bit in _GO_BITS.items():
        if mode & bit:
            found |= go_bit
    if os.name == "nt":  # as fsutil: everything is executable, nothing writable by all
        found = found & ~0o777 | (found & 0o777 | 0o111) & 0o755
    return found


def unix_mode(mode: int) -> int:
    """Convert Go's mode to that of `stat(2)`: the reverse of :func:`go_mode`."""
    found = mode & 0o777
    for bit, go_bit in _GO_BITS.items():
        if mode & go_bit:
            found |= bit
    kinds = (modes.S_IFDIR, modes.S_IFLNK, modes.S_IFCHR, modes.S_IFBLK, modes.S_IFIFO)
    return found | next(
        (kind for kind in kinds if mode & _GO_TYPES[kind] == _GO_TYPES[kind]), modes.S_IFREG
    )


def _attributes(entry: Entry) -> Mapping[str, bytes]:
    """Return extended attributes, such as a file's capabilities; empty if not supported."""
    if not hasattr(os, "listxattr"):
        return {}
    try:
        names = os.listxattr(entry.source, follow_symlinks=False)
    except OSError:
        return {}
    found = {}
    for name in names:
        if not name.isascii() and _UNDECODED.search(name):
            shown = os.fsencode(entry.path).decode("utf-8", "replace")
            raise InvalidContext(
                f"`{shown}` in the build context has an extended attribute whose name is not "
                f"UTF-8: {os.fsencode(name)!r}.",
                hint="Remove it with `setfattr -x`, or add the file to `.dockerignore`.",
            )
        with contextlib.suppress(OSError):  # fsutil also skips attributes that it may not read
            found[name] = os.getxattr(entry.source, name, follow_symlinks=False)
    return found


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
