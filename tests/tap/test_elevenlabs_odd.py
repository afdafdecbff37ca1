"""ElevenLabs' details in shapes that the simulated API does not send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support import Output, catalog_of, run_tap

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
