"""Burki: calls of voice assistants.

Source: docs.burki.dev/api-reference, and its openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from tap_voicecalls.providers.base import Provider
from tap_voicecalls.providers.burki.call_details import (
    BurkiCostEntries,
    BurkiMessages,
    BurkiMetrics,
    BurkiRecordings,
    BurkiTranscripts,
)
from tap_voicecalls.providers.burki.calls import CALL_SOURCES, normalize
from tap_voicecalls.providers.burki.costs import costs, entry
from tap_voicecalls.providers.burki.dimensions import (
    BurkiAssistants,
    BurkiFlows,
    BurkiPhoneNumbers,
)
from tap_voicecalls.providers.burki.streams import BurkiCalls
from tap_voicecalls.providers.burki.turns import recordings, turns

if TYPE_CHECKING:
    from tap_voicecalls.calls.recording import Recording

__all__ = ["Burki", "BurkiCalls", "normalize"]


class Burki(Provider):
    """Burki."""

    name = "burki"
    label = "Burki"
    title = "Burki"
    base_url = "https://api.burki.dev"
    streams = (
        BurkiCalls,
        BurkiTranscripts,
        BurkiMessages,
        BurkiRecordings,
        BurkiMetrics,
        BurkiCostEntries,
        BurkiAssistants,
        BurkiFlows,
        BurkiPhoneNumbers,
    )
    calls_from = (BurkiTranscripts, BurkiCalls)
    turns_from: ClassVar = {BurkiTranscripts: turns}
    costs_from: ClassVar = {BurkiCostEntries: entry, BurkiCalls: costs}
    recordings_from: ClassVar = {BurkiRecordings: recordings}
    normalize = staticmethod(normalize)
    call_sources = CALL_SOURCES

    @staticmethod
    def recording_path(recording: Recording) -> str:
        """Return the path that plays a recording: its link may be one that only Burki opens."""
        call_id = quote(str(recording.call_id), safe="")
        number = quote(recording.recording, safe="")
        return f"/api/v1/calls/{call_id}/recording/{number}/play"

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Read ``{"detail": "…"}``, or the list of invalid parameters of a 422."""
        match answer:
            case {"detail": str(detail)}:
                return detail
            case {"detail": [*problems]}:
                return ", ".join(_named(problem) for problem in problems)
            case _:
                return ""


def _named(problem: Any) -> str:  # noqa: ANN401 - JSON is any value
    """Name the parameter and the kind of problem. The message may quote the value."""
    match problem:
        case {"loc": [*path], "type": str(kind)}:
            return ".".join(str(part) for part in path) + f": {kind}"
        case _:
            return ""
