"""Which tests stay in one process when several processes share the work."""

from __future__ import annotations

import threading

import pytest
import support

_SLOW_FIXTURES = ("moving", "built", "warehouse")
"""Session fixtures that take long to make: all tests that use one run in one process."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together, and those that share a slow fixture."""
    for item in items:
        used = getattr(item, "fixturenames", ())
        shared = next((name for name in _SLOW_FIXTURES if name in used), str(item.path))
        item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture(autouse=True)
def _threads_before() -> None:
    """Note which threads are running already."""
    support.threads_before = set(threading.enumerate())
