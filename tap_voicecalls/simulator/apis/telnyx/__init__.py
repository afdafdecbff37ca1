"""The Telnyx API: Voice SDK call reports, call detail records, AI assistants, recordings.

Sources: Telnyx Voice SDK call reports API reference; Telnyx detail records search. Call reports
have pages but no filter. Detail records are filtered by a time field that depends on their type.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from tap_voicecalls.simulator.apis.telnyx.assistants import AssistantsApi
from tap_voicecalls.simulator.apis.telnyx.details import (
    TIME_FIELDS,
    Detail,
    all_details,
    between,
    detail_record,
)
from tap_voicecalls.simulator.apis.telnyx.records import Segment, report, segments
from tap_voicecalls.simulator.call import Call, Profile
from tap_voicecalls.simulator.messages import Incoming, Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tap_voicecalls.simulator.api import Handler, Record

_LARGEST_PAGE = 100
_LARGEST_DETAIL_PAGE = 50
_ASCENDING = {"asc": True, "created_at": True, "desc": False, "-created_at": False}
_CODES = {401: "10009", 404: "10005", 400: "10015", 429: "10011"}
_TITLES = {
    401: "Authentication failed",
    404: "Resource not found",
    400: "Bad Request",
    429: "Too many requests",
}


class Telnyx(AssistantsApi):
    """Simulated Telnyx API.

    Options: `telnyx_stored_lag_ms` is the longest time between creation and storage of a report;
    above 0, the pages are not exactly in the order of `stored_at`. `telnyx_total_off` is added to
    the total of both lists, and so changes their number of pages; `telnyx_total_pages` replaces
    that number. `telnyx_cap` limits the list to its first so many reports, in either order.
    `telnyx_record_types` are the types that the account has, None for all. `telnyx_time_fields`
    overrides the documented time field of a type.
    """

    name = "telnyx"
    streams = ("telnyx_call_reports", "telnyx_detail_records", *AssistantsApi.own_streams)
    base_path = "/v2"
    page_size = _LARGEST_PAGE
    list_field, paging_fields = "data", ("page[number]",)
    total_fields = ("meta.total_results", "meta.total_pages")
    profile = Profile(channels={"phone": 85, "web": 15})
    options: ClassVar[Mapping[str, object]] = {
        **AssistantsApi.own_options,
        "telnyx_stored_lag_ms": 0,
        "telnyx_total_off": 0,
        "telnyx_total_pages": None,
        "telnyx_cap": None,
        "telnyx_record_types": None,
        "telnyx_time_fields": {},
    }

    def routes(self) -> Mapping[str, Handler]:
        """Return the endpoints."""
        return {
            **super().routes(),
            "GET /v2/voice_sdk_call_reports": self._reports,
            "GET /v2/voice_sdk_call_reports/{id}": self._reports_of_call,
            "GET /v2/detail_records": self._details,
            "GET /v2/detail_records/options": self._options,
        }

    def error_body(self, status: int, detail: str) -> object:
        """Return Telnyx's list of errors, with one error."""
        error = {"code": _CODES.get(status, "10000"), "title": _TITLES.get(status, "Error")}
        return {"errors": [error | {"detail": detail}]}

    def rate_limited(self, seconds: float, per_second: float) -> Response:
        """Return a 429 with the limit and the remaining seconds of the pause."""
        limit = max(1, round(per_second))
        headers = {"limit": str(limit), "remaining": "0", "reset": f"{seconds:g}"}
        named = {f"x-ratelimit-{name}": value for name, value in headers.items()}
        return self.answer_429(named, time.time() + seconds)

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return all reports in ascending order of creation, or all detail records.

        Args:
            stream: The stream's name.
            **narrow: `record_types` of detail records; webrtc by default.
        """
        now = self.now()
        if stream in self.own_streams:
            return self.own_records(stream)
        if stream == "telnyx_call_reports":
            return [self._report(segment) for segment in self._stored(now)]
        kinds = narrow.get("record_types", ["webrtc"])
        assert isinstance(kinds, list)  # noqa: S101 - the simulator is made for tests
        return [self._detail(one, now) for kind in kinds for one in self._recorded(kind, now)]

    def _reports(self, incoming: Incoming) -> Response:
        now, ascending = self.now(), self._ascending(incoming)
        found = self._stored(now) if ascending else self._stored(now)[::-1]
        cap = self.shared.options["telnyx_cap"]
        shown = found[:cap] if isinstance(cap, int) else found
        page, meta = self.page(incoming, shown, _LARGEST_PAGE)
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
        kind = self._kind(incoming)
        field = self._time_field(kind)
        allowed = {f"filter[{field}][gte]", f"filter[{field}][lt]", "filter[record_type]"}
        for name, _ in incoming.query:
            if name.startswith("filter[") and name not in allowed:
                raise self.refusal(400, f"{name} is no filter of record type {kind}.")
        sort = incoming.first("sort") or f"-{field}"
        if sort.removeprefix("-") != field:
            raise self.refusal(400, f"{kind} cannot be sorted by {sort}.")
        lower = self.time(incoming, f"filter[{field}][gte]")
        upper = self.time(incoming, f"filter[{field}][lt]")
        now = self.now()
        found = self._recorded(kind, now, lower, upper)
        ordered = found[::-1] if sort.startswith("-") else found
        page, meta = self.page(incoming, ordered, _LARGEST_DETAIL_PAGE)
        return Response(200, {"data": [self._detail(one, now) for one in page], "meta": meta})

    def _options(self, incoming: Incoming) -> Response:
        field = self._time_field(self._kind(incoming))
        filters = [{"name": name} for name in ("id", field, "currency")]
        return Response(200, {"data": {"filters": filters, "sorts": [field, f"-{field}"]}})

    def _kind(self, incoming: Incoming) -> str:
        kind = incoming.first("filter[record_type]")
        if kind is None or kind not in TIME_FIELDS:
            raise self.refusal(400, "filter[record_type] is required, and must be a known type.")
        own = self.shared.options["telnyx_record_types"]
        if isinstance(own, list) and kind not in own:
            raise self.refusal(400, "No matching record type.")
        return kind

    def _time_field(self, kind: str) -> str:
        others = self.shared.options["telnyx_time_fields"]
        assert isinstance(others, dict)  # noqa: S101 - the simulator is made for tests
        return str(others.get(kind, TIME_FIELDS[kind]))

    def _stored(self, now: datetime) -> list[Segment]:
        """Return the reports stored by now, in the order of their creation."""
        ordered = self.derived("segments", _all_segments)
        stored = ordered[: bisect_right(ordered, now, key=attrgetter("created"))]
        if not self.derived("any deleted", _any_deleted):
            return stored
        return [segment for segment in stored if segment.call.listed(now)]

    def _recorded(
        self,
        kind: str,
        now: datetime,
        lower: datetime | None = None,
        upper: datetime | None = None,
    ) -> list[Detail]:
        """Return the detail records of a type and time that exist now, ascending."""
        found = between(self.derived("details", all_details).get(kind, []), lower, upper)
        recorded = [one for one in found if one.made <= now]
        if not self.derived("any deleted", _any_deleted):
            return recorded
        return [one for one in recorded if one.call.listed(now)]

    def _report(self, segment: Segment) -> Record:
        lag = self.shared.options["telnyx_stored_lag_ms"]
        user = str(UUID(self.fake_credential("user", 32)))
        record = report(segment, user, lag if isinstance(lag, int) else 0)
        return self.as_sent("telnyx_call_reports", record, "summary")

    def _detail(self, one: Detail, now: datetime) -> Record:
        return self.as_sent("telnyx_detail_records", detail_record(one, now))

    def _ascending(self, incoming: Incoming) -> bool:
        sort = incoming.first("sort") or "desc"
        if sort not in _ASCENDING:
            raise self.refusal(400, f"sort must be one of {', '.join(_ASCENDING)}.")
        return _ASCENDING[sort]


def _any_deleted(calls: Sequence[Call]) -> bool:
    # Checking every call for every page would make long histories slow.
    return any(call.deleted_at is not None for call in calls)


def _all_segments(calls: Sequence[Call]) -> list[Segment]:
    stored = (segment for call in calls for segment in segments(call))
    return sorted(stored, key=attrgetter("created"))
