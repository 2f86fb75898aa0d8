# Generated from auth.proto by generate.py. Do not edit.
"""The messages of auth.proto."""

from imagewidget.engine.buildkit.proto.pool import load

globals().update(
    load(
        (
            b'\n\nauth.proto\x12\x10moby.filesync.v1"(\n\x12CredentialsRequest\x12\x12\n\x04Host'
            b'\x18\x01 \x01(\tR\x04Host"I\n\x13CredentialsResponse\x12\x1a\n\x08Username\x18\x01 \x01(\tR\x08Usern'
            b'ame\x12\x16\n\x06Secret\x18\x02 \x01(\tR\x06Secret2b\n\x04Auth\x12Z\n\x0bCredentials\x12$.moby.fi'
            b'lesync.v1.CredentialsRequest\x1a%.moby.filesync.v1.CredentialsR'
            b'esponseb\x06proto3'
        )
    )
)
