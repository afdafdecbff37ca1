"""The Burki API (source: Burki API reference, calls).

GET `/api/v1/calls/` pages by `skip` and `limit` through the calls of a filter, newest first. Calls
with the same start have no fixed order. Both ends of the date filter are inclusive. The date filter
omits calls without a start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from tap_voicecalls.simulator.api import Api, Record, parsed
from tap_voicecalls.simulator.apis.burki import records
from tap_voicecalls.simulator.call import Call, Profile
from tap_voicecalls.simulator.messages import Incoming, Refusal, Response
from tap_voicecalls.simulator.seeding import seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_voicecalls.simulator.api import Handler

_PATH = "/api/v1/calls/"
_DEFAULT_LIMIT = 100
_LARGEST_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class _Filter:
    """The decoded query of a list; None means no filter."""

    skip: int
    limit: int
    status: str | None
    assistant: int | None
    phone: str | None
    date_from: datetime | None
    date_to: datetime | None
    shortest: int | None
    longest: int | None


class Burki(Api):
    """Simulated Burki API.

    Options: `burki_bare_array` returns lists as older servers did, without totals.
    `burki_total_off` is added to the total. With `burki_ignores_skip` every page is the first one.
    """

    name = "burki"
    streams = ("burki_calls",)
    # Its starts have microseconds.
    profile = Profile(precision=timedelta(microseconds=1))
    page_size = _LARGEST_LIMIT
    lists_running = True
    list_field, total_fields, paging_fields = "items", ("total",), ("skip",)
    options: ClassVar[Mapping[str, object]] = {
        "burki_bare_array": False,
        "burki_total_off": 0,
        "burki_ignores_skip": False,
    }

    def routes(self) -> Mapping[str, Handler]:
        """Return the list, one call, and the four lists of a call."""
        one = f"GET {_PATH}{{id}}"
        return {
            f"GET {_PATH}": self._list,
            one: self._get,
            f"{one}/transcripts": self._list_of_call(records.transcripts),
            f"{one}/recordings": self._list_of_call(records.recordings),
            f"{one}/messages": self._list_of_call(records.messages),
            f"{one}/metrics": self._list_of_call(records.metrics),
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
        """Return every call, oldest first."""
        del stream, narrow
        now = self.now()
        return [self._record(call, now) for call in self.calls(now)]

    def _list(self, incoming: Incoming) -> Response:
        now = self.now()
        wanted = self._filter(incoming)
        # date_to is inclusive.
        after = wanted.date_to + timedelta(microseconds=1) if wanted.date_to else None
        calls = self.calls(now, wanted.date_from, after)
        found = [call for call in calls if _matches(call, wanted, now)]
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

    def _shown(self, found: list[Call], wanted: _Filter, limit: int) -> list[Call]:
        skip = 0 if self.shared.options["burki_ignores_skip"] else wanted.skip
        return found[skip : skip + limit]

    def _filter(self, incoming: Incoming) -> _Filter:
        limit = self._integer(incoming, "limit", 1, _LARGEST_LIMIT)
        return _Filter(
            skip=self._integer(incoming, "skip") or 0,
            limit=_DEFAULT_LIMIT if limit is None else limit,
            status=incoming.first("status"),
            assistant=self._integer(incoming, "assistant_id"),
            phone=incoming.first("customer_phone"),
            date_from=self._time(incoming, "date_from"),
            date_to=self._time(incoming, "date_to"),
            shortest=self._integer(incoming, "min_duration"),
            longest=self._integer(incoming, "max_duration"),
        )

    def _integer(
        self, incoming: Incoming, name: str, least: int = 0, largest: int | None = None
    ) -> int | None:
        text = incoming.first(name)
        if text is None:
            return None
        if not text.removeprefix("-").isdecimal():
            raise _invalid(name, "Input should be a valid integer", "int_parsing")
        if int(text) < least:
            reason = f"Input should be greater than or equal to {least}"
            raise _invalid(name, reason, "greater_than_equal")
        if largest is not None and int(text) > largest:
            reason = f"Input should be less than or equal to {largest}"
            raise _invalid(name, reason, "less_than_equal")
        return int(text)

    def _time(self, incoming: Incoming, name: str) -> datetime | None:
        text = incoming.first(name)
        moment = None if text is None else parsed(text)
        if text is not None and moment is None:
            raise _invalid(name, "Input should be a valid datetime", "datetime_parsing")
        return moment

    def _found(self, number: str, now: datetime) -> Call:
        call = self.derived("by number", _by_number).get(number)
        if call is None or not call.listed(now):
            raise self.refusal(404, "Call not found")
        return call

    def _get(self, incoming: Incoming, number: str) -> Response:
        del incoming
        now = self.now()
        return Response(200, self._record(self._found(number, now), now))

    def _list_of_call(self, make: Callable[[Call], list[Record]]) -> Handler:
        """Return the handler of a list of one call; the list is empty until the call ends."""

        def handler(incoming: Incoming, number: str) -> Response:
            del incoming
            now = self.now()
            call = self._found(number, now)
            return Response(200, make(call) if call.ended(now) else [])

        return handler

    def _record(self, call: Call, now: datetime) -> Record:
        return self.as_sent("burki_calls", records.record(call, now), "call_meta")


def _matches(call: Call, wanted: _Filter, now: datetime) -> bool:
    duration = int(call.duration) if call.ended(now) else None
    assistant = call.agent.number if call.agent else None
    return (
        (call.has_start or (wanted.date_from is None and wanted.date_to is None))
        and wanted.status in {None, records.status(call, now)}
        and wanted.assistant in {None, assistant}
        and (wanted.phone is None or wanted.phone in (call.customer_number or ""))
        and (wanted.shortest is None or (duration is not None and duration >= wanted.shortest))
        and (wanted.longest is None or (duration is not None and duration <= wanted.longest))
    )


def _position(call: Call) -> tuple[bool, datetime]:
    return not call.has_start, call.start


def _by_number(calls: Sequence[Call]) -> dict[str, Call]:
    return {str(call.number): call for call in calls}


def _invalid(name: str, message: str, kind: str) -> Refusal:
    error = {"loc": ["query", name], "msg": message, "type": kind}
    return Refusal(Response(422, {"detail": [error]}))
