"""ElevenLabs' details in shapes that the simulated API does not send."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support import Output, catalog_of, run_tap
from werkzeug import Request, Response

from tap_voicecalls.records.secrets import REMOVED

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

DETAILS = "elevenlabs_conversation_details"
PATH = "/v1/convai/conversations"
PLANTED = "s3cr3t-of-a-variable"
COMMON = {"conversation_id": "c1", "agent_id": "a1", "status": "done"}
START = 1767574800  # 2026-01-05T01:00:00Z


def run_one(httpserver: HTTPServer, turn: dict[str, Any], seconds: int = 60) -> Output:
    """Read one conversation with one turn."""
    told = {"start_time_unix_secs": START, "call_duration_secs": seconds}
    listed = {"conversations": [COMMON | told], "has_more": False, "next_cursor": None}
    details = COMMON | {"metadata": told, "transcript": [turn], "has_audio": False}
    httpserver.expect_request(PATH).respond_with_json(listed)
    httpserver.expect_request(f"{PATH}/c1").respond_with_json(details)
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}
    config = {"start_date": "2026-01-05", "end_date": "2026-01-06", "elevenlabs": own}
    return run_tap(config, catalog=catalog_of(config, elevenlabs_conversation_details=True))


def test_a_changed_secret_variable_is_removed(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The name of the variable is a value, so no name of a field says that it is a secret.

    Source: DynamicVariableUpdateCommonModel of the published OpenAPI.
    """
    values = {"old_value": PLANTED, "new_value": PLANTED}
    updates = [{"variable_name": name} | values for name in ("secret__crm", "SECRET__x")]
    plain = {"variable_name": "city", "old_value": None, "new_value": "Springfield"}
    result = {"tool_name": "t", "dynamic_variable_updates": [*updates, plain]}

    output = run_one(httpserver, {"role": "agent", "message": "a", "tool_results": [result]})

    assert PLANTED not in json.dumps(output.messages, default=str) + caplog.text
    (record,) = output.records(DETAILS)
    (sent,) = record["transcript"][0]["tool_results"]
    assert sent["dynamic_variable_updates"][0]["new_value"] == REMOVED
    assert sent["dynamic_variable_updates"][2] == plain


@pytest.mark.parametrize("kind", [[], {}, ["a"], 1, None])
def test_an_odd_kind_of_result_is_no_exception(httpserver: HTTPServer, kind: object) -> None:
    """One record would stop the stream in each run."""
    result = {"result_type": kind, "transfer_number": "+12125550101"}
    turn = {"role": "agent", "message": "a", "tool_results": [{"result": result}]}

    (call,) = run_one(httpserver, turn).records("calls")

    assert call["transferred_to"] is None


def test_an_endless_call_is_no_exception(httpserver: HTTPServer) -> None:
    """One record would stop the stream in each run."""
    output = run_one(httpserver, {"role": "agent", "message": "a"}, seconds=10**15)

    assert len(output.records(DETAILS)) == 1


@pytest.mark.parametrize("message", [None, ""])
def test_several_voices_are_a_transcript(httpserver: HTTPServer, message: str | None) -> None:
    """Their words stand beside an empty message."""
    parts = [{"text": "Hello", "voice_label": "a"}, {"text": "there", "voice_label": "b"}]
    turn = {"role": "agent", "message": message, "multivoice_message": {"parts": parts}}

    output = run_one(httpserver, turn)

    assert [turn["text"] for turn in output.records("call_turns")] == ["Hello there"]
    assert output.records("calls")[0]["has_transcript"] is True


