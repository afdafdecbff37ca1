"""The products that are read, and their older names. Source: Vonage Reports API reference."""

from __future__ import annotations

PRODUCTS = (
    "VOICE-CALL",
    "VOICE-FAILED",
    "VOICE-TTS",
    "IN-APP-VOICE",
    "WEBSOCKET-CALL",
    "ASR",
    "AMD",
)
OLDER_NAMES = {"SIP": "VOICE-CALL", "TTS": "VOICE-TTS"}
"""Products by the names that they had in the API's first generation."""


def is_other_product(reported: object, product: str) -> bool:
    """Tell whether an answer is about another product than the one that was asked for.

    What is no name says nothing: the first generation of the API has the number 5 for all.
    """
    if not isinstance(reported, str) or not reported or reported.isdigit():
        return False
    name = reported.upper()
    return OLDER_NAMES.get(name, name) != product
