"""How several processes share the tests, and what all tests have."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
import registry
import support
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

# Files whose tests use a session fixture that takes half a minute to make.
_SHARING = {
    "a moving world": (
        "test_demo",
        "test_postgres_loads",
        "test_postgres_queries",
        "test_postgres_types",
    ),
    "dbt on PostgreSQL": ("dbt/test_faults", "dbt/test_models"),
    "Snowflake": ("snowflake/",),
}
_SLOWEST = "tests/warehouses/"
# Each of these takes half a minute and more, and would otherwise begin among the last.
_SLOW = ("tests/properties/", "tests/unit/test_conform.py", "tests/test_new_user.py")


class ByFile(LoadScopeScheduling):  # type: ignore[misc] # it has no types
    """Gives each process whole files, and files that share a slow fixture to one process."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        own = file.removeprefix(_SLOWEST)
        shared = (name for name, files in _SHARING.items() if own != file and own.startswith(files))
        return next(shared, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:  # noqa: ANN401 - xdist's
    """Distribute tests by file, in the order in which they were collected."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest, so that no process is left with them at the end."""
    items.sort(key=lambda item: [not item.nodeid.startswith(first) for first in (_SLOWEST, _SLOW)])


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
