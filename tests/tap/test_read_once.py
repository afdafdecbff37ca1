"""Charged records are read once, however many a window has."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from scripted import START, config, evenly, run, serve, vonage_page
from support import run_tap

from tap_voicecalls.providers.vonage import VonageVoiceReports

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

STREAM = "vonage_voice_reports"
PAGE = 50


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limits of rows in memory."""
    monkeypatch.setattr(VonageVoiceReports, "rows_in_memory", 100)
    monkeypatch.setattr(VonageVoiceReports, "rows_in_flight", 200)


@pytest.mark.parametrize("a_day", [40, 250, 600])
@pytest.mark.parametrize("concurrency", [1, 8])
def test_each_record_is_requested_once(
    httpserver: HTTPServer, a_day: int, concurrency: int
) -> None:
    """A large window is not discarded and read again: each record costs money.

    The next run reads the lookback again, and nothing else.
    """
    starts = evenly(4 * a_day, days=4)
    answered: list[int] = []

    def answer(query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON is any value
        page = vonage_page(query, starts, PAGE)
        answered.append(len(page["records"]))
        return page

    serve(httpserver, "vonage", answer)
    settings = config(httpserver, "vonage", days=3, concurrency=concurrency)
    first = run_tap(settings)
    assert sum(answered) == 3 * a_day
    assert [record["id"] for record in first.records(STREAM)] == [
        f"v-{number}" for number in range(3 * a_day)
    ]

    answered.clear()
    end = (START + timedelta(days=4)).isoformat()
    second = run_tap({**settings, "end_date": end}, state=first.state)
    assert sum(answered) == len(second.records(STREAM)) == 2 * a_day


def test_a_window_is_complete_only_after_its_last_part(httpserver: HTTPServer) -> None:
    """A STATE between the parts of a window would skip calls that are not written yet."""
    starts = evenly(500)
    serve(httpserver, "vonage", lambda query: vonage_page(query, starts, PAGE))

    output = run_tap(config(httpserver, "vonage"))

    out = 0
    for message in output.messages:
        if message["type"] == "RECORD" and message["stream"] == STREAM:
            out += 1
        if message["type"] == "STATE" and (found := message["value"]["bookmarks"].get(STREAM)):
            value = found["partitions"][0].get("replication_key_value", START.isoformat())
            bookmark = datetime.fromisoformat(value)
            assert out >= sum(start < bookmark for start in starts)
    assert out == 500


def test_a_run_after_a_failure_pays_only_for_windows_in_flight(httpserver: HTTPServer) -> None:
    """After a failure the next run resumes from the last window, not from the last day."""
    starts = evenly(4000, days=8)
    answered: list[int] = []
    broken = [True]

    def answer(query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON is any value
        if broken[0] and len(answered) == 60:
            return b"broken"
        page = vonage_page(query, starts, PAGE)
        answered.append(len(page["records"]))
        return page

    serve(httpserver, "vonage", answer)
    settings = config(httpserver, "vonage", days=8, lookback_hours=0)
    first, failures = run(settings)
    assert len(failures) == 1
    assert 0 < len(first.records(STREAM)) < 4000

    broken[0] = False
    second, failures = run(settings, state=first.state)

    assert failures == []
    ids = {record["id"] for output in (first, second) for record in output.records(STREAM)}
    assert len(ids) == 4000
    assert sum(answered) <= 4000 * 1.2  # some of 50 windows were in flight
