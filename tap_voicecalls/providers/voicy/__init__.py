"""Voicy: calls of voice agents.

Source: docs.voicy.co, API reference of call-list and call-get.
"""

from __future__ import annotations

from typing import Any, ClassVar

from tap_voicecalls.providers.base import Provider
from tap_voicecalls.providers.voicy.agents import VoicyAgents
from tap_voicecalls.providers.voicy.call_details import VoicyCallDetails
from tap_voicecalls.providers.voicy.call_list import VoicyCalls
from tap_voicecalls.providers.voicy.calls import CALL_SOURCES, costs, normalize, recordings
from tap_voicecalls.providers.voicy.turns import turns

__all__ = ["Voicy", "VoicyCallDetails", "VoicyCalls", "normalize"]


class Voicy(Provider):
    """Voicy."""

    name = "voicy"
    label = "Voicy"
    title = "Voicy"
    base_url = "https://api.voicy.co/functions/v1"
    requests_per_second = 1
    streams = (VoicyCalls, VoicyCallDetails, VoicyAgents)
    calls_from = (VoicyCallDetails, VoicyCalls)
    turns_from: ClassVar = {VoicyCallDetails: turns}
    costs_from: ClassVar = dict.fromkeys(calls_from, costs)
    recordings_from: ClassVar = {VoicyCallDetails: recordings}
    normalize = staticmethod(normalize)
    call_sources = CALL_SOURCES

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Read ``{"error": "…"}`` or ``{"status": "error", "message": "…"}``."""
        match answer:
            case {"error": str(title)} | {"message": str(title)}:
                return title
            case _:
                return ""
