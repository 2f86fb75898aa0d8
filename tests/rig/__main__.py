"""``python -m tests.rig up|down|status [part …]``."""

from __future__ import annotations

import argparse
import sys
import time

from tests.rig.engines import KINDS
from tests.rig.packages import Unavailable
from tests.rig.processes import RigError
from tests.rig.rig import PARTS, USUAL, Rig
from tests.rig.say import result, say


def main() -> int:
    """Run the command given on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.rig", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "status"))
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of: {', '.join(PARTS)}")
    options = parser.parse_args()
    for name in set(options.parts) - set(PARTS):
        parser.error(f"there is no part called {name}")
    rig = Rig()
    if options.command == "down":
        for places in rig.places.of_each_worker():
            Rig(places).down()
        return 0
    failures = _up(rig, options.parts or list(USUAL)) if options.command == "up" else 0
    _status(rig)
    return 1 if failures else 0


def _up(rig: Rig, parts: list[str]) -> int:
    failures = 0
    rig.keep()
    for name in parts:
        began = time.monotonic()
        try:
            rig.up(name)
        except (RigError, Unavailable) as reason:
            failures += 1
            say(f"left out: {name}: {reason}")
        else:
            say(f"{name} up in {time.monotonic() - began:.1f} s")
    return failures


def _status(rig: Rig) -> None:
    for name in PARTS:
        if not rig.running(name):
            result(f"{name:18} down")
        elif name in KINDS:
            engine = rig.engine(name)
            result(f"{name:18} DOCKER_HOST={engine.url}  version {engine.version}")
        else:
            result(f"{name:18} {rig.places.host(name)}")


if __name__ == "__main__":
    sys.exit(main())
