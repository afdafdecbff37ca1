"""Which tests are run by one process, where several share the work."""

from __future__ import annotations

import pytest

_DEAR = ("moving", "built", "warehouse")
"""Fixtures of a session that take long to make: all tests that use one stay together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together the tests of a file, and those that share a dear fixture."""
    for item in items:
        used = getattr(item, "fixturenames", ())
        shared = next((name for name in _DEAR if name in used), str(item.path))
        item.add_marker(pytest.mark.xdist_group(shared))
