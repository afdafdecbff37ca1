"""Records that differ from the documentation, and what the tap writes for them."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import registry
from queries_in_duckdb import load
from support import END, START, Record, run_tap
from werkzeug import Response

from demo.queries import ask, queries
from tap_voicecalls.common.run import RunError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_httpserver import HTTPServer
    from support import Output
    from werkzeug import Request

    Answers = Callable[[Request], Response]

STARTED = (START + timedelta(hours=5)).isoformat()
BURKI, OVIA, TELNYX = "/api/v1/calls/", "/ovia/api/v1/calls", "/detail_records"
VONAGE = "/v2/reports/records"
EARLIER = "2026-01-05T10:00:00Z"


def run(server: HTTPServer, provider: str, base: str = "", **settings: Any) -> Output:  # noqa: ANN401
    """Read a provider whose responses are scripted."""
    base_url = server.url_for(base).rstrip("/")
    keys = {"api_key": "k", "api_secret": "s"} if provider == "vonage" else {"api_key": "k"}
    account = {**keys, "base_url": base_url, "requests_per_second": 1000, **settings}
    dates = {"start_date": START.isoformat(), "end_date": END.isoformat()}
    return run_tap({**dates, "max_tries": 2, "lookback_hours": 0, provider: account})


def json_of(body: str | bytes) -> Response:
    """Return a response of JSON, or of something close to it."""
    return Response(body, content_type="application/json")


def burki(server: HTTPServer, body: str) -> Output:
    """Read Burki, which sends the same response to every request."""
    server.expect_request(BURKI).respond_with_response(json_of(body))
    return run(server, "burki")


def ovia(server: HTTPServer, calls: list[Record] | str) -> Output:
    """Read Ovia, which has these calls."""
    body = calls if isinstance(calls, str) else json.dumps(calls)
    server.clear()
    server.expect_request(OVIA).respond_with_response(json_of(body))
    return run(server, "ovia", "/ovia")


def ovia_call(**fields: Any) -> Record:  # noqa: ANN401 - a field may hold anything
    """Make a call as Ovia lists it."""
    usual = {"id": "o-1", "type": "phone_call", "direction": "inbound", "status": "completed"}
    numbers = {"from_number": "+12025550101", "to_number": "+12025550110"}
    return {**usual, **numbers, "started_at": STARTED, "ended_at": STARTED, **fields}


@pytest.mark.parametrize(
    ("field", "odd", "kept"),
    [
        ("total_cost", "NaN", "NaN"),
        ("total_cost", "-Infinity", "-Infinity"),
        ("total_cost", "1E400", "1E400"),
        ("total_cost", "-1e-9999999", "-1e-9999999"),
        ("total_cost", "1e999999999999999999999", "1e999999999999999999999"),
        ("duration", "9" * 5000, "9" * 5000),
        ("status", "NaN", "NaN"),
        ("status", "9" * 5000, "9" * 5000),
        ("started_at", "Infinity", "Infinity"),
        ("mood", "NaN", "NaN"),
        ("additional_fields", '{"a": [1, NaN]}', {"a": [1, "NaN"]}),
        ("call_meta", '{"a": [{"b": NaN}], "c": 1}', {"a": [{"b": "NaN"}], "c": 1}),
        ("call_meta", '{"a": 1E400}', {"a": "1E400"}),
        ("call_meta", '{"a": %s}' % ("9" * 5000), {"a": "9" * 5000}),
    ],
)
def test_a_value_that_cannot_be_converted_is_kept_in_additional_fields(
    httpserver: HTTPServer,
    caplog: pytest.LogCaptureFixture,
    field: str,
    odd: str,
    kept: object,
) -> None:
    """One malformed number in one record does not stop the account, and its text is kept."""
    others = {"id": 7, "started_at": STARTED, "status": "completed"}
    fields = "".join(f'"{k}": {json.dumps(v)}, ' for k, v in others.items() if k != field)
    second = json.dumps({"id": 8, "started_at": STARTED, "total_cost": 0.5})
    body = f'{{"items": [{{{fields}"{field}": {odd}}},\n{second}], "total": 2}}'

    with caplog.at_level(logging.WARNING):
        records = {r["id"]: r for r in burki(httpserver, body).records("burki_calls")}

    assert records.keys() == {7, 8}
    assert records[7]["additional_fields"] == {field: kept}
    assert records[8]["additional_fields"] is None
    if field == "call_meta":
        assert "9999" not in str(records[7]["call_meta"])
    elif field in records[7] and field != "additional_fields":
        assert records[7][field] is None
    named = "undeclared fields" if field == "mood" else field
    (line,) = [line for line in caplog.messages if "unreadable values" in line]
    assert "burki_calls" in line
    assert line.endswith(f"{named} (1)")


def test_a_value_that_is_nested_too_deeply_is_kept_as_text(httpserver: HTTPServer) -> None:
    """One record of ten thousand levels does not cost the other records of its page."""
    deep = "[" * 10_000 + "]" * 10_000
    items = f'{{"id": 1, "started_at": "{STARTED}", "call_meta": {{"a": {deep}, "b": 1}}}}'
    body = f'{{"items": [{items}, {{"id": 2, "started_at": "{STARTED}"}}], "total": 2}}'

    first, second = burki(httpserver, body).records("burki_calls")

    assert (first["id"], first["call_meta"]["b"], second["id"]) == (1, 1, 2)
    assert str(first["call_meta"]).count("[") <= 100
    inside: Any = first["additional_fields"]["call_meta"]["a"]
    levels = 0
    while isinstance(inside, list):
        (inside,), levels = inside, levels + 1
    assert "[" * levels + inside + "]" * levels == deep


@pytest.mark.parametrize("odd", ["3", '"text"', "[]", "NaN", "true"])
def test_a_record_that_is_no_object_is_an_error(httpserver: HTTPServer, odd: str) -> None:
    """What is no record in a list of records ends the stream, and is not passed over."""
    with pytest.raises(RunError, match=r"burki.*a record is .*, not an object"):
        burki(httpserver, f'{{"items": [{{"id": 1}}, {odd}], "total": 2}}')


def test_a_record_that_is_null_is_skipped_and_logged(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A null in a list is no record; the log says once how many there were."""
    output = ovia(httpserver, [None, ovia_call(), None])  # type: ignore[list-item]

    assert [record["id"] for record in output.records("ovia_calls")] == ["o-1"]
    assert [line for line in caplog.messages if "null" in line] == [
        "ovia_calls: skipped records that are null: null (2)"
    ]


