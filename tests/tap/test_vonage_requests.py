"""What Vonage is asked for, page by page: what its documents allow, and all that it has."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from properties.warehouse import Warehouse
from scripted_vonage import KEY, STREAM, page, record, serve, settings
from support import simulator

from tap_voicecalls.simulator.apis.vonage.records import product_of

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

NOW = datetime(2026, 3, 31, 13, 5, 22, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
AN_HOUR_AGO = NOW - timedelta(hours=1)
DOCUMENTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")


def ids(warehouse: Warehouse) -> list[str]:
    """Return the ids that landed, sorted."""
    return sorted(str(key[-1]) for key in warehouse.rows[STREAM])


def moment(text: str) -> datetime:
    """Read a time."""
    return datetime.fromisoformat(text)


def test_times_in_requests_are_formatted_as_documented(httpserver: HTTPServer) -> None:
    """Six digits of a second are refused, and an edge that windows do not share loses calls."""
    asked = serve(httpserver, lambda _: page())
    config = settings(httpserver, NOW - 3 * DAY)

    Warehouse().run(config, NOW)

    edges = sorted((each["date_start"], each["date_end"]) for each in asked)
    assert all(DOCUMENTED.fullmatch(text) for edge in edges for text in edge)
    assert len(edges) == 3
    assert [end for _, end in edges[:-1]] == [start for start, _ in edges[1:]]
    assert all(moment(end) - moment(start) <= DAY for start, end in edges)


def test_the_last_minute_is_left_to_the_next_run(httpserver: HTTPServer) -> None:
    """A `date_end` that is not past by the server's clock is refused; the rest comes later."""
    late = NOW - timedelta(seconds=20)
    calls = [record("early", AN_HOUR_AGO), record("late", late)]

    def answer(asked: dict[str, str]) -> dict[str, Any]:
        start, end = moment(asked["date_start"]), moment(asked["date_end"])
        return page(*(call for call in calls if start <= moment(call["date_start"]) < end))

    asked = serve(httpserver, answer)
    warehouse, config = Warehouse(), settings(httpserver, NOW - DAY) | {"lookback_hours": 0}

    warehouse.run(config, NOW)
    assert ids(warehouse) == ["early"]
    last = max(moment(each["date_end"]) for each in asked)
    assert NOW - last >= timedelta(seconds=59.999)
    assert moment(str(warehouse.bookmark(STREAM))) <= NOW - timedelta(seconds=60)

    warehouse.run(config, NOW + timedelta(minutes=10))
    assert ids(warehouse) == ["early", "late"]


def test_the_last_minute_is_not_requested(httpserver: HTTPServer) -> None:
    """A run seconds after the one before has nothing to ask for, and moves no bookmark back."""
    asked = serve(httpserver, lambda _: page())
    warehouse, config = Warehouse(), settings(httpserver, NOW - DAY) | {"lookback_hours": 0}
    warehouse.run(config, NOW)
    before, bookmark = len(asked), warehouse.bookmark(STREAM)

    assert warehouse.run(config, NOW).whole

    assert len(asked) == before
    assert warehouse.bookmark(STREAM) == bookmark


@pytest.mark.parametrize("status", ["SUCCESS", "success"])
def test_a_list_ends_by_its_status(httpserver: HTTPServer, status: str) -> None:
    """A last page that still shows a cursor is no circle, and nothing more is asked for."""
    paging = {"cursor": "AAA+/=", "iv": "i1"}

    def answer(asked: dict[str, str]) -> dict[str, Any]:
        if "cursor" in asked:
            return page(record("two", AN_HOUR_AGO), request_status=status, **paging)
        return page(record("one", AN_HOUR_AGO), request_status="TRUNCATED", **paging)

    asked = serve(httpserver, answer)
    warehouse = Warehouse()

    assert warehouse.run(settings(httpserver, NOW - timedelta(hours=20)), NOW).whole

    assert ids(warehouse) == ["one", "two"]
    assert [(each.get("cursor"), each.get("iv")) for each in asked] == [
        (None, None),
        ("AAA+/=", "i1"),
    ]


@pytest.mark.parametrize("cursor", ["AAA%2B%3D", "AAA+=", "AAA+%3d"])
def test_the_cursor_of_a_link_is_sent_with_the_window(httpserver: HTTPServer, cursor: str) -> None:
    """A link without the dates, followed alone, is a 422; a plus in it is no space."""
    base = httpserver.url_for("/v2/reports/records")
    href = f"{base}?product=VOICE-CALL&account_id={KEY}&cursor={cursor}&iv=i1"

    def answer(asked: dict[str, str]) -> dict[str, Any]:
        if "date_start" not in asked:
            return {"status": 422, "title": "Missing required parameter: date_start"}
        if "cursor" in asked:
            return page(record("two", AN_HOUR_AGO))
        links = {"next": {"href": href}}
        return page(record("one", AN_HOUR_AGO), request_status="TRUNCATED", _links=links)

    asked = serve(httpserver, answer)
    warehouse = Warehouse()

    assert warehouse.run(settings(httpserver, NOW - timedelta(hours=20)), NOW).failures == []

    assert ids(warehouse) == ["one", "two"]
    assert asked[1] == asked[0] | {"cursor": "AAA+=", "iv": "i1"}


