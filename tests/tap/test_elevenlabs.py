"""ElevenLabs' conversations: ties in a second, cursors, text chats, credits, secrets."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support import START, catalog_of, configuration, run_tap, simulator
from werkzeug import Request, Response

from tap_voicecalls.common.run import RunError
from tap_voicecalls.providers.elevenlabs import ElevenLabs
from tap_voicecalls.records.secrets import REMOVED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_httpserver import HTTPServer

    from tap_voicecalls.simulator import Simulator

STREAM, DETAILS = "elevenlabs_conversations", "elevenlabs_conversation_details"
# The Python SDK, conversational_ai/conversations/raw_client.py.
ALLOWED = {
    "call_start_after_unix",
    "call_start_before_unix",
    "cursor",
    "page_size",
    "summary_mode",
    "text_only",
}
PLANTED = "s3cr3t-of-a-tool"


@pytest.fixture
def served() -> Iterator[Simulator]:
    """Simulate all providers."""
    with simulator() as made:
        yield made


def ids(records: list[dict[str, Any]]) -> Counter[str]:
    """Count the ids of conversations."""
    return Counter(str(record["conversation_id"]) for record in records)


def with_details(config: dict[str, Any], state: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - Output
    """Read the details as well."""
    catalog = catalog_of(config, elevenlabs_conversation_details=True)
    return run_tap(config, catalog=catalog, state=state)


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("page_size", [7, 100])
def test_fifty_ties_in_a_second_come_once(
    served: Simulator, page_size: int, *, inclusive: bool
) -> None:
    """Whether the filter includes its ends is not documented; windows end at such a second."""
    served.options["elevenlabs_inclusive"] = inclusive
    served.page_sizes["elevenlabs"] = page_size
    for number in range(50):
        edge = START + timedelta(days=1, milliseconds=number)
        served.world.add("elevenlabs", start=edge)
        served.world.add("elevenlabs", start=START + timedelta(hours=5, milliseconds=number))

    output = run_tap(configuration(served, "elevenlabs"))

    assert ids(output.records(STREAM)) == ids(served.records(STREAM))
    queries = [dict(request.query) for request in served.requests]
    assert {name for query in queries for name in query} <= ALLOWED
    assert all("call_start_after_unix" in query for query in queries if "cursor" in query)


def test_a_conversation_in_processing_is_read_again(served: Simulator) -> None:
    """It has ended, but its cost and its transcript come a minute later."""
    served.now = datetime.now(UTC)
    start = served.now - timedelta(seconds=90)
    served.world.add("elevenlabs", start=start, duration=60, outcome="completed")
    since = (served.now - timedelta(days=2)).isoformat()
    config = configuration(served, "elevenlabs", lookback_hours=0, start_date=since)
    del config["end_date"]
    first = with_details(config)
    processing = {
        record["conversation_id"]
        for record in first.records(DETAILS)
        if record["status"] == "processing"
    }
    assert processing

    served.now += timedelta(hours=2)
    again = with_details(config, first.state)

    final = {r["conversation_id"]: r["status"] for r in again.records(DETAILS)}
    assert {final[one] for one in processing} == {"done"}


def test_details_are_requested_once(served: Simulator) -> None:
    """Each costs a request; text chats, which are no calls, as well."""
    served.options["elevenlabs_text_chats"] = True
    config = configuration(served, "elevenlabs", lookback_hours=240)
    first = with_details(config)
    before = len(served.requests)
    again = with_details(config, first.state)

    assert ids(first.records(DETAILS)) == ids(served.records(DETAILS))
    later = [request.path for request in served.requests[before:]]
    assert later
    assert not any(path.split("/")[-1].startswith("conv_") for path in later)
    assert again.records(DETAILS) == []


def test_text_chats_are_no_calls(served: Simulator) -> None:
    """A chat has no minutes and no numbers; it would spoil each mean of the calls."""
    served.options["elevenlabs_text_chats"] = True

    output = with_details(configuration(served, "elevenlabs"))

    chats = {r["conversation_id"] for r in output.records(DETAILS) if r["metadata"]["text_only"]}
    calls = {call["call_id"] for call in output.records("calls")}
    assert chats
    assert calls == ids(output.records(DETAILS)).keys() - chats
    for stream in ("call_turns", "call_costs", "call_recordings"):
        assert output.records(stream)
        assert not chats & {row["call_id"] for row in output.records(stream)}


def test_a_call_in_all_common_streams(served: Simulator) -> None:
    """Credits are no money, and the parts of a cost add up to it."""
    output = with_details(configuration(served, "elevenlabs"))

    sent: Any = {r["conversation_id"]: r for r in served.records(DETAILS)}
    calls = {call["call_id"]: call for call in output.records("calls")}
    lines: dict[str, list[Any]] = {}
    for line in output.records("call_costs"):
        lines.setdefault(line["call_id"], []).append(line)
    assert lines
    for key, of_call in lines.items():
        told = sent[key]["metadata"]
        total = sum((Decimal(line["amount"]) for line in of_call), Decimal(0))
        assert calls[key]["cost"] == told["cost_fiat"] == total
        platform = {line["component"]: line for line in of_call}["platform"]
        used = told["charging"]["platform_charge"]
        assert (platform["quantity"], platform["unit"]) == (used, "credit")
        phone = told["phone_call"]
        is_twilio = bool(phone and phone["type"] == "twilio")
        assert calls[key]["carrier_call_id"] == (phone["call_sid"] if is_twilio else None)
    key = next(iter(lines))
    turns = [turn for turn in output.records("call_turns") if turn["call_id"] == key]
    assert [turn["role"] for turn in turns[:4]] == ["agent", "tool", "tool", "caller"]
    assert turns[0]["response_seconds"] == Decimal("1.25")
    assert turns[0]["llm_seconds"] == Decimal("0.5")
    assert turns[1]["tool_arguments"] == '{"day": "Tuesday"}'
    assert turns[2]["tool_result"] == "booked"


def test_costs_that_are_told_in_credits_only(served: Simulator) -> None:
    """Older conversations have no cost in money, and none must be made up."""
    served.options["elevenlabs_fiat"] = False

    output = with_details(configuration(served, "elevenlabs"))

    assert {call["cost"] for call in output.records("calls")} == {None}
    assert output.records("call_costs") == []


@pytest.mark.parametrize("name", ["secret__crm", "SECRET__x", "custom_llm_extra_body", "headers"])
def test_secrets_are_removed(
    served: Simulator, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A warehouse has more readers than the key of a tool should have."""

    def plant(_: str, record: dict[str, Any]) -> None:
        record |= {"x": {name: PLANTED}, "conversation_initiation_client_data": {name: [PLANTED]}}
        for turn in record.get("transcript", []):
            turn["tool_calls"] = [{"tool_name": "a", "tool_details": {name: {"k": PLANTED}}}]

    served.on_record(plant)
    output = with_details(configuration(served, "elevenlabs"))

    assert PLANTED not in json.dumps(output.messages, default=str) + caplog.text
    assert output.records(STREAM)[0]["additional_fields"]["x"] == {name: REMOVED}