NOTHING = [
    ("burki", BURKI, '{"items": null, "total": 0}'),
    ("burki", BURKI, '{"total": 0, "skip": 0}'),
    ("voicy", "/call-list", '{"calls": null, "total_count": 0}'),
    ("voicy", "/call-list", '{"total_count": "0"}'),
    ("telnyx", TELNYX, '{"data": null, "meta": {"total_pages": 0, "total_results": 0}}'),
    ("telnyx", TELNYX, '{"meta": {"total_results": 0}}'),
    ("vonage", VONAGE, '{"records": null, "items_count": 0, "request_status": "SUCCESS"}'),
    ("ovia", "/api/v1/calls", "[]"),
]


@pytest.mark.parametrize(("provider", "path", "body"), NOTHING)
@pytest.mark.parametrize("status", [200, 204])
def test_an_empty_list_has_many_forms(
    httpserver: HTTPServer, provider: str, path: str, body: str, status: int
) -> None:
    """A server may send null for an empty list, or no content at all."""
    answer = json_of(body) if status == 200 else Response(status=204)
    httpserver.expect_request(path).respond_with_response(answer)
    reports = {"data": [], "meta": {"total_pages": 0, "total_results": 0}}
    httpserver.expect_request("/voice_sdk_call_reports").respond_with_json(reports)

    output = run(httpserver, provider)

    assert output.of_type("RECORD") == []
    bookmarks = [
        part["replication_key_value"]
        for name, stream in output.state["bookmarks"].items()
        for part in stream.get("partitions", [])
        if name not in registry.WHOLE
    ]
    assert set(bookmarks) == {END.strftime("%Y-%m-%dT%H:%M:%S.000000Z")}


@pytest.mark.parametrize(
    ("provider", "path", "body"),
    [
        ("burki", BURKI, '{"items": null}'),
        ("burki", BURKI, '{"items": null, "total": 3}'),
        ("burki", BURKI, '{"items": {}, "total": 0}'),
        ("burki", BURKI, "null"),
        ("voicy", "/call-list", '{"calls": null, "total_count": 1}'),
        ("ovia", "/api/v1/calls", '{"calls": null}'),
        ("vonage", VONAGE, '{"records": {}, "items_count": 0}'),
    ],
)
def test_a_missing_list_is_an_error(
    httpserver: HTTPServer, provider: str, path: str, body: str
) -> None:
    """A response of another form does not mean that an account has no calls."""
    httpserver.expect_request(path).respond_with_response(json_of(body))

    with pytest.raises(RunError, match="no list of records in"):
        run(httpserver, provider)


def test_an_empty_body_is_an_error(httpserver: HTTPServer) -> None:
    """A 200 without a body is requested again: it is not an empty list."""
    httpserver.expect_request(BURKI).respond_with_response(json_of(b""))

    with pytest.raises(RunError, match="empty body"):
        run(httpserver, "burki", "")


@pytest.mark.parametrize(
    ("transcript", "said"),
    [
        ([{"role": "agent", "content": "hi", "timestamp_ms": 1234.5}], True),
        ([{"role": "agent", "content": [{"type": "text", "text": "hi"}]}], True),
        ("Agent: hi", True),
        (["hi"], True),
        ([["hi"]], True),
        ([{"speaker": "agent", "sentence": "hi"}], True),
        ([{}], False),
        ([None], False),
        ([{"role": "agent", "content": ""}], False),
        ([{"role": "agent", "content": [{"type": "text", "text": " "}]}], False),
        ([], False),
        ("", False),
        (None, False),
    ],
)
def test_a_transcript_has_text(
    httpserver: HTTPServer,
    transcript: object,
    said: bool,  # noqa: FBT001
) -> None:
    """`has_transcript` is true for every form of a transcript, and false for an empty one."""
    call = ovia_call(transcript=None, transcript_objects=transcript)

    output = ovia(httpserver, [call])

    (record,) = output.records("ovia_calls")
    assert [call["has_transcript"] for call in output.records("calls")] == [said]
    kept = (record["additional_fields"] or {}).get("transcript_objects")
    assert transcript in (kept, record["transcript_objects"])


