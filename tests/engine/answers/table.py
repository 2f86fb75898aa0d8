"""The whole table: importing a module of questions adds its rows, in this order."""

from tests.engine.answers import about, pulls, builds, options, failures  # noqa: I001
from tests.engine.answers.check import CHECKS

__all__ = ["CHECKS", "about", "builds", "failures", "options", "pulls"]