def test_spaces_do_not_hide_several_voices(httpserver: HTTPServer) -> None:
    """A message of spaces is no words."""
    parts = [{"text": "Hello", "voice_label": "a"}, {"text": "there", "voice_label": "b"}]
    turn = {"role": "agent", "message": " \n", "multivoice_message": {"parts": parts}}

    output = run_one(httpserver, turn)

    assert [turn["text"] for turn in output.records("call_turns")] == ["Hello there"]


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ({}, "+12125550101"),
        ({"is_error": False, "tool_has_been_called": True}, "+12125550101"),
        ({"is_error": True}, None),
        ({"is_blocked": True}, None),
        ({"tool_has_been_called": False}, None),
    ],
)
def test_a_transfer_that_failed_is_no_transfer(
    httpserver: HTTPServer, told: dict[str, bool], number: str | None
) -> None:
    """The caller stayed with the agent, whatever the type of the result says."""
    result = {"result_type": "transfer_to_number_sip_success", "transfer_number": "+12125550101"}
    turn = {"role": "agent", "message": "a", "tool_results": [{"result": result} | told]}

    (call,) = run_one(httpserver, turn).records("calls")

    assert call["transferred_to"] == number
    assert call["end_reason"] == ("transferred" if number else "unknown")


@pytest.mark.parametrize("late", ["cost_fiat", "call_duration_secs"])
def test_what_comes_hours_after_the_end_is_read(httpserver: HTTPServer, late: str) -> None:
    """The list does not show that a cost was added; a day later the details are final anyway."""
    now = datetime.now(UTC)
    told = {"start_time_unix_secs": int(now.timestamp()) - 3 * 3600, "call_duration_secs": 60}
    one = COMMON | {"conversation_initiation_source": "twilio"}
    metadata: dict[str, Any] = told | {"cost_fiat": 0.25, late: None}
    details = one | {"metadata": metadata, "transcript": []}
    asked = list[str]()

    def answer(request: Request) -> Response:
        asked.append(request.path)
        return Response(json.dumps(details), content_type="application/json")

    listed = {"conversations": [one | told], "has_more": False, "next_cursor": None}
    httpserver.expect_request(PATH).respond_with_json(listed)
    httpserver.expect_request(f"{PATH}/c1").respond_with_handler(answer)
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}
    config = {"start_date": (now - timedelta(hours=6)).isoformat(), "elevenlabs": own}
    catalog = catalog_of(config, elevenlabs_conversation_details=True)

    first = run_tap(config, catalog=catalog)
    metadata |= {"cost_fiat": 0.25, "call_duration_secs": 60}
    again = run_tap(config, catalog=catalog, state=first.state)
    run_tap(config, catalog=catalog, state=again.state)

    (call,) = again.records("calls")
    assert (call["cost"], call["duration_seconds"]) == (Decimal("0.25"), 60)
    assert len(asked) == 2


def test_a_cost_that_never_comes_is_not_waited_for(httpserver: HTTPServer) -> None:
    """Each request for it would tell nothing new, for good."""
    output = run_one(httpserver, {"role": "agent", "message": "a"})
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}
    config = {"start_date": "2026-01-05", "end_date": "2026-01-06", "elevenlabs": own}
    before = len(httpserver.log)

    catalog = catalog_of(config, elevenlabs_conversation_details=True)
    run_tap(config, catalog=catalog, state=output.state)

    paths = [request.path for request, _ in httpserver.log[before:]]
    assert paths
    assert f"{PATH}/c1" not in paths


@pytest.mark.parametrize("as_decimal", [False, True])
def test_seconds_with_a_fraction_are_a_time(httpserver: HTTPServer, *, as_decimal: bool) -> None:
    """Catches a conversation without a start, out of the order, the windows and the lookback.

    The start is documented in whole seconds.
    """
    told = {"start_time_unix_secs": START + 0.25, "call_duration_secs": 60.5}
    listed = {"conversations": [COMMON | told], "has_more": False, "next_cursor": None}
    details = COMMON | {"metadata": told, "transcript": [{"role": "agent", "message": "a"}]}
    httpserver.expect_request(PATH).respond_with_json(listed)
    httpserver.expect_request(f"{PATH}/c1").respond_with_json(details)
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}
    config: dict[str, Any] = {"use_singer_decimal": as_decimal, "elevenlabs": own}
    config |= {"start_date": "2026-01-05", "end_date": "2026-01-06"}

    output = run_tap(config, catalog=catalog_of(config, elevenlabs_conversation_details=True))

    for record in (*output.records(DETAILS), *output.records("elevenlabs_conversations")):
        assert record["started_at"] == "2026-01-05T01:00:00.250000Z"
        assert record["additional_fields"] is None
    (call,) = output.records("calls")
    assert call["started_at"] == "2026-01-05T01:00:00.250000Z"
    assert call["ended_at"] == "2026-01-05T01:01:00.750000Z"
    assert Decimal(call["duration_seconds"]) == Decimal("60.5")


