"""Which tests are run by one process, where several share the work."""

from __future__ import annotations

import threading

import pytest
import support

_DEAR = ("moving", "built", "warehouse")
"""Fixtures of a session that take long to make: all tests that use one stay together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together the tests of a file, and those that share a dear fixture."""
    for item in items:
        used = getattr(item, "fixturenames", ())
        shared = next((name for name in _DEAR if name in used), str(item.path))
        item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture(autouse=True)
def _threads_before() -> None:
    """Take note of the threads that are there already."""
    support.threads_before = set(threading.enumerate())
