"""Retell: what the words of `disconnection_reason` say.

Source: Retell's Python SDK 5.60.0, call_list_response.py, and docs.retellai.com,
reliability/debug-call-disconnect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.call import AnsweredBy, EndedBy, EndReason, Status

STATUS_OF: Mapping[str, Status] = {
    "dial_busy": "busy",
    "dial_no_answer": "no_answer",
    **dict.fromkeys(
        (
            "dial_failed",
            "invalid_destination",
            "telephony_provider_permission_denied",
            "telephony_provider_unavailable",
            "sip_routing_error",
            "marked_as_spam",
            "user_declined",
            "concurrency_limit_reached",
            "no_concurrency_fallback",
            "no_valid_payment",
            "scam_detected",
            "error_user_not_joined",
            "registered_call_timeout",
        ),
        "failed",
    ),
}
"""The status of calls that were never connected. Of all others it is that of the call."""

REASONS: Mapping[str, EndReason] = {
    "user_hangup": "caller_hangup",
    "agent_hangup": "agent_hangup",
    "call_transfer": "transferred",
    "transfer_bridged": "transferred",
    "transfer_cancelled": "canceled",
    "call_take_over": "transferred",
    "voicemail_reached": "voicemail",
    "ivr_reached": "ivr",
    "inactivity": "inactivity",
    "max_duration_reached": "max_duration",
    "manual_stopped": "completed",
    "dial_busy": "busy",
    "dial_no_answer": "no_answer",
    "dial_failed": "carrier_error",
    "invalid_destination": "invalid_number",
    "telephony_provider_permission_denied": "blocked",
    "telephony_provider_unavailable": "carrier_error",
    "sip_routing_error": "carrier_error",
    "marked_as_spam": "blocked",
    "scam_detected": "blocked",
    "user_declined": "declined",
    "concurrency_limit_reached": "limit_reached",
    "no_concurrency_fallback": "limit_reached",
    "no_valid_payment": "billing",
    "error_user_not_joined": "no_answer",
    "registered_call_timeout": "no_answer",
    **dict.fromkeys(
        (
            "error_llm_websocket_open",
            "error_llm_websocket_lost_connection",
            "error_llm_websocket_runtime",
            "error_llm_websocket_corrupt_payload",
            "error_no_audio_received",
            "error_asr",
            "error_retell",
            "error_unknown",
        ),
        "agent_error",
    ),
}
"""Why a call ended."""

ENDED_BY: Mapping[str, EndedBy] = {
    "user_hangup": "caller",
    "user_declined": "caller",
    "agent_hangup": "agent",
    "call_transfer": "agent",
    "voicemail_reached": "agent",
    "ivr_reached": "agent",
    **dict.fromkeys(
        (
            *(word for word, reason in REASONS.items() if reason in {"agent_error", "blocked"}),
            "inactivity",
            "max_duration_reached",
            "concurrency_limit_reached",
            "no_concurrency_fallback",
            "no_valid_payment",
            "registered_call_timeout",
        ),
        "system",
    ),
}
"""Who ended it."""

ANSWERED_BY: Mapping[str, AnsweredBy] = {"voicemail_reached": "machine", "ivr_reached": "machine"}
"""Who answered it, where the reason says so."""