@pytest.mark.parametrize("later", [{"total_cost": "0.008"}, {"status": "done", "price": "1.0"}])
def test_a_call_without_an_id_stays_one_row(httpserver: HTTPServer, later: Record) -> None:
    """Fields that appear or change in a later run do not make a second row."""
    call = {
        "account_id": "k",
        "call_id": "c-1",
        "start_time": EARLIER,
        "from": "12025550101",
        "to": "12025550102",
        "status": "completed",
    }
    other = {**call, "start_time": "2026-01-05T10:00:00.000+00:00", **later}
    keys = []
    for records in ([call], [other]):
        httpserver.clear()
        httpserver.expect_request(VONAGE).respond_with_json({"records": records})
        output = run(httpserver, "vonage", products=["VOICE-CALL"])
        keys.append({record["id"] for record in output.records("vonage_voice_reports")})

    assert len(keys[0]) == 1
    assert keys[0] == keys[1]


def test_two_calls_that_differ_in_their_duration_alone_are_two(httpserver: HTTPServer) -> None:
    """Two withheld callers in one second are two calls; the same record twice is one."""
    first = ovia_call(id=None, from_number="anonymous", duration=10)
    second = {**first, "duration": 20}

    once = ovia(httpserver, [first, second, first]).records("ovia_calls")
    again = ovia(httpserver, [{**first, "costs": {"llm": 1}}, second]).records("ovia_calls")

    assert sorted(record["duration"] for record in once) == [10, 20]
    assert {r["id"]: r["duration"] for r in once} == {r["id"]: r["duration"] for r in again}


def test_records_without_id_and_time_are_kept(httpserver: HTTPServer) -> None:
    """Without an id and a time, the key is made of all fields: no record is lost."""
    sent = [{"from_number": "+12025550101"}, {"from_number": "+12025550102"}]

    records = ovia(httpserver, [*sent, sent[0]]).records("ovia_calls")

    assert sorted(record["from_number"] for record in records) == ["+12025550101", "+12025550102"]


WITHHELD = ["anonymous", "Restricted", "+266696687", "sip:anonymous@anonymous.invalid", "unknown"]
SPELLINGS = ["+12025550101", "tel:+1-202-555-0101", "12025550101", "+1\u00a0202\u00a0555\u00a00101"]


def test_withheld_numbers_are_not_one_caller(httpserver: HTTPServer, tmp_path: Path) -> None:
    """The query finds the one caller of three lines once, and no withheld numbers."""
    lines = ["+12025550110", "+12025550111", "+12025550112"]
    listed = [
        ovia_call(id=f"{index}", from_number=caller, to_number=lines[index % 3])
        for index, caller in enumerate([*SPELLINGS, *WITHHELD * 3])
    ]

    output = ovia(httpserver, listed)

    calls = {call["call_id"]: call for call in output.records("calls")}
    withheld = [calls[str(index)]["from_withheld"] for index in range(len(listed))]
    assert withheld == [False] * len(SPELLINGS) + [True] * len(WITHHELD) * 3
    kept = {record["from_number"] for record in output.records("ovia_calls")}
    assert kept == {*SPELLINGS, *WITHHELD}
    path = tmp_path / "calls.jsonl"
    path.write_text("".join(json.dumps(call, default=str) + "\n" for call in calls.values()))
    query = next(query for query in queries() if "callers_of" in query.name)
    assert [row[:3] for row in ask(load(path), query.sql).rows] == [("+12025550101", 4, 3)]


@pytest.mark.parametrize(
    "zero", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "0000-00-00T00:00:00Z"]
)
def test_the_zero_of_a_calendar_becomes_null(httpserver: HTTPServer, zero: str) -> None:
    """A call that has not ended did not end in the year 1; the value is kept as sent."""
    output = ovia(httpserver, [ovia_call(ended_at=zero)])

    (record,), (call,) = output.records("ovia_calls"), output.records("calls")
    assert (record["ended_at"], call["ended_at"]) == (None, None)
    assert record["additional_fields"] == {"ended_at": zero}


def test_field_names_that_become_equal_are_all_kept(httpserver: HTTPServer) -> None:
    """Characters that targets refuse are replaced, without losing a value."""
    body = json.dumps([ovia_call()])[:-2] + r', "a\ud800": 1, "a\ufffd": 2, "a\udc00": {"b": 3}}]'

    (record,) = ovia(httpserver, body).records("ovia_calls")

    assert record["additional_fields"] == {"a\ufffd": 1, "a\ufffd_2": 2, "a\ufffd_3": {"b": 3}}