def test_recordings_are_played_with_the_key(served: Simulator, tmp_path: Path) -> None:
    """They have no link."""
    config = configuration(served, "elevenlabs", recordings={"root": str(tmp_path)})

    output = with_details(config)

    rows = output.records("call_recordings")
    assert rows
    assert {row["status"] for row in rows} == {"archived"}
    assert len(list(tmp_path.rglob("*.mp3"))) == len(rows)


@pytest.mark.parametrize(
    ("status", "detail", "line"),
    [
        (401, {"status": "invalid_api_key", "message": "Invalid"}, "invalid_api_key"),
        (403, {"status": "missing_permissions", "message": "No"}, "missing_permissions"),
        (403, {"code": "missing_permissions", "message": "No"}, "missing_permissions"),
        (
            422,
            [{"loc": ["query", "page_size"], "msg": "+15550100", "type": "int"}],
            "int at query.page_size",
        ),
    ],
)
def test_an_error_is_one_line(
    httpserver: HTTPServer, status: int, detail: object, line: str
) -> None:
    """It names the cause, and quotes no data."""
    httpserver.expect_request("/v1/convai/conversations").respond_with_json(
        {"detail": detail}, status=status
    )
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}

    with pytest.raises(RunError) as failed:
        run_tap({"start_date": "2026-01-05", "end_date": "2026-01-06", "elevenlabs": own})

    (failure,) = failed.value.failures
    assert line in failure
    assert "+1555" not in failure


@pytest.mark.parametrize("field", ["status", "code"])
@pytest.mark.parametrize(
    ("word", "is_too_many"),
    [
        ("too_many_concurrent_requests", True),
        ("concurrent_limit_exceeded", True),
        ("system_busy", False),
    ],
)
def test_which_429_asks_for_fewer_requests(word: str, field: str, *, is_too_many: bool) -> None:
    """Fewer at once help against the limit of the account, and not against an overload."""
    assert ElevenLabs.is_too_many_at_once({"detail": {field: word}}) is is_too_many


@pytest.mark.parametrize("word", ["too_many_concurrent_requests", "system_busy"])
def test_both_kinds_of_429_are_tried_again(httpserver: HTTPServer, word: str) -> None:
    """The limit is on requests in flight, and the server names no pause."""
    asked = list[Request]()

    def answer(request: Request) -> Response:
        asked.append(request)
        if len(asked) == 1:
            body = {"detail": {"status": word, "message": "Too many"}}
            return Response(json.dumps(body), 429, content_type="application/json")
        empty = {"conversations": [], "has_more": False, "next_cursor": None}
        return Response(json.dumps(empty), content_type="application/json")

    httpserver.expect_request("/v1/convai/conversations").respond_with_handler(answer)
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}

    run_tap({"start_date": "2026-01-05", "end_date": "2026-01-06", "elevenlabs": own})

    assert len(asked) == 2
    assert {request.headers["xi-api-key"] for request in asked} == {"KEY"}
