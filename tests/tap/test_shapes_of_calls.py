"""Undocumented forms of calls, and what `calls` makes of them."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import registry
from scripted_calls import Burki, Voicy, ago
from support import Record, run_tap

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

START = ago(hours=5)
SINCE = {"start_date": ago(hours=20).isoformat()}
CUSTOMER, LINE = "+12025550143", "+12025550187"


def ovia(httpserver: HTTPServer, *calls: Record) -> Record:
    """Serve calls as Ovia, and return the configuration."""
    httpserver.expect_request("/api/v1/calls").respond_with_json(list(calls))
    own = {"api_key": "k", "base_url": httpserver.url_for("").rstrip("/")}
    return {"max_tries": 1, **SINCE, "ovia": own}


def ovia_call(**more: object) -> Record:
    """Return a call of Ovia with what it requires and a time."""
    return {
        "user_id": "u-1",
        "agent_id": "a-1",
        "type": "phone_call",
        "direction": "inbound",
        "from_number": CUSTOMER,
        "to_number": LINE,
        "phone_number_id": "p-1",
        "status": "completed",
        "started_at": START.isoformat(),
        "ended_at": (START + timedelta(seconds=30)).isoformat(),
        **more,
    }


def only_call(config: Record) -> Record:
    """Run, and return the one call that comes out."""
    (call,) = run_tap(config).records("calls")
    return call


@pytest.mark.parametrize("sent", ["30250.5", '"30250.5"', "3.02505e4"])
def test_voicys_duration_may_have_a_fraction(httpserver: HTTPServer, sent: str) -> None:
    """A duration with a fraction must not leave the call without a duration and an end."""
    voicy = Voicy(httpserver)
    voicy.add("c-1", START, duration_ms=json.loads(sent))

    call = only_call(voicy.config(**SINCE))

    end = START + timedelta(milliseconds=30250.5)
    assert call["duration_seconds"] == Decimal("30.2505")
    assert call["ended_at"] == end.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.mark.parametrize("sent", [12.5, "12.5"], ids=["number", "text"])
def test_burkis_duration_may_have_a_fraction(httpserver: HTTPServer, sent: object) -> None:
    """Burki sends seconds, as a number or as text."""
    burki = Burki(httpserver)
    burki.add(1, START, duration=sent)

    assert only_call(burki.config(**SINCE))["duration_seconds"] == Decimal("12.5")


@pytest.mark.parametrize("sent", [30.4, "30.4"], ids=["number", "text"])
def test_ovias_duration_may_have_a_fraction(httpserver: HTTPServer, sent: object) -> None:
    """Ovia sends seconds, as a number or as text."""
    call = only_call(ovia(httpserver, ovia_call(id="o-1", duration=sent)))

    assert call["duration_seconds"] == Decimal("30.4")


TURN = {"role": "agent", "content": "Good morning."}
TRANSCRIPTS: dict[str, tuple[dict[str, object], bool]] = {
    "today's": ({"transcript": [{**TURN, "timestamp_ms": 1200}]}, True),
    "role caller": (
        {"transcript": [{"role": "caller", "content": "Hi.", "timestamp_ms": 1}]},
        True,
    ),
    "a fraction": ({"transcript": [{**TURN, "timestamp_ms": 1200.25}]}, True),
    "parts": (
        {"transcript": [{"role": "agent", "content": [{"type": "text", "text": "a"}]}]},
        True,
    ),
    "a text": ({"transcript": "Agent: Good morning."}, True),
    "first form": ({"transcript_object": [TURN]}, True),
    "null": ({"transcript": None}, False),
    "an empty list": ({"transcript": []}, False),
    "an empty turn": ({"transcript": [{}]}, False),
    "empty words": ({"transcript": [{"role": "agent", "content": " "}]}, False),
    "an empty text": ({"transcript": ""}, False),
    "empty parts": ({"transcript": [{"role": "agent", "content": [{"type": "text"}]}]}, False),
}


@pytest.mark.parametrize("shape", TRANSCRIPTS)
def test_voicys_transcripts_of_each_shape(httpserver: HTTPServer, shape: str) -> None:
    """An undocumented form of a transcript counts; an empty turn does not."""
    sent, has_transcript = TRANSCRIPTS[shape]
    voicy = Voicy(httpserver)
    call = voicy.add("c-1", START)
    voicy.gets["c-1"] = (200, {**call, **sent})

    output = run_tap(voicy.config(**SINCE))

    (unified,) = output.records("calls")
    assert unified["has_transcript"] is has_transcript
    (details,) = output.records("voicy_call_details")
    written = json.dumps(details, default=str)
    assert ("Good morning." in written) is ("Good morning." in json.dumps(sent))
    if shape == "a fraction":
        assert details["transcript"][0]["timestamp_ms"] == Decimal("1200.25")


@pytest.mark.parametrize(
    ("sent", "has_transcript"),
    [
        ({"transcript": "Hello."}, True),
        ({"transcript": " "}, False),
        ({"transcript": [{"content": "Hello."}]}, True),
        ({"transcript_objects": [{"content": "Hello.", "timestamp": 12.5}]}, True),
        ({"transcript_objects": "Hello."}, True),
        ({"transcript_objects": [{}]}, False),
        ({"transcript_objects": [{"role": "user", "content": None}]}, False),
    ],
)
def test_ovias_transcripts_of_each_shape(
    httpserver: HTTPServer, sent: dict[str, object], *, has_transcript: bool
) -> None:
    """Ovia's turns may lack a role, and have any kind of time."""
    call = only_call(ovia(httpserver, ovia_call(id="o-1", **sent)))

    assert call["has_transcript"] is has_transcript


