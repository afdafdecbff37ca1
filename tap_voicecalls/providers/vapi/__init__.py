"""Vapi: calls of voice assistants.

Source: Vapi's OpenAPI document at VapiAI/docs eabfa53.
"""

from __future__ import annotations

from typing import Any, ClassVar

from tap_voicecalls.providers.base import Provider
from tap_voicecalls.providers.vapi.calls import CALL_SOURCES, normalize
from tap_voicecalls.providers.vapi.costs import costs
from tap_voicecalls.providers.vapi.streams import VapiCalls
from tap_voicecalls.providers.vapi.turns import recording_path, recordings, turns

__all__ = ["Vapi", "VapiCalls", "normalize"]


class Vapi(Provider):
    """Vapi."""

    name = "vapi"
    label = "Vapi"
    title = "Vapi"
    base_url = "https://api.vapi.ai"
    streams = calls_from = (VapiCalls,)
    turns_from: ClassVar = {VapiCalls: turns}
    costs_from: ClassVar = {VapiCalls: costs}
    recordings_from: ClassVar = {VapiCalls: recordings}
    normalize = staticmethod(normalize)
    recording_path = staticmethod(recording_path)
    call_sources = CALL_SOURCES

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Read ``{"message": "…", "error": "…", "statusCode": n}``."""
        match answer:
            case {"message": str(title)} | {"message": [str(title), *_]} | {"error": str(title)}:
                return title
            case _:
                return ""
