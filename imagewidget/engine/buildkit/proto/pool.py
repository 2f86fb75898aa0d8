"""A private descriptor pool, so that no other package's names collide with ours."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_pool = descriptor_pool.DescriptorPool()


def load(descriptor: bytes) -> dict[str, Any]:
    """Return the message classes of one `.proto` file by name.

    Args:
        descriptor: The file's serialized `FileDescriptorProto`.
    """
    file = descriptor_pb2.FileDescriptorProto.FromString(descriptor)
    _pool.Add(file)
    found = _pool.FindFileByName(file.name)
    return {
        name: message_factory.GetMessageClass(message)
        for name, message in found.message_types_by_name.items()
    }
