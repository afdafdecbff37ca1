"""The simulator's side of the made-up provider."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from tap_voicecalls.simulator.api import Api, Record, iso
from tap_voicecalls.simulator.call import Profile
from tap_voicecalls.simulator.messages import Incoming, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.simulator.api import Handler
    from tap_voicecalls.simulator.call import Call


class MadeUp(Api):
    """Lists the calls that started in a window."""

    name = "made_up"
    streams = ("made_up_calls",)
    profile = Profile(channels={"phone": 100}, agentless_share=0.0)
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
        query = dict(incoming.query)
        since, until = (datetime.fromisoformat(query[name]) for name in ("from", "to"))
        calls = [call for call in self.calls(self.now()) if since <= call.start < until]
        return Response(200, [self._record(call) for call in calls])

    def _record(self, call: Call) -> Record:
        outcome = "done" if call.answered else "lost"
        return self.as_sent(
            "made_up_calls", {"id": call.key, "started_at": iso(call.start), "outcome": outcome}
        )
