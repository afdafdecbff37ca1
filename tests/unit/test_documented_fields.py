"""The fields that the documents of Burki, Voicy and Ovia name, each in its schema."""

from __future__ import annotations

from typing import Any

import pytest
from sent_records import schema_of

LATENCIES = (
    "vad_delay_ms stt_finalize_ms llm_startup_ms llm_first_sentence_ms tts_synthesis_ms "
    "send_overhead_ms total_perceived_ms"
)
VOICY = (
    "call_id call_type call_status agent from_number to_number direction start_timestamp "
    "duration_ms call_cost voicy_account agent_id end_timestamp disconnection_reason metadata"
)
# Stream and place in its schema: the fields by the documents' names. Voicy's `account` has moved.
FIELDS = {
    ("burki_calls", ""): "id call_sid assistant_id assistant_name assistant_graph_name flow_name "
    "to_phone_number customer_phone_number status duration started_at ended_at call_meta "
    "total_cost llm_cost tts_cost stt_cost telephony_cost cost_currency direction customer_phone "
    "twilio_phone telephony_provider end_reason transferred_to error_message cost cost_breakdown "
    "created_at updated_at stream_sid organization_id welcome_message agenda metadata "
    "transcript_count recording_count",
    ("voicy_calls", ""): VOICY,
    ("voicy_calls", "agent"): "id name version",
    ("voicy_calls", "voicy_account"): "id name",
    ("voicy_calls", "call_cost"): "combined_cost currency",
    ("voicy_call_details", ""): f"{VOICY} transcript transcript_object detected_gender "
    "recording_url summary vars_provided vars_extracted vars_collected",
    ("voicy_call_details", "transcript"): "role content timestamp_ms gender latency_breakdown",
    ("voicy_call_details", "transcript.latency_breakdown"): LATENCIES,
    ("voicy_call_details", "transcript_object"): "role content",
    ("ovia_calls", ""): "user_id agent_id type direction from_number to_number phone_number_id id "
    "status started_at ended_at recording_url transcript duration analysis latency_metrics "
    "created_at updated_at agent metadata costs transcript_objects",
    ("ovia_calls", "agent"): "name",
    ("ovia_calls", "metadata"): "rule_id call_tag call_id_full sip_trunk_id",
    ("ovia_calls", "costs"): "llm stt tts total details",
    ("ovia_calls", "costs.details"): "tts_characters llm_prompt_tokens llm_completion_tokens "
    "stt_audio_duration_seconds",
    ("ovia_calls", "transcript_objects"): "content timestamp role",
}
# Lengths and times within a call, which may have a fraction whatever the documents' examples are.
NUMBERS = {
    ("burki_calls", ""): "duration",
    ("ovia_calls", ""): "duration",
    ("voicy_calls", ""): "duration_ms start_timestamp end_timestamp",
    ("voicy_call_details", ""): "duration_ms start_timestamp end_timestamp",
    ("voicy_call_details", "transcript"): "timestamp_ms",
    ("voicy_call_details", "transcript.latency_breakdown"): LATENCIES,
}


def properties(stream: str, place: str) -> dict[str, Any]:
    """Return the properties at a place of a stream's schema."""
    node = schema_of(stream)
    for name in filter(None, place.split(".")):
        node = node["properties"][name]
        node = node.get("items", node)
    found: dict[str, Any] = node["properties"]
    return found


@pytest.mark.parametrize(("stream", "place"), FIELDS)
def test_each_documented_field_is_declared(stream: str, place: str) -> None:
    """A field that is dropped from the schema is no column any more, and no test would say so."""
    missing = set(FIELDS[stream, place].split()) - properties(stream, place).keys()

    assert missing == set()


@pytest.mark.parametrize(("stream", "place"), NUMBERS)
def test_lengths_are_numbers(stream: str, place: str) -> None:
    """A length declared as whole is put aside when it has a fraction."""
    declared = properties(stream, place)

    for name in NUMBERS[stream, place].split():
        assert declared[name]["type"] == ["number", "null"]
