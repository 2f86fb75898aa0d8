# Generated from ssh.proto by generate.py. Do not edit.
"""The messages of ssh.proto."""

from imagewidget.engine.buildkit.proto.pool import load

globals().update(
    load(
        (
            b'\n\tssh.proto\x12\x12moby.sshforward.v1""\n\x0cBytesMessage\x12\x12\n\x04data\x18\x01 \x01('
            b'\x0cR\x04data"#\n\x11CheckAgentRequest\x12\x0e\n\x02ID\x18\x01 \x01(\tR\x02ID"\x14\n\x12CheckAgentRe'
            b'sponse2\xba\x01\n\x03SSH\x12[\n\nCheckAgent\x12%.moby.sshforward.v1.CheckAgent'
            b'Request\x1a&.moby.sshforward.v1.CheckAgentResponse\x12V\n\x0cForwardAg'
            b'ent\x12 .moby.sshforward.v1.BytesMessage\x1a .moby.sshforward.v1.B'
            b'ytesMessage(\x010\x01b\x06proto3'
        )
    )
)
