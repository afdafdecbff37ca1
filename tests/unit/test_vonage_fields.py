"""The fields of Vonage's documents are fields of the stream, each with its type and its mark."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from registry import schema_of
from sent_records import Reader

from tap_voicecalls.providers.vonage import VonageVoiceReports

PROPERTIES: dict[str, Any] = schema_of("vonage_voice_reports")["properties"]
read = Reader(VonageVoiceReports)


@pytest.mark.parametrize(
    "name",
    [
        *("account_id", "application_id", "conversation_id", "call_id", "start_time", "end_time"),
        *("duration", "from", "to", "cost", "total_cost", "price", "total_price", "direction"),
        *("network", "status", "product", "country"),
    ],
)
def test_the_first_field_reference_is_declared(name: str) -> None:
    """A field of the first generation that the schema lacks would be in `additional_fields`."""
    assert name in PROPERTIES


@pytest.mark.parametrize(
    ("name", "sent", "expected"),
    [
        ("premium", "true", True),
        ("premium", False, False),
        ("length", "123", 123),
        ("size", "246", 246),
        ("duration", "12.5", Decimal("12.5")),
        ("asr_type", "standard", "standard"),
        ("amd_beep_detection_result", "false", False),
        ("amd_beep_detection_result", True, True),
        ("amd_detection_result", "machine", "machine"),
        ("amd_result_sent", "human", "human"),
        ("amd_user_defined_beep_timeout", "45", 45),
        ("amd_user_defined_behavior", "hangup", "hangup"),
        ("amd_user_defined_mode", "detect_beep", "detect_beep"),
    ],
)
def test_newer_fields_have_their_types(name: str, sent: object, expected: object) -> None:
    """A field since the first generation is a column of its type, and no undocumented one."""
    record = read(json.dumps({"id": "r-1", "product": "AMD", name: sent}))

    assert getattr(record, name) == expected
    assert record.additional_fields is None


@pytest.mark.parametrize("name", ["from", "to", "forced_from"])
def test_phone_numbers_are_marked_as_personal(name: str) -> None:
    """A number without its mark would be written although personal data is excluded."""
    assert "[personal: phone_number]" in PROPERTIES[name]["description"]


@pytest.mark.parametrize(("name", "unit"), [("length", "characters"), ("size", "bytes")])
def test_descriptions_name_the_units_of_sizes(name: str, unit: str) -> None:
    """A size without a unit cannot be counted."""
    assert unit in PROPERTIES[name]["description"]
