"""Bookmarks that no run has written, and bookmarks that do not cover the configuration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from scripted import START, burki_page, call, config, evenly, partition, run, serve, text, within
from scripted import vonage_page as page_of
from singer_sdk.exceptions import ConfigValidationError
from werkzeug import Response

from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.streams.bookmarks import Bookmarks

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

Json = Any
STREAM = "vonage_voice_reports"
DAY = timedelta(days=1)


def state(stream: str, key: str, value: Json, **more: Json) -> Json:
    """Return a state with one bookmark."""
    found = {"context": {"account": "default"}, "replication_key": key, **more}
    return {"bookmarks": {stream: {"partitions": [{**found, "replication_key_value": value}]}}}


def test_a_bookmark_later_than_now_is_not_waited_for(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A clock that was ahead once must not stop a stream until that day has come."""
    now = datetime.now(UTC)
    starts = [now - timedelta(hours=hours) for hours in (1, 20, 30)]
    calls = [call(number, start) for number, start in enumerate(starts)]
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))
    settings = config(httpserver, "burki")
    del settings["end_date"]

    output, failures = run(
        settings, state=state("burki_calls", "started_at", text(now + 400 * DAY))
    )

    assert failures == []
    assert [record["id"] for record in output.records("burki_calls")] == [1, 0]
    bookmark = datetime.fromisoformat(partition(output, "burki_calls")["replication_key_value"])
    assert now - DAY <= bookmark <= datetime.now(UTC)
    warnings = [record for record in caplog.records if "is later than now" in record.message]
    assert len(warnings) == 1


def test_a_bookmark_later_than_now_is_logged_once_for_all_parts() -> None:
    """The stream and each of its parts would log the same line."""
    now = datetime.now(UTC)
    later = text(now + DAY)
    found: Json = {"replication_key_value": later, "parts": {"one": later, "two": later}}

    assert len(Bookmarks(found, ("one", "two"), now).warnings) == 1


@pytest.mark.parametrize(
    "value", [5, 1.5, True, [], ["2026-01-05"], {"a": 1}, "yesterday", "2026-13-45", "\x00"]
)
def test_a_bookmark_that_is_not_a_time_is_one_error(httpserver: HTTPServer, value: Json) -> None:
    """A state that was edited wrongly stops its own account and stream; the error names both."""
    starts = evenly(3)
    calls = [call(number, start) for number, start in enumerate(starts)]
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))
    settings = config(httpserver, "burki")
    settings["burki"]["accounts"] = [{"account": "one"}, {"account": "two"}]
    given = {
        "bookmarks": {
            "burki_calls": {
                "partitions": [
                    {"context": {"account": "one"}, "replication_key_value": value},
                    {"context": {"account": "two"}},
                ]
            }
        }
    }

    output, failures = run(settings, state=given)

    if value == []:  # an empty value is no bookmark
        assert failures == []
        return
    assert len(failures) == 1
    assert failures[0].startswith("burki (account one), burki_calls: the bookmark in the state")
    assert {record["account"] for record in output.records("burki_calls")} == {"two"}


@pytest.fixture
def asked(httpserver: HTTPServer) -> list[dict[str, str]]:
    """Let a server answer with four days of calls, and return what it is asked."""
    starts = evenly(40, days=4)
    refused = {"ASR"}

    def answer(query: dict[str, str]) -> Json:
        if query["product"] in refused:
            return Response("{}", status=403)
        page = page_of(query, starts, 1000)
        for record in page["records"]:
            record["id"] += query["product"]
        return page

    return serve(httpserver, "vonage", answer)


def settings_of(httpserver: HTTPServer, *products: str, days: float = 4) -> Json:
    """Return a configuration of some products."""
    found = config(httpserver, "vonage", days=days, lookback_hours=1)
    found["vonage"]["products"] = list(products)
    return found


def products_of(asked: list[dict[str, str]]) -> dict[str, set[str]]:
    """Return the starts of the windows that each product was requested for."""
    found: dict[str, set[str]] = {}
    for query in asked:
        found.setdefault(query["product"], set()).add(format_time(parse_time(query["date_start"])))
    return found


def test_a_product_that_is_added_is_read_from_its_start(
    httpserver: HTTPServer, asked: list[dict[str, str]]
) -> None:
    """The past of a product that is added is read; that of the others is not paid for again."""
    first, _ = run(settings_of(httpserver, "VOICE-CALL", days=3))
    before = len(asked)

    second, failures = run(settings_of(httpserver, "VOICE-CALL", "VOICE-TTS"), state=first.state)

    assert failures == []
    records = second.records(STREAM)
    assert len([record for record in records if record["product"] == "VOICE-TTS"]) == 40
    assert min(products_of(asked[before:])["VOICE-CALL"]) == text(START + 3 * DAY - DAY / 24)
    end = text(START + 4 * DAY)
    assert partition(second, STREAM)["parts"] == {"VOICE-CALL": end, "VOICE-TTS": end}

    before = len(asked)
    run(settings_of(httpserver, "VOICE-TTS", "VOICE-CALL"), state=second.state)
    assert {min(since) for since in products_of(asked[before:]).values()} == {
        text(START + 4 * DAY - DAY / 24)
    }


