"""The Retell API (source: Retell's Python SDK 5.60.0, and docs.retellai.com).

POST `/v3/list-calls` filters, sorts and pages calls; the last page has a key as well. GET
`/v2/get-call/{id}` adds what was said. Analysis and costs come after the end of a call.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from tap_voicecalls.simulator.api import Api, Record
from tap_voicecalls.simulator.apis.retell.records import (
    agents,
    details,
    has_start,
    item,
    milliseconds,
    status,
)
from tap_voicecalls.simulator.call import Call, Profile
from tap_voicecalls.simulator.messages import Incoming, Response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tap_voicecalls.simulator.api import Handler

_DEFAULT_LIMIT = 50
_LARGEST_LIMIT = 1000
_STATUSES = {"not_connected", "ongoing", "ended", "error"}  # of the filter
_KEY = "after."


class Retell(Api):
    """Simulated Retell API.

    Options: `retell_inclusive` says whether a range includes its ends. With `retell_unstarted`
    calls that failed or were canceled have no start; `retell_unstarted_place` says where they are
    listed: "first", "last" (of the ascending list) or "mixed", by their creation. With
    `retell_filter_shows_unstarted` a filter by start shows them, as if they had one.
    `retell_total_off` is added to the total.
    """

    name = "retell"
    streams = ("retell_calls", "retell_call_details", "retell_agents")
    page_size = _LARGEST_LIMIT
    lists_running = True
    longest_call = timedelta(hours=2)  # `max_call_duration_ms` of an agent
    list_field, total_fields, paging_fields = "items", ("total",), ("pagination_key",)
    cursor_fields: ClassVar = ("pagination_key",)
    next_page_fields: ClassVar[Mapping[str, object]] = {"has_more": True}
    profile = Profile(channels={"phone": 70, "web": 30}, agentless_share=0.0)
    options: ClassVar[Mapping[str, object]] = {
        "retell_inclusive": True,
        "retell_unstarted": False,
        "retell_unstarted_place": "mixed",
        "retell_filter_shows_unstarted": False,
        "retell_total_off": 0,
    }
    call_fields: ClassVar[Mapping[str, str]] = {
        "call_id": "call_id",
        "provider_status": "call_status",
        "started_at": "started_at",
    }

    def routes(self) -> Mapping[str, Handler]:
        """Return all endpoints."""
        return {
            "POST /v3/list-calls": self._list,
            "GET /v2/get-call/{id}": self._get,
            "POST /v2/list-agents": self._agents,
        }

    def error_body(self, status: int, detail: str) -> object:
        """Return an error body."""
        del status
        return {"status": "error", "message": detail}

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return every call, or agent."""
        del narrow
        now = self.now()
        if stream == "retell_agents":
            return [self.as_sent(stream, one) for one in agents(self.calls(now))]
        return [self._sent(stream, call, now) for call in self.calls(now)]

    def _list(self, incoming: Incoming) -> Response:
        now, query = self.now(), self._query(incoming)
        backwards = query.get("sort_order", "descending") == "descending"
        found = sorted(self._matching(query, now), key=self._position, reverse=backwards)
        names = [f"{_KEY}{call.key}" for call in found]
        key = query.get("pagination_key")
        if key is not None and key not in names:
            raise self.refusal(400, "Invalid pagination_key")
        start = 0 if key is None else names.index(str(key)) + 1
        size = self.page_limit(int(str(query.get("limit", _DEFAULT_LIMIT))))
        page = [] if self.is_emptied(start // size + 1) else found[start : start + size]
        body: Record = {
            "items": [self._sent("retell_calls", call, now) for call in page],
            "has_more": len(found) > start + size,
            "pagination_key": names[min(start + size, len(found)) - 1] if found else None,
        }
        if query.get("include_total") is True:
            body["total"] = self.reported_total(len(found))
        return Response(200, body)

    def _agents(self, incoming: Incoming) -> Response:
        limit, key = incoming.first("limit") or "1000", incoming.first("pagination_key") or "0"
        if not (limit.isdecimal() and key.isdecimal() and 1 <= int(limit) <= _LARGEST_LIMIT):
            raise self.refusal(400, "Invalid limit or pagination_key")
        found, start, size = self.records("retell_agents"), int(key), self.page_limit(int(limit))
        more = start + size < len(found)
        body = {"items": found[start : start + size], "has_more": more}
        return Response(200, body | {"pagination_key": str(start + size)})

    def _query(self, incoming: Incoming) -> Mapping[str, object]:
        query = incoming.body if incoming.body is not None else {}
        if incoming.malformed or not isinstance(query, dict):
            raise self.refusal(400, "The body must be a JSON object")
        limit = query.get("limit", _DEFAULT_LIMIT)
        if not isinstance(limit, int) or not 1 <= limit <= _LARGEST_LIMIT:
            raise self.refusal(400, "Invalid limit")
        if query.get("sort_order", "descending") not in {"ascending", "descending"}:
            raise self.refusal(400, "Invalid sort_order")
        return query

    def _matching(self, query: Mapping[str, object], now: datetime) -> list[Call]:
        criteria = query.get("filter_criteria") or {}
        if not isinstance(criteria, dict):
            raise self.refusal(400, "Invalid filter_criteria")
        found = self.calls(now)
        if (of_start := criteria.get("start_timestamp")) is not None:
            lower, upper = self._range(of_start)
            shows = self.shared.options["retell_filter_shows_unstarted"]
            found = [
                call
                for call in found
                if (shows or self._has_start(call)) and lower <= milliseconds(call.start) < upper
            ]
        if (of_status := criteria.get("call_status")) is not None:
            words = set(self._words(of_status))
            found = [call for call in found if status(call, now) in words]
        return found

    def _range(self, condition: object) -> tuple[int, int]:
        """Return the half-open range of a condition, in Unix milliseconds."""
        match condition:
            case {"type": "range", "op": "bt", "value": [int(lower), int(upper)]}:
                inclusive = bool(self.shared.options["retell_inclusive"])
                return lower + (not inclusive), upper + inclusive
            case _:
                raise self.refusal(400, "Invalid condition of start_timestamp")

    def _words(self, condition: object) -> list[str]:
        match condition:
            case {"type": "enum", "op": "in", "value": list(words)} if set(words) <= _STATUSES:
                return [str(word) for word in words]
            case _:
                raise self.refusal(400, "Invalid condition of call_status")

    def _has_start(self, call: Call) -> bool:
        return has_start(call, unstarted=bool(self.shared.options["retell_unstarted"]))

    def _position(self, call: Call) -> tuple[int, int, str]:
        """Return the position in the ascending list."""
        place = str(self.shared.options["retell_unstarted_place"])
        rank = 0 if self._has_start(call) else {"first": -1, "mixed": 0, "last": 1}[place]
        return rank, milliseconds(call.start), call.key

    def _get(self, incoming: Incoming, key: str) -> Response:
        del incoming
        now = self.now()
        call = self.call(key, now)
        if call is None:
            raise self.refusal(404, "Call not found")
        return Response(200, self._sent("retell_call_details", call, now))

    def _sent(self, stream: str, call: Call, now: datetime) -> Record:
        record = item(call, now, is_started=self._has_start(call))
        if stream == "retell_call_details":
            record |= details(call, now)
        return self.as_sent(stream, record, "call_analysis")
