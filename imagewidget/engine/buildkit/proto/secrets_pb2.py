# Generated from secrets.proto by generate.py. Do not edit.
"""The messages of secrets.proto."""

from imagewidget.engine.buildkit.proto.pool import load

globals().update(
    load(
        (
            b'\n\rsecrets.proto\x12\x18moby.buildkit.secrets.v1"\xc1\x01\n\x10GetSecretReque'
            b'st\x12\x0e\n\x02ID\x18\x01 \x01(\tR\x02ID\x12]\n\x0bannotations\x18\x02 \x03(\x0b2;.moby.buildkit.secr'
            b'ets.v1.GetSecretRequest.AnnotationsEntryR\x0bannotations\x1a>\n\x10Ann'
            b'otationsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\'\n'
            b'\x11GetSecretResponse\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data2o\n\x07Secrets\x12d\n\tGetSecr'
            b'et\x12*.moby.buildkit.secrets.v1.GetSecretRequest\x1a+.moby.buildk'
            b'it.secrets.v1.GetSecretResponseb\x06proto3'
        )
    )
)
