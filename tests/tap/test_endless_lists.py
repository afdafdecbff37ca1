"""Lists without an end, and wrong totals: one error each, or all calls."""

from __future__ import annotations

from datetime import timedelta
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
    report,
    run,
    serve,
    text,
    within,
)
from support import reading_threads
from werkzeug import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_httpserver import HTTPServer

Json = Any


def more(query: dict[str, str], **body: Json) -> Json:
    """Return a page that names a next one."""
    cursor = str(int(query.get("cursor", 0)) + 1)
    return {"request_status": "TRUNCATED", "cursor": cursor, "iv": "iv", "records": [], **body}


def numbered(query: dict[str, str]) -> int:
    """Return the number of the requested page, from 0 on."""
    return int(query.get("cursor", 0))


ENDLESS: dict[str, Callable[[dict[str, str]], Json]] = {
    "empty pages": more,
    "the same page": lambda query: more(query, records=[report(1, START)]),
    "two pages in turn": lambda query: more(query, records=[report(numbered(query) % 2, START)]),
    "a new id a page": lambda query: more(query, records=[report(numbered(query), START)]),
    "a cursor that is a list": lambda query: more(query, cursor=["a"]),
    "a cursor that is an object": lambda query: more(query, cursor={"a": 1}),
    "a cursor that is true": lambda query: more(query, cursor=True),
    "an iv that is a list": lambda query: more(query, iv=["a"]),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_paging_without_an_end_is_one_error(httpserver: HTTPServer, kind: str) -> None:
    """A server that always has another page ends its own stream in one error."""
    asked = serve(httpserver, "vonage", ENDLESS[kind])

    output, failures = run(config(httpserver, "vonage"))

    assert len(failures) == 1
    assert failures[0].startswith("vonage (account default), vonage_voice_reports: ")
    assert "unexpected" not in failures[0]
    assert len(asked) <= 600
    assert "replication_key_value" not in partition(output, "vonage_voice_reports")


def test_a_cursor_that_is_a_number_is_a_cursor(httpserver: HTTPServer) -> None:
    """Any scalar that the server sends is a token, as text."""

    def answer(query: dict[str, str]) -> Json:
        number = numbered(query)
        page = more(query, cursor=number + 1, iv=7, records=[report(number, START)])
        return page if number < 3 else {"request_status": "SUCCESS", "records": []}

    serve(httpserver, "vonage", answer)

    output, failures = run(config(httpserver, "vonage"))

    assert failures == []
    assert len(output.records("vonage_voice_reports")) == 3


@pytest.mark.parametrize("grows", [1, 1000])
def test_a_total_that_grows_with_each_page_is_one_error(httpserver: HTTPServer, grows: int) -> None:
    """A total that is never reached is an error, after few requests."""
    starts = evenly(40)
    calls = [call(number, start) for number, start in enumerate(starts)]

    def answer(query: dict[str, str]) -> Json:
        page = burki_page(within(query, starts), query, 10, calls)
        return {**page, "total": int(query["skip"]) + len(page["items"]) + grows}

    asked = serve(httpserver, "burki", answer)

    output, failures = run(config(httpserver, "burki"))

    assert len(failures) == 1
    assert "the server reports" in failures[0]
    assert "replication_key_value" not in partition(output, "burki_calls")
    assert len(asked) <= 300


def telnyx(httpserver: HTTPServer, count: int, meta: Callable[[int], Json]) -> list[dict[str, str]]:
    """Serve detail records in pages of 50, with totals that a test makes up."""
    records = [
        {
            "id": f"t-{number}",
            "record_type": "webrtc",
            "started_at": text(START + number * HOUR / 20),
        }
        for number in range(count)
    ]

    def answer(query: dict[str, str]) -> Json:
        ends = [value for name, value in query.items() if name.endswith(("[gte]", "[lt]"))]
        found = [record for record in records if min(ends) <= record["started_at"] < max(ends)]
        number = int(query["page[number]"])
        return {"data": found[50 * (number - 1) : 50 * number], "meta": meta(len(found))}

    httpserver.expect_request("/voice_sdk_call_reports").respond_with_json({"data": []})
    return serve(httpserver, "telnyx", answer)


@pytest.mark.parametrize("pages", [1, 0, -3, True, "5", None, 3, 10**9, 10**30])
@pytest.mark.parametrize("total", [230, 0, None, "231", -1, True])
def test_totals_that_lie_cost_no_record(httpserver: HTTPServer, pages: Json, total: Json) -> None:
    """A list is read as long as pages are full, whatever page count the server reports."""
    asked = telnyx(
        httpserver,
        230,
        lambda count: {"total_pages": pages, "total_results": total and count and total},
    )

    output, failures = run(config(httpserver, "telnyx"))

    if total == "231":  # one more than there are
        assert "the server reports 231 records" in failures[0]
        return
    if failures:  # a page count that is never reached, and no total that contradicts it
        assert pages == 10**9
        assert "pages in a row" in failures[0]
        assert "replication_key_value" not in partition(output, "telnyx_detail_records")
    else:
        assert len(output.records("telnyx_detail_records")) == 230
    assert len(asked) <= 60


@pytest.mark.parametrize("cap", [1000, 2000, 10_000])
def test_a_list_that_is_cut_at_a_round_number_is_read_in_parts(
    httpserver: HTTPServer, cap: int
) -> None:
    """Records beyond the cap of a server are found in smaller windows."""
    starts = evenly(12_345)
    calls = [call(number, start) for number, start in enumerate(starts)]

    def answer(query: dict[str, str]) -> Json:
        return burki_page(within(query, starts)[::-1][:cap], query, 1000, calls)

    serve(httpserver, "burki", answer)

    output, failures = run(config(httpserver, "burki"))

    assert failures == []
    assert sorted(record["id"] for record in output.records("burki_calls")) == list(range(12_345))


def test_a_round_number_of_calls_of_one_moment_is_an_error(httpserver: HTTPServer) -> None:
    """A window that cannot be divided, with a list that may be cut, is not complete."""
    starts = [START + HOUR] * 1000
    calls = [call(number, start) for number, start in enumerate(starts)]
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))

    output, failures = run(config(httpserver, "burki"))

    assert len(failures) == 1
    assert "exactly 1000 records" in failures[0]
    bookmark = partition(output, "burki_calls").get("replication_key_value", "")
    assert bookmark <= (START + HOUR).isoformat()
    for thread in reading_threads():  # it would still ask the server of the next test
        thread.join()


