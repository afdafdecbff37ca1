"""A `start_date` in the future leaves the bookmarks unchanged."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from scripted import HOUR, START, config, run, serve, text

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

OVIA = [{"id": "o-1", "started_at": text(START + HOUR), "status": "completed"}]
REPORT = {"call_id": "t-1", "created_at": text(START + HOUR), "stored_at": text(START + HOUR)}


@pytest.mark.parametrize("has_state", [False, True])
def test_a_later_run_with_the_right_date_reads_all_calls(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture, *, has_state: bool
) -> None:
    """A bookmark at the wrong date would hide all earlier calls from it."""
    reports = {"data": [REPORT], "meta": {"total_pages": 1, "total_results": 1}}
    httpserver.expect_request("/voice_sdk_call_reports").respond_with_json(reports)
    serve(httpserver, "ovia", lambda _: OVIA)
    serve(httpserver, "telnyx", lambda _: {"data": [], "meta": {}})
    right = config(httpserver, "telnyx", "ovia") | {"lookback_hours": 0}
    state = {}
    if has_state:
        before, _ = run({**right, "end_date": text(START + HOUR / 2)})
        state = before.state

    wrong = {**right, "start_date": text(START + timedelta(days=9_999))}
    del wrong["end_date"]
    first, failures = run(wrong, state=state)
    second, _ = run(right, state=first.state)

    assert not failures
    assert not first.of_type("RECORD")
    assert "nothing is read: `start_date` is later than now" in caplog.text
    assert [len(second.records(name)) for name in ("ovia_calls", "telnyx_call_reports")] == [1, 1]
