"""Fields of Burki, Voicy and Ovia beyond their lists of fields, and the types of lengths."""

from __future__ import annotations

from typing import Any

import pytest
from registry import schema_of

LATENCIES = (
    "vad_delay_ms stt_finalize_ms llm_startup_ms llm_first_sentence_ms tts_synthesis_ms "
    "send_overhead_ms total_perceived_ms"
)
FIRST_FORM = "voicy_account call_cost agent_id end_timestamp disconnection_reason metadata"
# Stream and place in its schema: what stands in no list of fields, but in an SDK, an older page,
# or a sample.
FIELDS = {
    ("burki_calls", ""): "flow_name direction customer_phone twilio_phone telephony_provider "
    "end_reason transferred_to error_message cost cost_breakdown created_at updated_at stream_sid "
    "organization_id welcome_message agenda metadata transcript_count recording_count",
    ("voicy_calls", ""): FIRST_FORM,
    ("voicy_calls", "agent"): "id name version",
    ("voicy_calls", "voicy_account"): "id name",
    ("voicy_call_details", ""): f"{FIRST_FORM} transcript_object vars_collected",
    ("voicy_call_details", "transcript"): "gender latency_breakdown",
    ("voicy_call_details", "transcript_object"): "role content",
    ("ovia_calls", "transcript_objects"): "role",
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
def test_each_known_field_is_declared(stream: str, place: str) -> None:
    """A field that is dropped from the schema is no column any more, and no test would say so."""
    missing = set(FIELDS[stream, place].split()) - properties(stream, place).keys()

    assert missing == set()


@pytest.mark.parametrize(("stream", "place"), NUMBERS)
def test_lengths_are_numbers(stream: str, place: str) -> None:
    """A length declared as whole is put aside when it has a fraction."""
    declared = properties(stream, place)

    for name in NUMBERS[stream, place].split():
        assert declared[name]["type"] == ["number", "null"]
