"""The generated messages match the `.proto` files and keep unknown fields."""

import importlib
import sys
from pathlib import Path

import pytest

from imagewidget.engine.buildkit.proto import filesync_pb2, pool, status_pb2

PROTOS = sorted(Path(pool.__file__).parent.glob("*.proto"))


@pytest.mark.parametrize("proto", PROTOS, ids=lambda path: path.stem)
def test_generated_module_matches_its_proto(
    proto: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imagewidget.engine.buildkit.proto import generate  # noqa: PLC0415

    generate.generate(tmp_path)
    loaded: list[bytes] = []
    monkeypatch.setattr(pool, "load", lambda descriptor: loaded.append(descriptor) or {})
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"{proto.stem}_pb2"
    fresh = importlib.import_module(name)
    monkeypatch.delitem(sys.modules, name)
    committed = proto.with_name(f"{name}.py")
    exec(compile(committed.read_text(), committed, "exec"), {})  # noqa: S102
    assert fresh.__doc__ == f"The messages of {proto.name}."
    assert loaded[0] == loaded[1]
    assert (tmp_path / f"{name}.pyi").read_text() == committed.with_suffix(".pyi").read_text()


def test_unknown_fields_of_a_newer_engine_are_kept() -> None:
    newer = status_pb2.Vertex(digest="sha256:a", name=b"RUN x").SerializeToString()
    newer += bytes([(100 << 3 | 2) & 0x7F | 0x80, (100 << 3 | 2) >> 7, 3]) + b"new"
    vertex = status_pb2.Vertex.FromString(newer)
    assert vertex.name == b"RUN x"
    assert vertex.SerializeToString() == newer


def test_names_are_not_in_the_shared_pool() -> None:
    from google.protobuf import descriptor_pool  # noqa: PLC0415

    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName(filesync_pb2.Packet.DESCRIPTOR.full_name)
