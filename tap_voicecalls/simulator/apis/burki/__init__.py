"""The Burki API (source: Burki API reference, calls).

GET `/api/v1/calls/` pages by `skip` and `limit` through the calls of a filter, newest first. Calls
with the same start have no fixed order. Both ends of the date filter are inclusive. The date filter
omits calls without a start.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from tap_voicecalls.simulator.api import Api, Record, Shared
from tap_voicecalls.simulator.apis.burki import details, dimensions, query, records
from tap_voicecalls.simulator.call import Call, Profile
from tap_voicecalls.simulator.messages import Incoming, Refusal, Response
from tap_voicecalls.simulator.seeding import seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_voicecalls.simulator.api import Handler

_PATH = "/api/v1/calls/"


_LISTS: Mapping[str, Callable[[Call], list[Record]]] = {
    "burki_transcripts": details.transcripts,
    "burki_messages": details.messages,
    "burki_recordings": details.recordings,
}
_WHOLE: Mapping[str, Callable[[Sequence[Call]], list[Record]]] = {
    "burki_assistants": dimensions.assistants,
    "burki_flows": dimensions.flows,
    "burki_phone_numbers": dimensions.phone_numbers,
}


class Burki(Api):
    """Simulated Burki API.

    Options: `burki_refused_details` is the status of refused details, by their path.
    `burki_bare_array` returns lists as older servers did, without totals.
    `burki_total_off` is added to the total. A recording is in preparation for the first
    `burki_preparing` requests. With `burki_ignores_skip` every page is the first one.
    """

    name = "burki"
    streams = (
        "burki_calls",
        "burki_transcripts",
        "burki_messages",
        "burki_recordings",
        "burki_metrics",
        "burki_cost_entries",
        "burki_assistants",
        "burki_flows",
        "burki_phone_numbers",
    )
    # Its starts have microseconds.
    profile = Profile(precision=timedelta(microseconds=1))
    page_size = query.LARGEST_LIMIT
    lists_running = True
    list_field, total_fields, paging_fields = "items", ("total",), ("skip",)
    options: ClassVar[Mapping[str, object]] = {
        "burki_bare_array": False,
        "burki_total_off": 0,
        "burki_ignores_skip": False,
        "burki_refused_details": {},
        "burki_preparing": 0,
    }

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._asked = Counter[str]()

    def routes(self) -> Mapping[str, Handler]:
        """Return the list, one call, what a call has beside it, and what is read whole."""
        one = f"GET {_PATH}{{id}}"
        return {
            f"GET {_PATH}": self._list,
            one: self._get,
            f"{one}/transcripts": self._of_call("burki_transcripts"),
            f"{one}/recordings": self._of_call("burki_recordings"),
            f"{one}/messages": self._of_call("burki_messages"),
            f"{one}/recording/{{id}}/play": self._play,
            f"{one}/metrics": self._of_call("burki_metrics"),
            "GET /api/calls/{id}/costs": self._of_call("burki_cost_entries"),
            "GET /api/v1/assistants": self._whole("burki_assistants", 1000),
            "GET /api/v1/flows": self._whole("burki_flows", 500),
            "GET /api/v1/assistants/organization/phone-numbers": self._whole("burki_phone_numbers"),
        }

    def admit(self, incoming: Incoming) -> None:
        """Redirect to the path with a slash before checking the key, as the framework does."""
        if f"{incoming.path}/" == _PATH:
            query = f"?{urlencode(incoming.query)}" if incoming.query else ""
            location = {"Location": f"{incoming.mount}{_PATH}{query}"}
            raise Refusal(Response(307, None, location))
        super().admit(incoming)

    def error_body(self, status: int, detail: str) -> object:
        """Return the error body, the same for every status."""
        del status
        return {"detail": detail}

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return every call, oldest first; every detail of every call; or a whole list."""
        del narrow
        now = self.now()
        calls = self.calls(now)
        if stream == self.name + "_calls":
            return [self._record(call, now) for call in calls]
        if stream in _WHOLE:
            return [self.as_sent(stream, record) for record in _WHOLE[stream](calls)]
        return [
            {"call_id": call.number, **record}
            for call in calls
            for record in self._details(stream, call, now)
        ]

    def _list(self, incoming: Incoming) -> Response:
        now = self.now()
        wanted = query.wanted(incoming)
        # date_to is inclusive.
        after = wanted.date_to + timedelta(microseconds=1) if wanted.date_to else None
        calls = self.calls(now, wanted.date_from, after)
        found = [call for call in calls if query.matches(call, wanted, now)]
        # There is no tie-breaker: calls with the same start are in a new order in each response.
        rng = seeded(next(self.answers))
        rng.shuffle(found)
        # Newest first; calls without a start come before all others, as in its database.
        found.sort(key=_position, reverse=True)
        limit = self.page_limit(wanted.limit)
        shown = (
            [] if self.is_emptied(wanted.skip // limit + 1) else self._shown(found, wanted, limit)
        )
        page = [self._record(call, now) for call in shown]
        if self.shared.options["burki_bare_array"]:
            return Response(200, page)
        body = {
            "items": page,
            "total": self.reported_total(len(found)),
            "skip": wanted.skip,
            "limit": limit,
        }
        return Response(200, body)

    def _shown(self, found: list[Call], wanted: query.Filter, limit: int) -> list[Call]:
        skip = 0 if self.shared.options["burki_ignores_skip"] else wanted.skip
        return found[skip : skip + limit]

    def _found(self, number: str, now: datetime) -> Call:
        call = self.derived("by number", _by_number).get(number)
        if call is None or not call.listed(now):
            raise self.refusal(404, "Call not found")
        return call

    def _get(self, incoming: Incoming, number: str) -> Response:
        del incoming
        now = self.now()
        return Response(200, self._record(self._found(number, now), now))

    def _of_call(self, stream: str) -> Handler:
        """Return the handler of what a call has beside its record."""

        def handler(incoming: Incoming, number: str) -> Response:
            refused = self.shared.options["burki_refused_details"]
            if isinstance(refused, dict) and (status := refused.get(incoming.path)):
                raise self.refusal(status, "Not available")
            now = self.now()
            call = self._found(number, now)
            found = self._details(stream, call, now)
            if stream == "burki_metrics":
                return Response(200, found[0])
            if stream == "burki_cost_entries":
                summary = details.cost_summary(call, records.record(call, now))
                return Response(200, {"call_summary": summary, "detailed_entries": found})
            return Response(200, found)

        return handler

    def _play(self, incoming: Incoming, number: str, recording: str) -> Response:
        """Serve the file of a recording, or 202 while it is in preparation."""
        call = self._found(number, self.now())
        if not any(str(one["id"]) == recording for one in details.recordings(call)):
            raise self.refusal(404, "Recording not found")
        self._asked[incoming.path] += 1
        if self._asked[incoming.path] <= int(str(self.shared.options["burki_preparing"])):
            return Response(202, {"detail": "Recording is being prepared"})
        return Response(200, details.audio(call), {"Content-Type": "audio/mpeg"})

    def _details(self, stream: str, call: Call, now: datetime) -> list[Record]:
        """Return the records of a call; there are none until it ends."""
        if stream == "burki_metrics":
            return [self.as_sent(stream, details.metrics(call))]
        if not call.ended(now):
            return []
        if stream == "burki_cost_entries":
            made = details.cost_entries(call, records.record(call, now))
        else:
            made = _LISTS[stream](call)
        return [self.as_sent(stream, record) for record in made]

    def _whole(self, stream: str, largest: int | None = None) -> Handler:
        """Return the handler of a list without a filter by time; some have pages."""

        def handler(incoming: Incoming) -> Response:
            found = self.records(stream)
            if largest is not None:
                skip = query.integer(incoming, "skip") or 0
                limit = self.page_limit(query.integer(incoming, "limit", 1, largest) or 100)
                found = found[skip : skip + limit]
            return Response(200, found)

        return handler

    def _record(self, call: Call, now: datetime) -> Record:
        return self.as_sent("burki_calls", records.record(call, now), "call_meta")


def _position(call: Call) -> tuple[bool, datetime]:
    return not call.has_start, call.start


def _by_number(calls: Sequence[Call]) -> dict[str, Call]:
    return {str(call.number): call for call in calls}
