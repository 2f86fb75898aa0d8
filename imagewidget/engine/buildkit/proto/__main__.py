"""`python -m imagewidget.engine.buildkit.proto` generates the messages' modules anew."""

from imagewidget.engine.buildkit.proto.generate import generate

generate()