@pytest.mark.parametrize(
    ("charging", "parts"),
    [
        ({"llm_price": 0.03}, {"llm": "0.03"}),
        ({"llm_price": 0.03, "platform_price": 0.1}, {"llm": "0.03", "platform": "0.1"}),
        ({}, {}),
    ],
)
def test_prices_of_parts_without_a_cost(
    httpserver: HTTPServer, charging: dict[str, float], parts: dict[str, str]
) -> None:
    """Catches prices that no common stream shows, and a sum of some that passes for the cost.

    `cost_fiat` is null for older conversations.
    """
    told = {"start_time_unix_secs": START, "call_duration_secs": 60, "cost_fiat": None}
    listed = {"conversations": [COMMON | told], "has_more": False, "next_cursor": None}
    details = COMMON | {"metadata": told | {"charging": charging}, "transcript": []}
    httpserver.expect_request(PATH).respond_with_json(listed)
    httpserver.expect_request(f"{PATH}/c1").respond_with_json(details)
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}
    config = {"start_date": "2026-01-05", "end_date": "2026-01-06", "elevenlabs": own}

    output = run_tap(config, catalog=catalog_of(config, elevenlabs_conversation_details=True))

    lines = {line["component"]: str(line["amount"]) for line in output.records("call_costs")}
    assert lines == parts
    (call,) = output.records("calls")
    assert call["cost"] is None
    assert call["cost_llm"] == (Decimal(parts["llm"]) if parts else None)
    currencies = {one["currency"] for one in (call, *output.records("call_costs"))}
    assert currencies == {"USD" if parts else None}


def test_a_deletion_between_pages_by_position_hides_no_conversation(httpserver: HTTPServer) -> None:
    """Catches a conversation that moves to a page that was read: no count would miss it."""
    source = {"conversation_initiation_source": "twilio", "call_duration_secs": 60}
    rows = [
        COMMON | source | {"conversation_id": f"c{number}", "start_time_unix_secs": START - number}
        for number in range(-30, 0)
    ]
    asked = list[str]()

    def answer(request: Request) -> Response:
        asked.append(cursor := request.args.get("cursor", "0"))
        at = int(cursor)
        if at and len(rows) == 30:
            del rows[0]
        body: dict[str, Any] = {"conversations": rows[at : at + 10]}
        body["next_cursor"] = str(at + 10)
        body["has_more"] = len(rows) > at + 10
        return Response(json.dumps(body), content_type="application/json")

    httpserver.expect_request(PATH).respond_with_handler(answer)
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}
    config = {"start_date": "2026-01-05", "end_date": "2026-01-06", "elevenlabs": own}

    found = {
        record["conversation_id"] for record in run_tap(config).records("elevenlabs_conversations")
    }

    assert found >= {f"c{number}" for number in range(-29, 0)}
    assert len(asked) <= 9


@pytest.mark.parametrize(("status", "seconds"), [("done", 60), ("processing", None)])
def test_details_without_metadata(httpserver: HTTPServer, status: str, seconds: int | None) -> None:
    """Catches a call and turns without the start that the list has."""
    told = {"start_time_unix_secs": START, "call_duration_secs": 60}
    listed = {"conversations": [COMMON | told], "has_more": False, "next_cursor": None}
    turn = {"role": "agent", "message": "a"}
    details = COMMON | {"status": status, "metadata": None, "transcript": [turn]}
    httpserver.expect_request(PATH).respond_with_json(listed)
    httpserver.expect_request(f"{PATH}/c1").respond_with_json(details)
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}
    config = {"start_date": "2026-01-05", "end_date": "2026-01-06", "elevenlabs": own}

    output = run_tap(config, catalog=catalog_of(config, elevenlabs_conversation_details=True))

    (call,), (said,) = output.records("calls"), output.records("call_turns")
    assert call["started_at"] == said["call_started_at"] == "2026-01-05T01:00:00.000000Z"
    assert call["duration_seconds"] == seconds
