"""How a call of Vapi ended: by words that name the vendor in their middle."""

from __future__ import annotations

import pytest

from tap_voicecalls.providers.vapi.end_reasons import end_of

AGENT, SYSTEM = ("failed", "agent_error", "system"), "system"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("customer-ended-call", ("completed", "caller_hangup", "caller")),
        ("customer-ended-call-during-transfer", ("completed", "caller_hangup", "caller")),
        ("assistant-ended-call-with-hangup-task", ("completed", "agent_hangup", "agent")),
        ("assistant-forwarded-call", ("completed", "transferred", "agent")),
        ("call.ending.hook-executed-transfer", ("completed", "transferred", SYSTEM)),
        ("silence-timed-out", ("completed", "inactivity", SYSTEM)),
        ("exceeded-max-duration", ("completed", "max_duration", SYSTEM)),
        ("voicemail", ("completed", "voicemail", SYSTEM)),
        ("customer-busy", ("busy", "busy", "unknown")),
        ("customer-did-not-answer", ("no_answer", "no_answer", "unknown")),
        ("manually-canceled", ("canceled", "canceled", "unknown")),
        (
            "call.in-progress.error-providerfault-outbound-sip-408-request-timeout",
            ("no_answer", "no_answer", "unknown"),
        ),
        (
            "call.in-progress.error-providerfault-outbound-sip-503-service-unavailable",
            ("failed", "carrier_error", SYSTEM),
        ),
        # The same error in its older and its newer form, of a vendor that is not known here.
        ("pipeline-error-new-vendor-llm-failed", AGENT),
        ("call.in-progress.error-vapifault-new-vendor-voice-failed", AGENT),
        ("pipeline-error-new-vendor-429-exceeded-quota", ("failed", "limit_reached", SYSTEM)),
        ("pipeline-error-new-vendor-out-of-credits", ("failed", "billing", SYSTEM)),
        (
            "call.start.error-subscription-concurrency-limit-reached",
            ("failed", "limit_reached", SYSTEM),
        ),
        ("call.start.error-subscription-frozen", ("failed", "billing", SYSTEM)),
        ("twilio-failed-to-connect-call", ("failed", "carrier_error", SYSTEM)),
        ("twilio-reported-customer-misdialed", ("failed", "invalid_number", SYSTEM)),
        ("unknown-error", ("failed", "unknown", "unknown")),
        ("a-word-of-next-year", ("unknown", "unknown", "unknown")),
        ("", ("unknown", "unknown", "unknown")),
    ],
)
def test_how_a_call_ended(word: str, expected: tuple[str, str, str]) -> None:
    """A table of all words would miss each new vendor; a pattern that is too wide, the reason."""
    assert tuple(end_of(word)) == expected
