"""``python -m tests.engine.answers``: write `docs/engines.md`, with the engines' versions."""

from __future__ import annotations

from imagewidget.engine.connection.client import new_client
from tests.engine.answers.document import PAGE, page
from tests.engine.answers.table import CHECKS
from tests.rig.engines import KINDS
from tests.rig.rig import Rig


def main() -> None:
    """Ask each engine for its version, and write the page."""
    rig = Rig()
    with rig.used():
        engines = {}
        for role in KINDS:
            rig.up(role)
            info = new_client(rig.engine(role).url).info()
            engines[role] = (info.title, info.store, info.api_version)
    PAGE.write_text(page(CHECKS, engines), encoding="utf-8")


main()
