# Generated from status.proto by generate.py. Do not edit.
"""The messages of status.proto."""

from imagewidget.engine.buildkit.proto.pool import load

globals().update(
    load(
        (
            b'\n\x0cstatus.proto\x12\x10moby.buildkit.v1"\xf0\x01\n\x0eStatusResponse\x124\n\x08verte'
            b'xes\x18\x01 \x03(\x0b2\x18.moby.buildkit.v1.VertexR\x08vertexes\x12:\n\x08statuses\x18\x02 '
            b'\x03(\x0b2\x1e.moby.buildkit.v1.VertexStatusR\x08statuses\x12/\n\x04logs\x18\x03 \x03(\x0b2'
            b'\x1b.moby.buildkit.v1.VertexLogR\x04logs\x12;\n\x08warnings\x18\x04 \x03(\x0b2\x1f.moby.'
            b'buildkit.v1.VertexWarningR\x08warnings";\n\tTimestamp\x12\x18\n\x07seconds\x18'
            b'\x01 \x01(\x03R\x07seconds\x12\x14\n\x05nanos\x18\x02 \x01(\x05R\x05nanos"\xb3\x02\n\x06Vertex\x12\x16\n\x06digest\x18\x01 '
            b'\x01(\tR\x06digest\x12\x16\n\x06inputs\x18\x02 \x03(\tR\x06inputs\x12\x12\n\x04name\x18\x03 \x01(\tR\x04name\x12\x16\n\x06c'
            b'ached\x18\x04 \x01(\x08R\x06cached\x125\n\x07started\x18\x05 \x01(\x0b2\x1b.moby.buildkit.v1.Time'
            b'stampR\x07started\x129\n\tcompleted\x18\x06 \x01(\x0b2\x1b.moby.buildkit.v1.Timesta'
            b'mpR\tcompleted\x12\x14\n\x05error\x18\x07 \x01(\tR\x05error\x12E\n\rprogressGroup\x18\x08 \x01(\x0b2\x1f'
            b'.moby.buildkit.v1.ProgressGroupR\rprogressGroup"G\n\rProgressGr'
            b'oup\x12\x0e\n\x02id\x18\x01 \x01(\tR\x02id\x12\x12\n\x04name\x18\x02 \x01(\tR\x04name\x12\x12\n\x04weak\x18\x03 \x01(\x08R\x04weak"'
            b'\xa7\x02\n\x0cVertexStatus\x12\x0e\n\x02ID\x18\x01 \x01(\tR\x02ID\x12\x16\n\x06vertex\x18\x02 \x01(\tR\x06vertex\x12\x12\n\x04'
            b'name\x18\x03 \x01(\tR\x04name\x12\x18\n\x07current\x18\x04 \x01(\x03R\x07current\x12\x14\n\x05total\x18\x05 \x01(\x03R\x05t'
            b'otal\x129\n\ttimestamp\x18\x06 \x01(\x0b2\x1b.moby.buildkit.v1.TimestampR\ttimest'
            b'amp\x125\n\x07started\x18\x07 \x01(\x0b2\x1b.moby.buildkit.v1.TimestampR\x07started\x129'
            b'\n\tcompleted\x18\x08 \x01(\x0b2\x1b.moby.buildkit.v1.TimestampR\tcompleted"\x88\x01'
            b'\n\tVertexLog\x12\x16\n\x06vertex\x18\x01 \x01(\tR\x06vertex\x129\n\ttimestamp\x18\x02 \x01(\x0b2\x1b.mob'
            b'y.buildkit.v1.TimestampR\ttimestamp\x12\x16\n\x06stream\x18\x03 \x01(\x03R\x06stream\x12\x10'
            b'\n\x03msg\x18\x04 \x01(\x0cR\x03msg"\xe0\x01\n\rVertexWarning\x12\x16\n\x06vertex\x18\x01 \x01(\tR\x06vertex\x12\x14'
            b'\n\x05level\x18\x02 \x01(\x03R\x05level\x12\x14\n\x05short\x18\x03 \x01(\x0cR\x05short\x12\x16\n\x06detail\x18\x04 \x03(\x0cR\x06'
            b'detail\x12\x10\n\x03url\x18\x05 \x01(\tR\x03url\x120\n\x04info\x18\x06 \x01(\x0b2\x1c.moby.buildkit.v1.So'
            b'urceInfoR\x04info\x12/\n\x06ranges\x18\x07 \x03(\x0b2\x17.moby.buildkit.v1.RangeR\x06ran'
            b'ges"X\n\nSourceInfo\x12\x1a\n\x08filename\x18\x01 \x01(\tR\x08filename\x12\x12\n\x04data\x18\x02 \x01(\x0cR'
            b'\x04data\x12\x1a\n\x08language\x18\x04 \x01(\tR\x08language"g\n\x05Range\x120\n\x05start\x18\x01 \x01(\x0b2\x1a.'
            b'moby.buildkit.v1.PositionR\x05start\x12,\n\x03end\x18\x02 \x01(\x0b2\x1a.moby.buildki'
            b't.v1.PositionR\x03end"<\n\x08Position\x12\x12\n\x04line\x18\x01 \x01(\x05R\x04line\x12\x1c\n\tcharac'
            b'ter\x18\x02 \x01(\x05R\tcharacterb\x06proto3'
        )
    )
)
