"""Regenerate the message modules: `python -m imagewidget.engine.buildkit.proto`."""

from imagewidget.engine.buildkit.proto.generate import generate

generate()
