"""Vonage: the voice products, and their older names. Pure.

Source: Vonage Reports API reference.
"""

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
"""Current names by the names of the API's first generation."""


def is_other_product(reported: object, product: str) -> bool:
    """Return whether a response names another product than the requested one.

    A number is not a name: the first generation of the API has 5 for all products.
    """
    if not isinstance(reported, str) or not reported or reported.isdigit():
        return False
    name = reported.upper()
    return OLDER_NAMES.get(name, name) != product
