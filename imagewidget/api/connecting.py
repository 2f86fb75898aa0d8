"""`connect`: a client for an engine."""

from imagewidget.api.verbs import verb
from imagewidget.engine import client

connect = verb(client.connect)
