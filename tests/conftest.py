"""Which tests stay in one process when several processes share the work."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import registry
import support

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

_SLOW_FIXTURES = ("moving", "built", "warehouse")
"""Session fixtures that take long to make: all tests that use one run in one process."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together, and those that share a slow fixture."""
    for item in items:
        used = getattr(item, "fixturenames", ())
        shared = next((name for name in _SLOW_FIXTURES if name in used), str(item.path))
        item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture
def httpserver(httpserver: HTTPServer) -> HTTPServer:
    """A server that answers with empty lists what is read beside the calls."""
    for name in registry.BESIDE:
        httpserver.expect_request(registry.STREAMS[name].path).respond_with_json([])
    return httpserver


@pytest.fixture(autouse=True)
def _threads_before() -> None:
    """Note which threads are running already."""
    support.threads_before = set(threading.enumerate())
