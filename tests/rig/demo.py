"""Find an engine for `make demo`, or start one. ``python -m tests.rig.demo [down]``.

Prints one line on stdout, for ``DOCKER_HOST``; the line is empty when Docker's own configuration
already leads to a running engine, which is then used as it is. Progress is reported on stderr.
"""

from __future__ import annotations

import argparse
import sys

from imagewidget.engine.client import connect
from imagewidget.engine.failure.errors import EngineUnavailable
from tests.rig.demo_engine import DemoEngine
from tests.rig.packages import Unavailable
from tests.rig.processes import RigError
from tests.rig.say import result, say


def main() -> int:
    """Run the command given on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.rig.demo", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("up", "down"), default="up")
    if parser.parse_args().command == "down":
        DemoEngine().down()
        return 0
    unavailable = _configured()
    if not unavailable:
        result("")
        return 0
    own = DemoEngine()
    try:
        own.up()
    except (Unavailable, RigError) as reason:
        say(f"no Docker engine is running: {unavailable}")
        say(f"and none could be started: {reason}")
        say("start Docker Desktop, or run `make demo` as root on Debian or Ubuntu, or set")
        say("DOCKER_HOST to the address of another engine, then try again")
        return 1
    result(own.url)
    return 0


def _configured() -> EngineUnavailable | None:
    """Return why the engine of Docker's configuration is unavailable, or ``None`` if it answers."""
    try:
        client = connect()
        client.ping()
    except EngineUnavailable as error:
        return error
    say(f"using the engine from Docker's configuration: {client}")
    return None


if __name__ == "__main__":
    sys.exit(main())
