"""Vapi: what the words of `endedReason` say; there are some 600 of them.

Source: Vapi's OpenAPI document at VapiAI/docs eabfa53, and its page calls/call-ended-reason.
"""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tap_voicecalls.calls.call import UNKNOWN

if TYPE_CHECKING:
    from tap_voicecalls.calls.call import EndedBy, EndReason, Status

_REMEMBERED = 2**10


class End(NamedTuple):
    """How a call ended."""

    status: Status
    reason: EndReason
    ended_by: EndedBy


_UNKNOWN = End(UNKNOWN, UNKNOWN, UNKNOWN)
# Patterns of words, the first that fits decides. Vapi names the vendor in the middle of a word, and
# writes the same error as `pipeline-error-…` and as `call.in-progress.error-…`.
_ENDS: tuple[tuple[str, End], ...] = (
    # Nobody was reached.
    ("customer-busy", End("busy", "busy", "unknown")),
    ("*sip-486-*", End("busy", "busy", "unknown")),
    ("customer-did-not-answer", End("no_answer", "no_answer", "unknown")),
    ("*sip-408-*", End("no_answer", "no_answer", "unknown")),
    ("*sip-480-*", End("no_answer", "no_answer", "unknown")),
    ("manually-canceled", End("canceled", "canceled", "unknown")),
    ("scheduled-call-deleted", End("canceled", "canceled", "unknown")),
    ("call-deleted", End("canceled", "canceled", "unknown")),
    ("call.ringing.sip-inbound-caller-hungup-*", End("canceled", "caller_hangup", "caller")),
    # A conversation ended.
    ("assistant-ended-call*", End("completed", "agent_hangup", "agent")),
    ("assistant-said-end-call-phrase", End("completed", "agent_hangup", "agent")),
    ("assistant-forwarded-call", End("completed", "transferred", "agent")),
    ("assistant-request-returned-forwarding-*", End("completed", "transferred", "system")),
    ("customer-ended-call*", End("completed", "caller_hangup", "caller")),
    ("voicemail", End("completed", "voicemail", "system")),
    ("silence-timed-out", End("completed", "inactivity", "system")),
    ("exceeded-max-duration", End("completed", "max_duration", "system")),
    ("vonage-completed", End("completed", "completed", "unknown")),
    ("vonage-disconnected", End("completed", "completed", "unknown")),
    ("call.in-progress.*-completed-call", End("completed", "completed", "unknown")),
    ("call.*.hook-executed-transfer", End("completed", "transferred", "system")),
    ("call.*.hook-executed-*", End("completed", "completed", "system")),
    # The carrier did not connect it.
    ("call.forwarding.operator-busy", End("failed", "busy", "unknown")),
    ("call.forwarding.no-answer", End("failed", "no_answer", "unknown")),
    ("twilio-reported-customer-misdialed", End("failed", "invalid_number", "system")),
    ("vonage-rejected", End("failed", "declined", "unknown")),
    ("customer-did-not-give-microphone-*", End("failed", "declined", "caller")),
    ("*sip-403-*", End("failed", "blocked", "system")),
    ("*sip-404-*", End("failed", "invalid_number", "system")),
    ("*sip-484-*", End("failed", "invalid_number", "system")),
    ("*sip-603-*", End("failed", "declined", "unknown")),
    ("*sip-*", End("failed", "carrier_error", "system")),
    ("*-failed-to-connect*", End("failed", "carrier_error", "system")),
    ("phone-call-provider-*", End("failed", "carrier_error", "system")),
    ("call.start.error-get-transport", End("failed", "carrier_error", "system")),
    # An account's limits and payments.
    ("*-concurrency-limit-reached*", End("failed", "limit_reached", "system")),
    ("*-daily-limit*", End("failed", "limit_reached", "system")),
    ("*-concurrent-requests-*", End("failed", "limit_reached", "system")),
    ("*-rate-limit*", End("failed", "limit_reached", "system")),
    ("*-quota*", End("failed", "limit_reached", "system")),
    ("*-out-of-characters", End("failed", "limit_reached", "system")),
    ("*-subscription-*", End("failed", "billing", "system")),
    ("*-out-of-credits", End("failed", "billing", "system")),
    ("*-insufficent-funds", End("failed", "billing", "system")),
    ("*-requested-payment", End("failed", "billing", "system")),
    ("*-requested-upgrade", End("failed", "billing", "system")),
    ("*-paid-only-*", End("failed", "billing", "system")),
    ("*-fraud-check-failed", End("failed", "blocked", "system")),
    ("*-vapi-number-international", End("failed", "blocked", "system")),
    # The assistant, or what it is made of.
    ("unknown-error", End("failed", UNKNOWN, UNKNOWN)),
    ("pipeline-*", End("failed", "agent_error", "system")),
    ("*error*", End("failed", "agent_error", "system")),
    ("*-failed*", End("failed", "agent_error", "system")),
    ("worker-shutdown", End("failed", "agent_error", "system")),
    ("assistant-request-*", End("failed", "agent_error", "system")),
    ("assistant-not-*", End("failed", "agent_error", "system")),
    ("assistant-join-timed-out", End("failed", "agent_error", "system")),
)
_COMPILED = [(re.compile(translate(pattern)), end) for pattern, end in _ENDS]


@lru_cache(maxsize=_REMEMBERED)
def end_of(word: str) -> End:
    """Return what a word says; three times `unknown` if it is not known."""
    return next((end for pattern, end in _COMPILED if pattern.fullmatch(word)), _UNKNOWN)
