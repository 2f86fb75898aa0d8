# Generated from health.proto by generate.py. Do not edit.
"""The messages of health.proto."""

from imagewidget.engine.buildkit.proto.pool import load

globals().update(
    load(
        (
            b'\n\x0chealth.proto\x12\x0egrpc.health.v1".\n\x12HealthCheckRequest\x12\x18\n\x07serv'
            b'ice\x18\x01 \x01(\tR\x07service"\xb1\x01\n\x13HealthCheckResponse\x12I\n\x06status\x18\x01 \x01(\x0e21'
            b'.grpc.health.v1.HealthCheckResponse.ServingStatusR\x06status"O\n'
            b'\rServingStatus\x12\x0b\n\x07UNKNOWN\x10\x00\x12\x0b\n\x07SERVING\x10\x01\x12\x0f\n\x0bNOT_SERVING\x10\x02\x12\x13\n'
            b'\x0fSERVICE_UNKNOWN\x10\x032Z\n\x06Health\x12P\n\x05Check\x12".grpc.health.v1.Healt'
            b'hCheckRequest\x1a#.grpc.health.v1.HealthCheckResponseb\x06proto3'
        )
    )
)