def test_a_link_without_a_cursor_is_followed_as_it_is(httpserver: HTTPServer) -> None:
    """A server that pages in another way leads on by its link alone."""
    base = httpserver.url_for("/v2/reports/records")

    def answer(asked: dict[str, str]) -> dict[str, Any]:
        if asked.get("page") == "2":
            return page(record("two", AN_HOUR_AGO))
        links = {"next": {"href": f"{base}?page=2"}}
        return page(record("one", AN_HOUR_AGO), request_status="TRUNCATED", _links=links)

    asked = serve(httpserver, answer)
    warehouse = Warehouse()

    assert warehouse.run(settings(httpserver, NOW - timedelta(hours=20)), NOW).whole

    assert ids(warehouse) == ["one", "two"]
    assert asked[1] == {"page": "2"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "response is TRUNCATED but has no cursor/iv and no next link"),
        ({"cursor": "A"}, "response is TRUNCATED but has no cursor/iv and no next link"),
        ({"cursor": ["A"], "iv": "i"}, "response has a `cursor` that is neither text nor"),
        ({"cursor": "A", "iv": True}, "response has a `iv` that is neither text nor"),
        (
            {"cursor": {"a": 1}, "iv": "i"},
            "response has a `cursor` that is neither text nor",
        ),
        ({"request_status": "FAILED"}, "response has request_status FAILED"),
        ({"request_status": "PENDING"}, "response has request_status PENDING"),
        ({"product": "VOICE-TTS"}, "response is of another product than the requested VOICE-CALL"),
        ({"account_id": "dcba4321"}, "response is of another account"),
    ],
)
def test_an_incomplete_or_mismatched_page_is_refused(
    httpserver: HTTPServer, body: dict[str, object], message: str
) -> None:
    """More without a way to it, or an answer to another question, is one line and no bookmark."""
    first = page(record("one", AN_HOUR_AGO), request_status="TRUNCATED") | body
    serve(httpserver, lambda _: dict(first))
    warehouse = Warehouse()

    done = warehouse.run(settings(httpserver, NOW - timedelta(hours=20)), NOW)

    (line,) = done.failures
    assert message in line
    assert line.startswith(f"vonage (account default), {STREAM}: ")
    assert warehouse.bookmark(STREAM) is None
    assert ids(warehouse) == []


@pytest.mark.parametrize("body", [{"records": None, "items_count": 0}, {"items_count": 0}])
def test_a_page_without_a_list_and_with_a_count_of_zero_is_empty(
    httpserver: HTTPServer, body: dict[str, object]
) -> None:
    """A quiet day whose list is null must not stop the stream for good."""
    serve(httpserver, lambda _: {"request_status": "SUCCESS", **body})
    warehouse = Warehouse()

    assert warehouse.run(settings(httpserver, NOW - DAY), NOW).failures == []

    assert warehouse.bookmark(STREAM) is not None


@pytest.mark.parametrize("body", [{"records": None}, {"items_count": 2}, {}])
def test_a_missing_list_is_not_an_empty_one(
    httpserver: HTTPServer, body: dict[str, object]
) -> None:
    """An answer without its records must not move the bookmark over the calls of a day."""
    serve(httpserver, lambda _: {"request_status": "SUCCESS", **body})
    warehouse = Warehouse()

    assert len(warehouse.run(settings(httpserver, NOW - DAY), NOW).failures) == 1

    assert warehouse.bookmark(STREAM) is None


# Thirteen months ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_time_before_the_retention_is_not_requested(
    caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    """A start two years ago reads all there is, and one line says what is not."""
    # The 31st, and a February before: 13 months ago there was no such day.
    kept = datetime(2025, 3, 2, tzinfo=UTC)
    end = kept + timedelta(days=20)
    with simulator(start=kept, end=end, calls_per_day=0, now=NOW) as served:
        call = served.world.add("vonage", start=kept + timedelta(seconds=1))
        served.options["vonage_report_polls"] = 0
        own = {"mode": mode, "products": [product_of(call)]}
        config = {
            "start_date": "2024-01-01T00:00:00.5Z",
            "end_date": end.isoformat(),
            "vonage": served.configuration()["vonage"] | own,
        }
        warehouse = Warehouse()
        with caplog.at_level(logging.WARNING):
            done = warehouse.run(config, NOW)
        asked: list[Any] = [each.body or dict(each.query) for each in served.requests]

    assert done.failures == []
    assert ids(warehouse) == [call.key]
    line = (
        f"vonage (account default), {STREAM}: Vonage keeps 13 months of records; "
        "skipping the time before 2025-03-02"
    )
    assert [text for text in caplog.messages if "13 months" in text] == [line]
    assert min(each["date_start"] for each in asked if "date_start" in each) == (
        "2025-03-02T00:00:00.000Z"
    )
    assert warehouse.bookmark(STREAM) == "2025-03-22T00:00:00.000000Z"


def test_a_span_before_the_retention_is_complete(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A shard of years ago asks for nothing, and does not hold up the merge for ever."""
    asked = serve(httpserver, lambda _: page())
    config = settings(httpserver, datetime(2024, 1, 1, tzinfo=UTC)) | {"end_date": "2024-02-01"}
    warehouse = Warehouse()
    with caplog.at_level(logging.WARNING):
        assert warehouse.run(config, NOW).whole

    assert asked == []
    assert warehouse.bookmark(STREAM) == "2024-02-01T00:00:00.000000Z"
    assert "Vonage keeps 13 months" in caplog.text


def test_a_rejection_for_age_is_explained(httpserver: HTTPServer) -> None:
    """A server that keeps less than it says is named by one line, not by a parameter's name."""
    wrong = [{"name": "date_start", "reason": "Must not be older than 13 months"}]
    serve(
        httpserver,
        lambda _: {"status": 422, "title": "Invalid request", "invalid_parameters": wrong},
    )

    done = Warehouse().run(settings(httpserver, NOW - DAY), NOW)

    (line,) = done.failures
    assert "422" in line
    assert "(date_start: older than the 13 months that Vonage keeps)" in line
