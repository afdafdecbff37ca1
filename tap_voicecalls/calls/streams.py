"""The common streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.call import UNKNOWN, Call
from tap_voicecalls.calls.common_stream import CommonStream
from tap_voicecalls.calls.cost_line import CostLine
from tap_voicecalls.calls.recording import Recording
from tap_voicecalls.calls.turn import Turn
from tap_voicecalls.calls.unmapped import UnmappedWords

if TYPE_CHECKING:
    from singer_sdk import Tap

    from tap_voicecalls.common.run import Run


class Calls(CommonStream[Call]):
    """The calls of all providers."""

    name = "calls"
    primary_keys = ("provider", "account", "call_id")
    replication_key = "started_at"

    def __init__(self, tap: Tap, run: Run) -> None:
        super().__init__(tap, run)
        self._statuses = UnmappedWords("provider_status")
        self._end_reasons = UnmappedWords("provider_end_reason")
        run.at_end.append(self._report_unmapped_words)

    def note_words(self, call: Call) -> None:
        """Count the provider's words that are not mapped; many threads use it."""
        if call.status == UNKNOWN and call.provider_status:
            self._statuses.add(call.provider, call.provider_status)
        if call.end_reason == UNKNOWN and call.provider_end_reason:
            self._end_reasons.add(call.provider, call.provider_end_reason)

    def _report_unmapped_words(self) -> None:
        for kind, words in (("statuses", self._statuses), ("end reasons", self._end_reasons)):
            if warning := words.warning():
                self.logger.warning("calls: unmapped provider %s, %s", kind, warning)


class CallTurns(CommonStream[Turn]):
    """What was said in the calls of all providers, turn by turn."""

    name = "call_turns"
    primary_keys = ("provider", "account", "call_id", "turn")
    replication_key = "call_started_at"


class CallCosts(CommonStream[CostLine]):
    """What the calls of all providers cost, line by line."""

    name = "call_costs"
    primary_keys = ("provider", "account", "call_id", "line")
    replication_key = "call_started_at"


class CallRecordings(CommonStream[Recording]):
    """The recordings of the calls of all providers, and where each was archived."""

    name = "call_recordings"
    primary_keys = ("provider", "account", "call_id", "recording")
    replication_key = "call_started_at"


COMMON_STREAMS: tuple[type[CommonStream[Any]], ...] = (Calls, CallTurns, CallCosts, CallRecordings)
"""All of them, in the order in which they are written."""
