"""Large tables: `make test` runs a fixed sample of their rows, `make matrix` runs all of them.

The rows of the old engines have the mark ``compatibility`` and are sampled on their own.
`make test` runs those of a test with the mark ``old_engines``, `make compatibility` of every test.

``@pytest.mark.sample(every=5)`` keeps the first and then every fifth row of a parametrized test;
``@pytest.mark.sample(engine="podman")`` keeps the rows whose parameter has this value. The other
rows get the mark ``matrix``. An `every` that has no divisor in common with the number of engines,
themes or widths keeps rows of each of them.
"""

from __future__ import annotations

from collections import Counter

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    config.addinivalue_line("markers", "sample(every, **parameters): the rows for `make test`")
    config.addinivalue_line("markers", "matrix: outside the sample; added by `sample`, or by hand")
    config.addinivalue_line("markers", "compatibility: on an old engine; added by the rig")
    config.addinivalue_line("markers", "old_engines: `make test` runs it on old engines too")
    config.addinivalue_line("markers", "faults: provokes a fault of an engine or a registry")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the rows outside the samples, before pytest selects by marks."""
    seen: Counter[tuple[str, bool]] = Counter()
    for item in items:
        table = item.nodeid.partition("[")[0], bool(item.get_closest_marker("compatibility"))
        for mark in item.iter_markers("sample"):
            if not _is_kept(item, seen[table], **mark.kwargs):
                item.add_marker(pytest.mark.matrix)
        seen[table] += 1


def _is_kept(item: pytest.Item, row: int, *, every: int = 1, **wanted: object) -> bool:
    parameters = item.callspec.params if wanted and isinstance(item, pytest.Function) else {}
    missing = wanted.keys() - parameters
    if missing:
        raise pytest.UsageError(f"{item.nodeid} has no parameter {', '.join(sorted(missing))}")
    return row % every == 0 and all(parameters[name] == value for name, value in wanted.items())
