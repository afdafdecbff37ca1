"""The Voicy API (source: Voicy API reference: call-list, call-get, models/call).

POST `/call-list` returns records without details; the last call id of a page leads to the next
page. GET `/call-get/{id}` adds transcript, summary, recording and variables.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, TypeGuard

from tap_voicecalls.simulator.api import Api, Record
from tap_voicecalls.simulator.apis.voicy.records import (
    DIRECTIONS,
    agents,
    details,
    in_undocumented_shape,
    item,
    milliseconds,
    status,
)
from tap_voicecalls.simulator.call import Call, Profile
from tap_voicecalls.simulator.messages import Incoming, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.simulator.api import Handler

_DEFAULT_LIMIT = 50
_LARGEST_LIMIT = 1000
_LAST_MILLISECOND = 253_402_300_799_999
_SIGNED_FOR = timedelta(hours=1)


class Voicy(Api):
    """Simulated Voicy API.

    Options: `voicy_inclusive` says whether the thresholds are inclusive, which is not documented; a
    pair sets the lower and the upper one. `voicy_bare_array` returns lists in an older form.
    `voicy_total_off` is added to the total. With `voicy_odd_transcripts` transcripts have
    undocumented shapes: a text, a list of parts, or an empty turn.
    """

    name = "voicy"
    streams = ("voicy_calls", "voicy_call_details", "voicy_agents")
    base_path = "/functions/v1"
    page_size = _LARGEST_LIMIT
    lists_running = True
    list_field, total_fields, paging_fields = "calls", ("total_count",), ("pagination_key",)
    profile = Profile(channels={"phone": 70, "web": 30}, test_share=0.03)
    options: ClassVar[Mapping[str, object]] = {
        "voicy_inclusive": True,
        "voicy_bare_array": False,
        "voicy_total_off": 0,
        "voicy_odd_transcripts": False,
    }

    def routes(self) -> Mapping[str, Handler]:
        """Return all endpoints."""
        base = self.base_path
        return {
            f"POST {base}/call-list": self._list,
            f"GET {base}/call-get/{{id}}": self._get,
            f"GET {base}/agent-list": self._agents,
        }

    def error_body(self, status: int, detail: str) -> object:
        """Return the error body, the same for every status."""
        del status
        return {"error": detail}

    def rate_limited(self, seconds: float, per_second: float) -> Response:
        """Return a 429 with the limit per minute and the Unix time at which the pause ends."""
        until = math.ceil(time.time() + seconds)
        headers = {"Limit": round(per_second * 60), "Remaining": 0, "Reset": until}
        named = {f"X-RateLimit-{name}": str(value) for name, value in headers.items()}
        return self.answer_429(named, until)

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return list items, details or agents; `include_test_calls` adds test calls."""
        now = self.now()
        if stream == "voicy_agents":
            return [self.as_sent(stream, one) for one in agents(self.calls(now))]
        tests = bool(narrow.get("include_test_calls"))
        calls = [call for call in self.calls(now) if tests or not call.is_test]
        make = self._item if stream == "voicy_calls" else self._details
        return [make(call, now) for call in calls]

    def _list(self, incoming: Incoming) -> Response:
        now = self.now()
        query = incoming.body if incoming.body is not None else {}
        if incoming.malformed or not isinstance(query, dict):
            raise self.refusal(400, "The body must be a JSON object")
        limit = query.get("limit", _DEFAULT_LIMIT)
        if not _whole(limit) or not 1 <= limit <= _LARGEST_LIMIT:
            raise self.refusal(400, f"limit must be an integer from 1 to {_LARGEST_LIMIT}")
        backwards = self._descending(query)
        matching = sorted(self._matching(query, now), key=_position, reverse=backwards)
        after = self._after(query.get("pagination_key"), now)
        rest = [
            call
            for call in matching
            if after is None or (_position(call) < after if backwards else _position(call) > after)
        ]
        size = self.page_limit(limit)
        shown = [] if self.is_emptied((len(matching) - len(rest)) // size + 1) else rest[:size]
        page = [self._item(call, now) for call in shown]
        if self.shared.options["voicy_bare_array"]:
            return Response(200, page)
        return Response(200, {"calls": page, "total_count": self.reported_total(len(matching))})

    def _descending(self, query: Mapping[str, object]) -> bool:
        order = query.get("sort_order", "descending")
        if order not in ("ascending", "descending"):
            raise self.refusal(400, "sort_order must be ascending or descending")
        return order == "descending"

    def _matching(self, query: Mapping[str, object], now: datetime) -> list[Call]:
        criteria = query.get("filter_criteria") or {}
        if not isinstance(criteria, dict):
            raise self.refusal(400, "filter_criteria must be an object")
        lower, upper = self._window(criteria.get("start_timestamp") or {})
        tests = criteria.get("include_test_calls") is True
        is_open = lower is None and upper is None
        # Bounds are whole milliseconds, so starts compare with them like the timestamps of records.
        return [
            call
            for call in self.calls(now, _moment(lower), _moment(upper))
            if tests or not call.is_test
            if call.has_start or is_open
            if self._chosen(criteria, call, now)
        ]

    def _window(self, thresholds: object) -> tuple[int | None, int | None]:
        """Return the half-open window of the thresholds, in Unix milliseconds."""
        if not isinstance(thresholds, dict):
            raise self.refusal(400, "start_timestamp must be an object")
        lower, upper = thresholds.get("lower_threshold"), thresholds.get("upper_threshold")
        if not all(bound is None or (_whole(bound) and bound >= 0) for bound in (lower, upper)):
            raise self.refusal(400, "thresholds must be Unix times in milliseconds")
        inclusive = self.shared.options["voicy_inclusive"]
        ends = inclusive if isinstance(inclusive, tuple) else (inclusive, inclusive)
        return (
            None if lower is None else lower + (not ends[0]),
            None if upper is None else upper + bool(ends[1]),
        )

    def _chosen(self, criteria: Mapping[str, object], call: Call, now: datetime) -> bool:
        actual = {
            "agent_id": call.agent.key if call.agent else None,
            "call_status": status(call, now),
            "direction": DIRECTIONS[call.direction],
        }
        wanted = {name: criteria.get(name) for name in actual}
        return all(
            not values or (isinstance(values, list) and actual[name] in values)
            for name, values in wanted.items()
        )

    def _after(self, key: object, now: datetime) -> tuple[bool, int, str] | None:
        """Return the position of the pagination key, a call that may no longer match."""
        if key is None:
            return None
        call = self.call(str(key), now)
        if call is None:
            raise self.refusal(400, "Unknown pagination_key")
        return _position(call)

    def _get(self, incoming: Incoming, key: str) -> Response:
        del incoming
        now = self.now()
        call = self.call(key, now)
        if call is None:
            raise self.refusal(404, "Call not found")
        return Response(200, self._details(call, now))

    def _agents(self, incoming: Incoming) -> Response:
        del incoming
        return Response(200, self.records("voicy_agents"))

    def _item(self, call: Call, now: datetime) -> Record:
        record = item(call, now, self.fake_credential("account"))
        return self.as_sent("voicy_calls", record, "agent")

    def _details(self, call: Call, now: datetime) -> Record:
        signature = sha256(f"{call.key}{next(self.answers)}".encode()).hexdigest()
        expires = int((now + _SIGNED_FOR).timestamp())
        record = item(call, now, self.fake_credential("account"))
        more = details(call, now, f"expires={expires}&sig={signature}")
        if self.shared.options["voicy_odd_transcripts"]:
            more["transcript"] = in_undocumented_shape(call, more["transcript"])
        return self.as_sent("voicy_call_details", record | more, "agent")


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _position(call: Call) -> tuple[bool, int, str]:
    """Return the position in ascending order; calls without a start come last."""
    return not call.has_start, milliseconds(call.start), call.key


def _moment(unix_milliseconds: int | None) -> datetime | None:
    if unix_milliseconds is None:
        return None
    # A client may send any integer as a bound, but a datetime ends with the year 9999.
    bounded = min(max(unix_milliseconds, 0), _LAST_MILLISECOND)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=bounded)
