"""Personal data: what the marks of the schemas do, and that no field is without one by mistake."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tap_voicecalls
from tap_voicecalls.calls.phone import e164
from tap_voicecalls.records.conform import Conformer
from tap_voicecalls.records.personal_data import Protection, keyed_hash, mark_of
from tap_voicecalls.records.record_type import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

Node = dict[str, Any]

ROOT = Path(tap_voicecalls.__file__).parent
SCHEMAS = {
    file.stem: json.loads(file.read_text(encoding="utf-8"))
    for file in sorted(ROOT.glob("**/schemas/*.json"))
}
KEY = "0123456789abcdef"
EXPECTED = "006a6eeec1f014b23adc2641bddfedb43b1207c86ffc8ae8aa193af765edd104"

# Fields that hold nothing of people: ids, words of the provider, and names that the user gave to
# agents, lines and settings. A new field belongs here only after somebody has thought about it.
IMPERSONAL = {
    *("account", "account_id", "agent_id", "agent_name", "agent_type", "agent_version"),
    *("allowed_country_codes", "amd_detection_result", "amd_result_sent"),
    *("amd_user_defined_behavior", "amd_user_defined_mode", "application_id", "asr_type"),
    *("assistant_graph_name", "assistant_name", "billing_group_id", "billing_group_name"),
    *("call_control_id", "call_id", "call_id_full", "call_leg_id", "call_report_id"),
    *("call_session_id", "call_sid", "call_status", "call_tag", "call_type", "capabilities"),
    *("carrier", "carrier_call_id", "channel", "conference_id", "connection_id", "connection_name"),
    *("conversation_id", "cost_breakdown", "cost_currency", "country", "country_iso"),
    *("country_name", "currency", "direction", "disconnection_reason", "end_reason"),
    *("assistant_id", "assistant_version_id", "channels", "enabled_features", "external_llm"),
    *("fallback_config", "initiated_by", "insight_settings", "messaging_settings"),
    *("privacy_settings", "source", "telephony_settings", "telnyx_conversation_channel"),
    *("transcription", "version_id", "version_name", "voice_settings"),
    *("account_sid", "answered_by", "api_version", "group_sid", "parent_call_sid"),
    *("phone_number_sid", "price_unit", "sid", "subresource_uris", "trunk_sid", "uri"),
    *("agent_tag", "call_cost", "custom_sip_headers", "data_storage_setting", "twilio_call_sid"),
    *("user_sentiment", "values", "words"),
    *("asr_usage", "authorization_method", "branch_id", "call_successful", "deletion_settings"),
    *("conversation_initiation_source", "environment", "features_usage", "llm_usage", "reason"),
    *("main_language", "overall_label", "platform_usage", "tag_ids", "termination_reason"),
    *("tier", "timezone", "tool_names", "tts_usage", "warnings", "agent_created_from"),
    *("agent_last_updated_from", "conversation_initiation_source_version", "eleven_assistant"),
    *("rag_usage", "voice_id", "conversation_product", "used_static_kb_document_ids"),
    *("accountSid", "analysisType", "assistantId", "assistantName", "assistantVersion"),
    *("callControlId", "callLegId", "callSessionId", "callSid", "callUUID", "campaignId"),
    *("conversationUUID", "customerId", "endedReason", "monitor", "orgId", "phoneCallProvider"),
    *("phoneCallProviderId", "phoneCallTransport", "phoneNumberId", "sbcCallSid", "squadId"),
    *("subType", "twilioAccountSid", "workflowId"),
    *("feature", "file", "flow_name", "flushReason", "format", "fs_channel_id"),
    *("hangup_cause", "hangup_details", "id", "interruption_settings", "language"),
    *("latency_metrics", "leg_direction", "leg_id", "line", "llm_model", "llm_provider"),
    *("llm_provider_config", "media_type", "model", "name", "network", "network_name"),
    *("organization_id", "parent_call_id", "payment_method", "phone_number_id", "product"),
    *("provider", "provider_component", "provider_end_reason", "provider_role"),
    *("provider_status", "provider_turn_id", "rate_measured_in", "record_type", "recording"),
    *("recording_sid", "recording_source", "recording_type", "region", "request_id", "role"),
    *("rule_id", "service_type", "session_id", "sha256", "sip_call_id"),
    *("sip_invite_failure_status", "sip_trunk_id", "speaker", "status", "status_code"),
    *("status_description", "stream", "stream_sid", "stt_settings", "style"),
    *("telephony_provider", "telnyx_call_control_id", "telnyx_leg_id", "telnyx_session_id"),
    *("tool_name", "trace_id", "tts_settings", "tts_type", "twilio_sid", "type"),
    *("usage_type", "user_agent", "user_id", "uuid", "vendor", "version", "voice"),
    *("voice_sdk_id", "voice_sdk_id_decoded", "voice_sdk_session_id", "webhook_url"),
}


def texts(properties: Node) -> Iterator[tuple[str, Node]]:
    """Yield the properties that can hold a text and have no mark, inside objects and arrays too."""
    for name, field in properties.items():
        types = field["type"] if isinstance(field["type"], list) else [field["type"]]
        inner = field.get("properties") or field.get("items", {}).get("properties")
        if mark_of(field) or "enum" in field or field.get("format") == "date-time":
            continue
        if inner:
            yield from texts(inner)
        elif {"string", "object", "array"} & set(types):
            yield name, field


@pytest.mark.parametrize("schema", [pytest.param(each, id=name) for name, each in SCHEMAS.items()])
def test_every_text_has_a_mark_or_holds_nothing_of_people(schema: Node) -> None:
    """A field without a mark is written as it is, whatever the user asked for."""
    unknown = sorted({name for name, _ in texts(schema["properties"])} - IMPERSONAL)

    assert unknown == [], f"mark these fields, or name them in IMPERSONAL: {unknown}"


@pytest.mark.parametrize("schema", [pytest.param(each, id=name) for name, each in SCHEMAS.items()])
def test_keys_hold_nothing_of_people(schema: Node) -> None:
    """A key that is removed leaves one row of all."""
    assert [name for name in schema["required"] if mark_of(schema["properties"][name])] == []


SCHEMA: Node = {
    "properties": {
        "account": {"type": "string"},
        "number": {"type": ["string", "null"], "description": "N. [personal: phone_number]"},
        "numbers": {"type": ["object", "null"], "description": "N. [personal: phone_number]"},
        "said": {"type": ["string", "null"], "description": "S. [personal: transcript]"},
        "agent": {
            "type": ["object", "null"],
            "properties": {
                "name": {"type": ["string", "null"], "description": "Name."},
                "line": {"type": ["string", "null"], "description": "L. [personal: phone_number]"},
            },
        },
        "turns": {
            "type": ["array", "null"],
            "items": {
                "type": ["object"],
                "properties": {
                    "role": {"type": ["string", "null"], "description": "R."},
                    "text": {
                        "type": ["string", "null"],
                        "description": "T. [personal: transcript]",
                    },
                },
            },
        },
        "additional_fields": {
            "type": ["object", "null"],
            "description": "A. [personal: customer_data]",
        },
    }
}
SENT = {
    "number": "+1 (202) 555-0143",
    "numbers": {"a": "+12025550143"},
    "said": "hello",
    "agent": {"name": "Ada", "line": "+12025550199"},
    "turns": [{"role": "agent", "text": "hello", "note": "x"}],
    "new": "hello",
}


def protected(protection: Protection, **changes: object) -> Node:
    """Return a record after its protection."""
    record = Conformer(SCHEMA)(json.dumps(SENT | changes).encode())
    protection(record)
    return dict(json.loads(encode(record)))


def test_drop_removes_all_that_is_marked() -> None:
    """Numbers too, at every depth; the rest stays."""
    found = protected(Protection(SCHEMA, None))

    assert found == {
        "account": None,
        "number": None,
        "numbers": None,
        "said": None,
        "agent": {"name": "Ada", "line": None},
        "turns": [{"role": "agent", "text": None, "note": "x"}],
        "additional_fields": None,
    }


def test_hash_keeps_callers_apart() -> None:
    """Numbers become hashes of their normal form; objects with numbers go."""
    protection = Protection(SCHEMA, keyed_hash(KEY, e164))

    found = protected(protection)

    assert len(found["number"]) == len(found["agent"]["line"]) == 64
    assert found["number"] == protected(protection, number="tel:+12025550143")["number"]
    assert found["number"] != found["agent"]["line"]
    assert (found["numbers"], found["said"], found["additional_fields"]) == (None, None, None)


@pytest.mark.parametrize(
    ("number", "bare"),
    [("+12025550143", False), ("12025550143", True), ("sip:+12025550143@x.example", False)],
)
def test_one_caller_has_one_hash(number: str, bare: object) -> None:
    """Providers write the same number in several ways; a query has to find all calls of it."""
    hashed = keyed_hash(KEY, partial(e164, bare=bool(bare)))

    # As `printf +12025550143 | openssl dgst -sha256 -hmac 0123456789abcdef` writes it.
    assert hashed(number) == EXPECTED


def test_another_key_gives_another_hash() -> None:
    """Who does not have the key cannot try all numbers."""
    assert keyed_hash("x" * 16, e164)("+12025550143") != EXPECTED


@pytest.mark.parametrize("text", ["anonymous", "sip:anonymous@anonymous.invalid", "+266696687"])
def test_withheld_numbers_have_no_hash(text: str) -> None:
    """All who withhold their number would be one caller."""
    assert keyed_hash(KEY, e164)(text) is None
