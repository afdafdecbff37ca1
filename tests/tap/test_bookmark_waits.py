"""The bookmark stays before calls that are still running, and before nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from scripted import burki_page, call, config, partition, run, serve, text, within

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

HOUR = timedelta(hours=1)
RUNNING: dict[str, Any] = {"status": "ongoing", "ended_at": None}


@pytest.mark.parametrize(
    ("running", "held"), [([], None), ([1], 1), ([0, 2], 0)], ids=["none", "one", "two"]
)
def test_a_bookmark_does_not_pass_a_running_call(
    httpserver: HTTPServer, running: list[int], held: int | None
) -> None:
    """If the bookmark passes a running call, its final form never reaches the warehouse."""
    began = datetime.now(UTC)
    starts = [began - hours * HOUR for hours in (90, 60, 50)]
    calls = [call(number, start) for number, start in enumerate(starts)]
    for number in running:
        calls[number] |= RUNNING
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))
    settings = config(httpserver, "burki", start_date=text(began - 100 * HOUR))
    del settings["end_date"]

    output, failures = run(settings)

    assert failures == []
    assert [record["id"] for record in output.records("burki_calls")] == [0, 1, 2]
    reached = datetime.fromisoformat(partition(output, "burki_calls")["replication_key_value"])
    assert reached >= began - HOUR if held is None else reached == starts[held]
