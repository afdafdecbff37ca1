"""The simulated Made Up API.

GET `/calls`: the calls that started at `from` or later and before `to`, in pages of `limit`. A page
that is not the last has a `next_cursor`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_voicecalls.simulator.api import Api, Record, iso, parsed
from tap_voicecalls.simulator.call import Profile
from tap_voicecalls.simulator.messages import Incoming, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.simulator.api import Handler
    from tap_voicecalls.simulator.call import Call

_LARGEST_LIMIT = 100
_CURSOR = "after-"


class MadeUp(Api):
    """Simulated Made Up API."""

    name = "made_up"
    streams = ("made_up_calls",)
    profile = Profile(channels={"phone": 100}, agentless_share=0.0)
    page_size = _LARGEST_LIMIT
    list_field, paging_fields, cursor_fields = "calls", ("cursor",), ("next_cursor",)
    call_fields: ClassVar[Mapping[str, str]] = {
        "call_id": "id",
        "started_at": "started_at",
        "provider_status": "outcome",
    }
    call_statuses: ClassVar[Mapping[str, str]] = {"done": "completed", "lost": "failed"}

    def routes(self) -> Mapping[str, Handler]:
        """Return the one endpoint."""
        return {"GET /calls": self._list}

    def error_body(self, status: int, detail: str) -> object:
        """Return an error body."""
        del status
        return {"error": detail}

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return every call."""
        del stream, narrow
        return [self._record(call) for call in self.calls(self.now())]

    def _list(self, incoming: Incoming) -> Response:
        since, until = (parsed(incoming.first(name) or "") for name in ("from", "to"))
        limit, cursor = incoming.first("limit") or "", incoming.first("cursor")
        skipped = (cursor or f"{_CURSOR}0").removeprefix(_CURSOR)
        if not (since and until and limit.isdecimal() and skipped.isdecimal()):
            raise self.refusal(400, "Invalid `from`, `to`, `limit` or `cursor`.")
        size = self.page_limit(min(int(limit), _LARGEST_LIMIT))
        start = int(skipped)
        calls = self.calls(self.now(), since, until)
        page = [] if self.is_emptied(start // size + 1) else calls[start : start + size]
        more = start + size < len(calls)
        following = f"{_CURSOR}{start + size}" if more else None
        body = {"calls": [self._record(call) for call in page], "next_cursor": following}
        return Response(200, body)

    def _record(self, call: Call) -> Record:
        outcome = "done" if call.answered else "lost"
        return self.as_sent(
            "made_up_calls", {"id": call.key, "started_at": iso(call.start), "outcome": outcome}
        )
