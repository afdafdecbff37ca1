"""The Telnyx API: Voice SDK call reports and call detail records.

Sources: Telnyx Voice SDK call reports API reference, and its detail records search. The reports
have pages but no filter; the detail records are filtered by a creation time that they do not show.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, ClassVar, TypeVar
from uuid import UUID

from tap_voicecalls.simulator.api import Api, Record, parsed
from tap_voicecalls.simulator.apis.telnyx.records import (
    Segment,
    created,
    detail,
    report,
    segments,
)
from tap_voicecalls.simulator.call import Call, Profile
from tap_voicecalls.simulator.messages import Incoming, Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tap_voicecalls.simulator.api import Handler

_Entry = TypeVar("_Entry")
_LARGEST_PAGE = 100
_LARGEST_DETAIL_PAGE = 50
_DEFAULT_PAGE = 20
_ASCENDING = {"asc": True, "created_at": True, "desc": False, "-created_at": False}
_RECORD_TYPES = {"webrtc", "sip-trunking", "call-control", "ai-voice-assistant"}
_CODES = {401: "10009", 404: "10005", 400: "10015", 429: "10011"}
_TITLES = {
    401: "Authentication failed",
    404: "Resource not found",
    400: "Bad Request",
    429: "Too many requests",
}


class Telnyx(Api):
    """Simulated Telnyx API.

    Options: `telnyx_stored_lag_ms` is how much later than its creation a report may be stored; with
    more than 0 the order of `stored_at` is not quite that of the pages. `telnyx_total_off` is added
    to the total of both lists, from which their number of pages follows.
    """

    name = "telnyx"
    streams = ("telnyx_call_reports", "telnyx_detail_records")
    base_path = "/v2"
    page_size = _LARGEST_PAGE
    list_field, paging_fields = "data", ("page[number]",)
    total_fields = ("meta.total_results", "meta.total_pages")
    profile = Profile(channels={"phone": 85, "web": 15})
    options: ClassVar[Mapping[str, object]] = {
        "telnyx_stored_lag_ms": 0,
        "telnyx_total_off": 0,
    }

    def routes(self) -> Mapping[str, Handler]:
        """Return the three endpoints."""
        return {
            "GET /v2/voice_sdk_call_reports": self._reports,
            "GET /v2/voice_sdk_call_reports/{id}": self._reports_of_call,
            "GET /v2/detail_records": self._details,
        }

    def problem(self, status: int, detail: str) -> object:
        """Return Telnyx's list of errors, with one."""
        error = {"code": _CODES.get(status, "10000"), "title": _TITLES.get(status, "Error")}
        return {"errors": [error | {"detail": detail}]}

    def too_many(self, seconds: float, per_second: float) -> Response:
        """Return a 429 with the limit and the seconds that are left of the wait."""
        limit = max(1, round(per_second))
        headers = {"limit": str(limit), "remaining": "0", "reset": f"{seconds:g}"}
        named = {f"x-ratelimit-{name}": value for name, value in headers.items()}
        return self.limited(named, time.time() + seconds)

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return all reports in ascending order of creation, or all detail records."""
        del narrow
        now = self.now()
        if stream == "telnyx_call_reports":
            return [self._report(segment) for segment in self._stored(now)]
        return [self._detail(call, now) for _, call in self._recorded(now)]

    def _reports(self, incoming: Incoming) -> Response:
        now, ascending = self.now(), self._ascending(incoming)
        found = self._stored(now)
        page, meta = self._page(incoming, found if ascending else found[::-1], _LARGEST_PAGE)
        return Response(200, {"data": [self._report(segment) for segment in page], "meta": meta})

    def _reports_of_call(self, incoming: Incoming, key: str) -> Response:
        del incoming
        now = self.now()
        call = self.call(key, now)
        found = [segment for segment in segments(call) if segment.created <= now] if call else []
        if not found:
            raise self.refusal(404, "No call report of this user has that call_id.")
        return Response(200, [self._report(segment) for segment in found])

    def _details(self, incoming: Incoming) -> Response:
        kind = incoming.first("filter[record_type]")
        if kind not in _RECORD_TYPES:
            raise self.refusal(400, "filter[record_type] is required, and must be a known type.")
        lower = self._time(incoming, "filter[created_at][gte]")
        upper = self._time(incoming, "filter[created_at][lt]")
        now = self.now()
        found = self._recorded(now) if kind == "webrtc" else []
        first = bisect_left(found, lower, key=itemgetter(0)) if lower else 0
        found = found[first : bisect_left(found, upper, key=itemgetter(0)) if upper else None]
        ordered = found if self._ascending(incoming) else found[::-1]
        page, meta = self._page(incoming, ordered, _LARGEST_DETAIL_PAGE)
        data = [self._detail(call, now) for _, call in page]
        return Response(200, {"data": data, "meta": meta})

    def _stored(self, now: datetime) -> list[Segment]:
        """Return the reports stored by now, in the order of their creation."""
        ordered = self.derived("segments", _all_segments)
        stored = ordered[: bisect_right(ordered, now, key=attrgetter("created"))]
        if not self.derived("any deleted", _any_deleted):
            return stored
        return [segment for segment in stored if segment.call.listed(now)]

    def _recorded(self, now: datetime) -> list[tuple[datetime, Call]]:
        """Return the ended calls and when their detail records were created, in that order."""
        ordered = self.derived("details", _all_details)
        recorded = ordered[: bisect_right(ordered, now, key=itemgetter(0))]
        if not self.derived("any deleted", _any_deleted):
            return recorded
        return [entry for entry in recorded if entry[1].listed(now)]

    def _report(self, segment: Segment) -> Record:
        lag = self.shared.options["telnyx_stored_lag_ms"]
        user = str(UUID(self.invented("user", 32)))
        worded = report(segment, user, lag if isinstance(lag, int) else 0)
        return self.finished("telnyx_call_reports", worded, "summary")

    def _detail(self, call: Call, now: datetime) -> Record:
        return self.finished("telnyx_detail_records", detail(call, now))

    def _page(
        self, incoming: Incoming, found: Sequence[_Entry], largest: int
    ) -> tuple[Sequence[_Entry], Record]:
        """Return the page that was asked for, and the answer's `meta`."""
        number = self._number(incoming, "page[number]", 1, None)
        size = self.page_limit(self._number(incoming, "page[size]", _DEFAULT_PAGE, largest))
        total = self.told(len(found))
        meta: Record = {
            "total_pages": -(-total // size),
            "total_results": total,
            "page_number": number,
            "page_size": size,
        }
        if self.emptied(number):
            return [], meta
        return found[(number - 1) * size : number * size], meta

    def _number(self, incoming: Incoming, name: str, default: int, largest: int | None) -> int:
        text = incoming.first(name) or str(default)
        limit = f" to {largest}" if largest else ""
        if not text.isdecimal() or int(text) < 1 or (largest and int(text) > largest):
            raise self.refusal(400, f"{name} must be an integer from 1{limit}.")
        return int(text)

    def _ascending(self, incoming: Incoming) -> bool:
        sort = incoming.first("sort") or "desc"
        if sort not in _ASCENDING:
            raise self.refusal(400, f"sort must be one of {', '.join(_ASCENDING)}.")
        return _ASCENDING[sort]

    def _time(self, incoming: Incoming, name: str) -> datetime | None:
        text = incoming.first(name)
        moment = parsed(text) if text is not None else None
        if text is not None and moment is None:
            raise self.refusal(400, f"{name} is not an ISO 8601 time.")
        return moment


def _any_deleted(calls: Sequence[Call]) -> bool:
    # Looking at every call for every page would make long histories slow.
    return any(call.deleted_at is not None for call in calls)


def _all_segments(calls: Sequence[Call]) -> list[Segment]:
    stored = (segment for call in calls for segment in segments(call))
    return sorted(stored, key=attrgetter("created"))


def _all_details(calls: Sequence[Call]) -> list[tuple[datetime, Call]]:
    return sorted(((created(call), call) for call in calls), key=itemgetter(0))
