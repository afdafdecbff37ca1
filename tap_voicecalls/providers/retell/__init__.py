"""Retell AI: calls of voice agents.

Source: Retell's Python SDK 5.60.0, and docs.retellai.com, API references.
"""

from __future__ import annotations

from typing import Any, ClassVar

from tap_voicecalls.providers.base import Provider
from tap_voicecalls.providers.retell.agents import RetellAgents
from tap_voicecalls.providers.retell.call_details import RetellCallDetails
from tap_voicecalls.providers.retell.call_list import RetellCalls
from tap_voicecalls.providers.retell.calls import CALL_SOURCES, normalize
from tap_voicecalls.providers.retell.costs import costs
from tap_voicecalls.providers.retell.recordings import fresh_link, recordings
from tap_voicecalls.providers.retell.turns import turns

__all__ = ["Retell", "RetellAgents", "RetellCallDetails", "RetellCalls", "normalize"]


class Retell(Provider):
    """Retell AI."""

    name = "retell"
    label = "Retell"
    title = "Retell AI"
    base_url = "https://api.retellai.com"
    streams = (RetellCalls, RetellCallDetails, RetellAgents)
    calls_from = (RetellCallDetails, RetellCalls)
    turns_from: ClassVar = {RetellCallDetails: turns}
    costs_from: ClassVar = dict.fromkeys(calls_from, costs)
    recordings_from: ClassVar = dict.fromkeys(calls_from, recordings)
    fresh_link = staticmethod(fresh_link)
    normalize = staticmethod(normalize)
    call_sources = CALL_SOURCES

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Read ``{"status": "error", "message": "…"}``."""
        match answer:
            case {"message": str(title)} | {"error_message": str(title)}:
                return title
            case _:
                return ""
