"""Generate the `_pb2` modules from the `.proto` files beside this one.

Run `python -m imagewidget.engine.buildkit.proto` after a change to a
`.proto` file; it needs `grpcio-tools`.

The modules are not those that protoc generates. Those register their names in a
pool that the whole process shares, where `grpc.health.v1` of another package would
collide with ours, and they refuse a runtime of another major version. These contain
only the file's descriptor and create their classes in a private pool, which works
with protobuf 5.29 and later. The `.pyi` beside each is protoc's.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc  # type: ignore[import-untyped]

HERE = Path(__file__).parent

_MODULE = '''\
# Generated from {proto} by generate.py. Do not edit.
"""The messages of {proto}."""

from imagewidget.engine.buildkit.proto.pool import load

globals().update(
    load(
        (
{lines}
        )
    )
)
'''


def generate(folder: Path = HERE) -> None:
    """Write `NAME_pb2.py` and `NAME_pb2.pyi` for each `NAME.proto` into `folder`.

    Raises:
        RuntimeError: protoc rejected a file; the reason is on standard error.
    """
    protos = sorted(path.name for path in HERE.glob("*.proto"))
    compiled = folder / "descriptors.tmp"
    arguments = [f"-I{HERE}", f"--pyi_out={folder}", f"--descriptor_set_out={compiled}", *protos]
    if protoc.main(["protoc", *arguments]) != 0:
        raise RuntimeError("protoc failed")
    try:
        descriptors = descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes())
    finally:
        compiled.unlink()
    for file in descriptors.file:
        target = folder / f"{Path(file.name).stem}_pb2.py"
        target.write_text(_module(file.name, file.SerializeToString(deterministic=True)))
        stub = target.with_suffix(".pyi")
        # protoc omits the arguments of this type, which strict type checking rejects
        stub.write_text(stub.read_text().replace("_Mapping]", "_Mapping[str, object]]"))


def _module(proto: str, descriptor: bytes) -> str:
    """Return the source of the module that contains a file's descriptor."""
    pieces = [descriptor[at : at + 60] for at in range(0, len(descriptor), 60)]
    lines = textwrap.indent("\n".join(repr(piece) for piece in pieces), " " * 12)
    return _MODULE.format(proto=proto, lines=lines)
