"""Records whose time lies outside the window that was requested."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from scripted import (
    HOUR,
    START,
    burki_page,
    call,
    config,
    evenly,
    partition,
    run,
    serve,
    text,
    vonage_page,
    within,
)

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

DAYS = 20


@pytest.mark.parametrize("offset", [timedelta(hours=5), timedelta(hours=-9), timedelta(minutes=30)])
def test_a_server_that_prints_local_time_loses_nothing(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture, offset: timedelta
) -> None:
    """The filter works, but times are local and have no offset: all calls are read."""
    starts = evenly(500, DAYS)
    calls = [call(number, start + offset) for number, start in enumerate(starts)]
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))

    output, failures = run(config(httpserver, "burki", days=DAYS))

    assert failures == []
    assert {record["id"] for record in output.records("burki_calls")} == set(range(500))
    lines = [record.getMessage() for record in caplog.records if "outside" in record.message]
    assert len(lines) == 1
    assert "burki (account default), burki_calls: " in lines[0]
    assert "local time" in lines[0]


@pytest.mark.parametrize("precision", [timedelta(seconds=1), timedelta(milliseconds=100)])
@pytest.mark.parametrize("up", [True, False])
def test_a_server_that_rounds_what_it_prints_loses_nothing(
    httpserver: HTTPServer,
    caplog: pytest.LogCaptureFixture,
    precision: timedelta,
    *,
    up: bool,
) -> None:
    """A time that was rounded past the edge of its window still belongs to it."""
    edge = START + timedelta(days=7)
    starts = [edge + step * timedelta(milliseconds=37) for step in range(-40, 40)]

    def printed(start: datetime) -> datetime:
        ticks = (start - START) // precision + up
        return START + ticks * precision

    calls = [call(number, printed(start)) for number, start in enumerate(starts)]
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))

    output, failures = run(config(httpserver, "burki", days=14))

    assert failures == []
    assert sorted(record["id"] for record in output.records("burki_calls")) == list(range(80))
    assert "outside" not in caplog.text


def test_a_call_at_the_edge_of_two_windows_comes_once(httpserver: HTTPServer) -> None:
    """A filter that includes both ends returns such a call for both windows."""
    edge = START + timedelta(days=7)
    starts = [edge - HOUR, edge, edge, edge + HOUR, edge + timedelta(days=7)]
    calls = [call(number, start) for number, start in enumerate(starts)]
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))

    output, _ = run(config(httpserver, "burki", days=14))

    assert [record["id"] for record in output.records("burki_calls")] == [0, 1, 2, 3]


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize(("count", "spread"), [(30, 300), (2500, 300), (50_000, 300), (2500, 0.9)])
def test_an_ignored_filter_is_an_early_error(
    httpserver: HTTPServer, count: int, spread: float, concurrency: int
) -> None:
    """Windows that all return everything are not divided without end: it is one error."""
    starts = evenly(count, spread)
    calls = [call(number, start) for number, start in enumerate(starts)]
    asked = serve(
        httpserver,
        "burki",
        lambda query: burki_page(range(len(calls)), query, 1000, calls),
    )

    output, failures = run(config(httpserver, "burki", days=300, concurrency=concurrency))

    assert len(failures) == 1
    assert "the server ignores the time filter" in failures[0]
    assert len(asked) <= 60
    bookmark = partition(output, "burki_calls").get("replication_key_value", text(START))
    assert bookmark < text(START + timedelta(days=150))


@pytest.mark.parametrize("concurrency", [1, 8])
def test_charged_records_of_an_ignored_filter_are_few(
    httpserver: HTTPServer, concurrency: int
) -> None:
    """If a server returns the same records for each day, they are not paid for each day."""
    starts = evenly(2500, 100)
    answered: list[int] = []

    def answer(query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON is any value
        page = vonage_page(query, starts, 1000, filters=False)
        answered.append(len(page["records"]))
        return page

    serve(httpserver, "vonage", answer)
    _, failures = run(config(httpserver, "vonage", days=100, concurrency=concurrency))

    assert len(failures) == 1
    assert "the server ignores the time filter" in failures[0]
    assert sum(answered) <= 2500


def test_records_with_wrong_times_are_kept_and_logged(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Records that have seconds instead of milliseconds are not lost."""
    starts = evenly(300, DAYS)
    shown = [
        start if number % 20 else datetime(1970, 1, 21, tzinfo=UTC)
        for number, start in enumerate(starts)
    ]
    calls = [call(number, start) for number, start in enumerate(shown)]
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))

    output, failures = run(config(httpserver, "burki", days=DAYS))

    assert failures == []
    assert len(output.records("burki_calls")) == 300
    assert "15 of 302 records have a time outside" in caplog.text
