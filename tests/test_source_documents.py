"""Each field that a provider's document lists is a column of its stream, as it is sent.

The names are written down here once more: they are what this connector was made for, and a schema
that lost one would still be a good schema.
"""

from __future__ import annotations

from typing import Any

import pytest
from registry import schema_of

# Vonage, Voice Reports.
VONAGE = """
    account_id application_id conversation_id call_id start_time end_time duration from to cost
    total_cost price total_price direction network status product country
"""
# Voicy, the call object. `account` is sent under that name, which here is the tap's own label.
VOICY_LIST = """
    call_id call_type call_status agent agent.name voicy_account voicy_account.name from_number
    to_number direction start_timestamp duration_ms call_cost call_cost.combined_cost
    call_cost.currency
"""
VOICY_DETAILS = f"""
    {VOICY_LIST}
    transcript transcript[].role transcript[].content transcript[].timestamp_ms
    transcript[].gender transcript[].latency_breakdown
    transcript[].latency_breakdown.vad_delay_ms transcript[].latency_breakdown.stt_finalize_ms
    transcript[].latency_breakdown.llm_startup_ms
    transcript[].latency_breakdown.llm_first_sentence_ms
    transcript[].latency_breakdown.tts_synthesis_ms
    transcript[].latency_breakdown.send_overhead_ms
    transcript[].latency_breakdown.total_perceived_ms
    detected_gender recording_url summary vars_provided vars_extracted
"""
# Telnyx, Voice SDK call reports.
TELNYX = """
    call_id call_report_id user_id organization_id voice_sdk_id voice_sdk_session_id
    voice_sdk_id_decoded user_agent version telnyx_session_id telnyx_leg_id summary stats logs
    flushReason segment stored_at created_at
"""
# Burki, the call object and its costs; `assistant_graph_name` was renamed to `flow_name` since.
BURKI = """
    id call_sid assistant_id assistant_name assistant_graph_name flow_name to_phone_number
    customer_phone_number status duration started_at ended_at call_meta total_cost llm_cost
    tts_cost stt_cost telephony_cost cost_currency
"""
# Ovia, list-call.
OVIA = """
    user_id agent_id type direction from_number to_number phone_number_id id status started_at
    ended_at recording_url transcript duration analysis latency_metrics created_at updated_at
    agent agent.name metadata metadata.rule_id metadata.call_tag metadata.call_id_full
    metadata.sip_trunk_id costs costs.llm costs.stt costs.tts costs.total costs.details
    costs.details.tts_characters costs.details.llm_prompt_tokens
    costs.details.llm_completion_tokens costs.details.stt_audio_duration_seconds
    transcript_objects transcript_objects[].content transcript_objects[].timestamp
"""
DOCUMENTED = {
    "vonage_voice_reports": VONAGE,
    "voicy_calls": VOICY_LIST,
    "voicy_call_details": VOICY_DETAILS,
    "telnyx_call_reports": TELNYX,
    "burki_calls": BURKI,
    "ovia_calls": OVIA,
}
FIELDS = [(stream, path) for stream, names in DOCUMENTED.items() for path in names.split()]


def is_declared(schema: dict[str, Any], path: str) -> bool:
    """Tell whether a schema has a property, "object.field" or "list[].field"."""
    node = schema
    for name in path.split("."):
        properties = node.get("properties", {})
        if (bare := name.removesuffix("[]")) not in properties:
            return False
        node = properties[bare]
        if bare != name:
            node = node["items"]
    return True


@pytest.mark.parametrize(("stream", "path"), FIELDS)
def test_a_documented_field_is_a_column(stream: str, path: str) -> None:
    """A field that a schema lost ends up in `additional_fields`, where no query finds it."""
    assert is_declared(schema_of(stream), path)


def test_an_absent_field_is_seen() -> None:
    """A look-up that found everything would hold no field at all."""
    schema = schema_of("voicy_call_details")
    assert not is_declared(schema, "transcript[].gendre")
    assert not is_declared(schema, "gender")
    assert not is_declared(schema, "agent.name.first")