@pytest.mark.parametrize("status", [400, 404, 416, 422])
def test_a_page_past_the_end_may_be_refused(httpserver: HTTPServer, status: int) -> None:
    """After a full last page the next one is requested: a refusal of it is no failure."""
    starts = evenly(50)
    calls = [call(number, start) for number, start in enumerate(starts)]

    def answer(query: dict[str, str]) -> Json:
        if int(query["skip"]) >= 50:
            return Response("{}", status=status)
        return burki_page(within(query, starts), query, 1000, calls)

    asked = serve(httpserver, "burki", answer)

    output, failures = run(config(httpserver, "burki"))

    assert failures == []
    assert len(output.records("burki_calls")) == 50
    assert len(asked) == 2


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (7, 1), (49, 1), (51, 1), (1999, 2)])
def test_an_honest_total_costs_no_request(
    httpserver: HTTPServer, count: int, requests: int
) -> None:
    """If the last page is not full, no further request is sent."""
    starts = evenly(count, 0.9)
    calls = [call(number, start) for number, start in enumerate(starts)]
    asked = serve(
        httpserver,
        "burki",
        lambda query: burki_page(within(query, starts), query, 1000, calls),
    )

    output, _ = run(config(httpserver, "burki", days=1))

    assert len(output.records("burki_calls")) == count
    assert len(asked) == requests
    assert asked[0]["date_to"] == (START + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