def test_voicys_first_form_has_agent_and_end(httpserver: HTTPServer) -> None:
    """Version 1 has the agent's id and the end under other names."""
    voicy = Voicy(httpserver)
    end = START + timedelta(seconds=42.5)
    first = {"agent_id": "a-7", "disconnection_reason": "user_hangup", "metadata": {"a": 1}}
    moment = {"duration_ms": None, "end_timestamp": round(end.timestamp() * 1000)}
    voicy.add("c-1", START, agent=None, **first, **moment)

    output = run_tap(voicy.config(**SINCE))

    (call,) = output.records("calls")
    assert (call["agent_id"], call["duration_seconds"]) == ("a-7", Decimal("42.5"))
    assert call["ended_at"] == end.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert output.records("voicy_calls")[0]["additional_fields"] is None


@pytest.mark.parametrize("word", ["ongoing", "ONGOING", "In_Progress", " ringing ", "in-progress"])
@pytest.mark.parametrize("provider", ["burki", "voicy", "ovia"])
def test_a_running_call_holds_the_bookmark(
    httpserver: HTTPServer, provider: str, word: str
) -> None:
    """A running call whose status is spelled differently must not be taken as final."""
    if provider == "burki":
        burki = Burki(httpserver)
        burki.add(1, START, status=word, ended_at=None)
        config = burki.config(**SINCE)
    elif provider == "voicy":
        voicy = Voicy(httpserver)
        voicy.add("c-1", START, call_status=word, duration_ms=None)
        config = voicy.config(**SINCE)
    else:
        config = ovia(httpserver, ovia_call(id="o-1", status=word, ended_at=None))

    output = run_tap(config)

    assert {call["status"] for call in output.records("calls")} == {"in_progress"}
    bookmarks = output.state["bookmarks"]
    for name in bookmarks.keys() - {*registry.COMMON, *registry.WHOLE}:
        (partition,) = bookmarks[name]["partitions"]
        assert partition["replication_key_value"] == START.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


OUTBOUND, INBOUND, UNKNOWN = (
    ("outbound", LINE, CUSTOMER),
    ("inbound", CUSTOMER, LINE),
    ("unknown", CUSTOMER, LINE),
)
MARKS: dict[str, tuple[dict[str, Any], tuple[str, str, str]]] = {
    "the server's mark": ({"call_meta": {"outbound": True, "agenda": "renewal"}}, OUTBOUND),
    "a mark as text": ({"call_meta": {"outbound": " True"}}, OUTBOUND),
    "a mark of false": ({"call_meta": {"outbound": False}}, INBOUND),
    "no mark": ({"call_meta": {"agenda": "renewal"}}, UNKNOWN),
    "a mark of something else": ({"call_meta": {"outbound": {"to": "x"}}}, UNKNOWN),
    "a mark within": ({"call_meta": {"route": {"outbound": True}}}, UNKNOWN),
    "the user's key": ({"call_meta": {"direction": "outgoing"}}, OUTBOUND),
    "the SDK's field": ({"direction": "outbound"}, OUTBOUND),
    "the field wins": ({"direction": "inbound", "call_meta": {"outbound": True}}, INBOUND),
    "a field of no word": ({"direction": "north", "call_meta": {"outbound": True}}, OUTBOUND),
}


