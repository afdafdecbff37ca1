"""Ovia: calls of voice agents.

Source: docs.useovia.com/api-reference/endpoint/list-call.
"""

from __future__ import annotations

from typing import Any, ClassVar

from tap_voicecalls.providers.base import Provider
from tap_voicecalls.providers.ovia.calls import CALL_SOURCES, normalize
from tap_voicecalls.providers.ovia.details import costs, recordings, turns
from tap_voicecalls.providers.ovia.streams import OviaCalls

__all__ = ["Ovia", "OviaCalls", "normalize"]


class Ovia(Provider):
    """Ovia."""

    name = "ovia"
    label = "Ovia"
    title = "Ovia"
    base_url = "https://api.useovia.com"
    streams = calls_from = (OviaCalls,)
    turns_from: ClassVar = {OviaCalls: turns}
    costs_from: ClassVar = {OviaCalls: costs}
    recordings_from: ClassVar = {OviaCalls: recordings}
    normalize = staticmethod(normalize)
    call_sources = CALL_SOURCES

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Read the field names that are common for errors: Ovia documents none."""
        match answer:
            case {"error": str(title)} | {"detail": str(title)} | {"message": str(title)}:
                return title
            case _:
                return ""
