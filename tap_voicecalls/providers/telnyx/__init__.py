"""Telnyx: call reports of its Voice SDK, call detail records, recordings, AI conversations.

Source: developers.telnyx.com/api-reference/voice-sdk-stats and /detail-records.
"""

from __future__ import annotations

from typing import Any, ClassVar

from singer_sdk import typing as th

from tap_voicecalls.providers.base import Provider
from tap_voicecalls.providers.telnyx.assistants import TelnyxAiAssistants
from tap_voicecalls.providers.telnyx.call_reports import TelnyxCallReports
from tap_voicecalls.providers.telnyx.calls import CALL_SOURCES, costs, normalize
from tap_voicecalls.providers.telnyx.conversation_details import TelnyxAiInsights, TelnyxAiMessages
from tap_voicecalls.providers.telnyx.conversations import TelnyxAiConversations
from tap_voicecalls.providers.telnyx.detail_records import TelnyxDetailRecords
from tap_voicecalls.providers.telnyx.recordings import TelnyxRecordings, fresh_link, recordings
from tap_voicecalls.providers.telnyx.turns import turns

__all__ = ["Telnyx", "TelnyxCallReports", "TelnyxDetailRecords", "normalize"]


class Telnyx(Provider):
    """Telnyx."""

    name = "telnyx"
    label = "Telnyx"
    title = "Telnyx"
    base_url = "https://api.telnyx.com/v2"
    streams = (
        TelnyxCallReports,
        TelnyxDetailRecords,
        TelnyxRecordings,
        TelnyxAiConversations,
        TelnyxAiMessages,
        TelnyxAiInsights,
        TelnyxAiAssistants,
    )
    calls_from = (TelnyxDetailRecords,)
    turns_from: ClassVar = {TelnyxAiMessages: turns}
    costs_from: ClassVar = {TelnyxDetailRecords: costs}
    recordings_from: ClassVar = {TelnyxRecordings: recordings}
    fresh_link = staticmethod(fresh_link)
    normalize = staticmethod(normalize)
    call_sources = CALL_SOURCES
    id_settings = ("call_ids",)
    settings = (
        th.Property(
            "call_ids",
            th.ArrayType(th.StringType(min_length=1)),
            default=[],
            description="Calls whose reports are fetched by id in each run, beside the list.",
        ),
        th.Property(
            "record_types",
            th.CustomType(
                {"type": ["array"], "items": {"type": ["string"], "minLength": 1}, "minItems": 1}
            ),
            default=["webrtc"],
            description="The types of call detail records to read, such as webrtc, sip-trunking, "
            "call-control or ai-voice-assistant. The cost of a call is the sum of its records "
            "of these types.",
        ),
    )

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Read ``{"errors": [{"code", "title", …}]}``."""
        match answer:
            case {"errors": [{"code": code, "title": str(title)}, *_]}:
                return f"{code} {title}"
            case _:
                return ""