@pytest.mark.parametrize("mark", MARKS)
def test_burkis_outbound_calls(httpserver: HTTPServer, mark: str) -> None:
    """A call that the assistant made must not appear as the customer's, with numbers swapped."""
    sent, (direction, caller, callee) = MARKS[mark]
    burki = Burki(httpserver)
    burki.add(1, START, **sent)

    call = only_call(burki.config(**SINCE))

    assert (call["direction"], call["from_number"], call["to_number"]) == (
        direction,
        caller,
        callee,
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [("pending", "in_progress"), ("transferred", "completed"), ("Transferred", "completed")],
)
def test_burkis_newer_statuses_are_mapped(httpserver: HTTPServer, word: str, status: str) -> None:
    """Statuses of the official SDK are known."""
    burki = Burki(httpserver)
    burki.add(1, START, status=word)

    assert only_call(burki.config(**SINCE))["status"] == status


def test_burkis_alternative_field_names_are_used(httpserver: HTTPServer) -> None:
    """The SDK's names for numbers and cost are columns, and are used if the others are null."""
    burki = Burki(httpserver)
    sdk = {
        "customer_phone": CUSTOMER,
        "twilio_phone": LINE,
        "cost": 0.125,
        "cost_breakdown": {"llm": 0.1},
        "end_reason": "customer hung up",
        "transferred_to": None,
        "error_message": None,
        "telephony_provider": "telnyx",
        "created_at": START.isoformat(),
        "updated_at": START.isoformat(),
    }
    burki.add(1, START, **sdk, customer_phone_number=None, to_phone_number=None)

    output = run_tap(burki.config(**SINCE))

    (call,), (record,) = output.records("calls"), output.records("burki_calls")
    assert (call["from_number"], call["to_number"]) == (CUSTOMER, LINE)
    assert (call["cost"], call["channel"]) == (Decimal("0.125"), "phone")
    assert record["additional_fields"] is None
    assert record["end_reason"] == "customer hung up"


def test_an_ovia_call_without_id_keeps_its_key(httpserver: HTTPServer) -> None:
    """Costs that arrive an hour later must not make a new call."""
    before = ovia_call(status="in_progress", ended_at=None)
    costs = {"costs": {"total": 0.25}, "updated_at": ago(hours=1).isoformat(), "duration": 30}
    other = ovia_call(from_number="+12025550144")
    first = run_tap(ovia(httpserver, before, other))
    httpserver.clear()

    second = run_tap(ovia(httpserver, ovia_call(**costs), other), state=first.state)

    keys = [[call["call_id"] for call in run.records("calls")] for run in (first, second)]
    assert len(set(keys[0])) == 2
    assert set(keys[1]) == set(keys[0])
    assert sorted(str(call["cost"]) for call in second.records("calls")) == ["0.25", "None"]


def test_ovia_calls_without_id_and_time_are_kept(httpserver: HTTPServer) -> None:
    """Two calls without id and time differ in some field, and neither is lost."""
    bare = {"status": "failed", "user_id": "u-1"}

    output = run_tap(ovia(httpserver, bare, {**bare, "analysis": "busy line"}))

    assert len({record["id"] for record in output.records("ovia_calls")}) == 2


def test_ovias_naive_times_are_utc(httpserver: HTTPServer) -> None:
    """A time without an offset is UTC; otherwise the call would be in another window."""
    naive = START.strftime("%Y-%m-%dT%H:%M:%S")

    call = only_call(ovia(httpserver, ovia_call(id="o-1", started_at=naive)))

    assert call["started_at"] == f"{naive}.000000Z"


def test_voicy_is_never_sent_a_negative_time(httpserver: HTTPServer) -> None:
    """The documentation has no Unix time below zero."""
    voicy = Voicy(httpserver)

    run_tap(voicy.config(start_date="1970-01-01", end_date="1970-01-02"))

    (query,) = {json.dumps(each) for each in voicy.asked}
    thresholds = json.loads(query)["filter_criteria"]["start_timestamp"]
    assert thresholds == {"lower_threshold": 0, "upper_threshold": 86400001}