def test_an_interrupted_catch_up_resumes(
    httpserver: HTTPServer, asked: list[dict[str, str]]
) -> None:
    """What was already read of an added product is not paid for again."""
    first, _ = run(settings_of(httpserver, "VOICE-CALL"))
    parts = partition(first, STREAM)["parts"] | {"VOICE-TTS": text(START + 2 * DAY)}
    given = state(STREAM, "start_time", text(START + 2 * DAY), parts=parts)
    before = len(asked)

    output, _ = run(settings_of(httpserver, "VOICE-CALL", "VOICE-TTS"), state=given)

    since = products_of(asked[before:])
    assert min(since["VOICE-TTS"]) == text(START + 2 * DAY - DAY / 24)
    assert min(since["VOICE-CALL"]) == text(START + 4 * DAY - DAY / 24)
    assert partition(output, STREAM)["replication_key_value"] == text(START + 4 * DAY)


def test_a_product_that_was_removed_and_added_resumes(
    httpserver: HTTPServer, asked: list[dict[str, str]]
) -> None:
    """A product that is removed and added again resumes from its own bookmark."""
    both, _ = run(settings_of(httpserver, "VOICE-CALL", "VOICE-TTS", days=2))
    one, _ = run(settings_of(httpserver, "VOICE-CALL"), state=both.state)
    before = len(asked)

    run(settings_of(httpserver, "VOICE-CALL", "VOICE-TTS"), state=one.state)

    assert min(products_of(asked[before:])["VOICE-TTS"]) == text(START + 2 * DAY - DAY / 24)


@pytest.mark.usefixtures("asked")
def test_a_state_without_products_reads_them_all_again(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """An older state does not say which products it covers, and nothing may be lost."""
    given = state(STREAM, "start_time", text(START + 4 * DAY))

    output, _ = run(settings_of(httpserver, "VOICE-CALL", "VOICE-TTS"), state=given)

    assert len(output.records(STREAM)) == 80
    lines = [record for record in caplog.records if "does not say which" in record.message]
    assert len(lines) == 1


@pytest.mark.parametrize("products", [("ASR", "VOICE-CALL"), ("VOICE-CALL", "ASR")])
def test_a_refused_product_does_not_stop_the_others(
    httpserver: HTTPServer, asked: list[dict[str, str]], products: tuple[str, ...]
) -> None:
    """A product that a key may not read is one failure; it does not count as read."""
    output, failures = run(settings_of(httpserver, *products))

    assert len(failures) == 1
    assert failures[0].endswith("(ASR)")
    assert len(output.records(STREAM)) == 40
    assert partition(output, STREAM)["parts"] == {"VOICE-CALL": text(START + 4 * DAY)}
    assert partition(output, STREAM)["replication_key_value"] == text(START)
    assert [query["product"] for query in asked].count("ASR") <= 8


@pytest.mark.parametrize(("provider", "name"), [("vonage", "products"), ("telnyx", "record_types")])
@pytest.mark.parametrize("of_an_account", [True, False])
def test_an_empty_list_of_parts_is_refused(
    httpserver: HTTPServer, provider: str, name: str, *, of_an_account: bool
) -> None:
    """An empty list would read nothing and move the bookmark all the same."""
    settings = config(httpserver, provider)
    if of_an_account:
        settings[provider]["accounts"] = [{"account": "one", name: []}]
    else:
        settings[provider][name] = []

    with pytest.raises(ConfigValidationError, match=name):
        run(settings)


def test_a_bookmark_is_never_ahead_of_what_was_read(httpserver: HTTPServer) -> None:
    """After a run that failed half-way, the next one misses nothing."""
    starts = evenly(60, 60)
    calls = [call(number, start) for number, start in enumerate(starts)]
    is_broken = [True]

    def answer(query: dict[str, str]) -> Json:
        numbers = within(query, starts)
        if is_broken[0] and 30 in numbers:
            return Response("{}", status=403)
        return burki_page(numbers, query, 1000, calls)

    serve(httpserver, "burki", answer)
    settings = config(httpserver, "burki", days=60, lookback_hours=0)
    first, failures = run(settings)
    assert len(failures) == 1
    out = {record["id"] for record in first.records("burki_calls")}
    bookmark = partition(first, "burki_calls")["replication_key_value"]
    assert {number for number in range(60) if text(starts[number]) < bookmark} <= out
    assert bookmark <= text(starts[30])

    is_broken[0] = False
    second, failures = run(settings, state=first.state)

    assert failures == []
    assert out | {record["id"] for record in second.records("burki_calls")} == set(range(60))
