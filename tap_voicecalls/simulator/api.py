"""What all simulated APIs share: routing, authentication, error responses, paging."""

from __future__ import annotations

import itertools
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, TypeVar

from tap_voicecalls.simulator.call import Call, Profile
from tap_voicecalls.simulator.messages import Incoming, Refusal, Response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_voicecalls.simulator.world import World

Record = dict[str, object]
_Derived = TypeVar("_Derived")
_UNKNOWN_FIELD = "x_sim_note"


@dataclass(frozen=True, slots=True)
class Shared:
    """The objects that all APIs of one simulator use.

    Attributes:
        world: The calls.
        clock: Returns the current time, an aware UTC datetime.
        options: Options that tests change, by name.
        page_sizes: Provider name to the largest page that it returns.
        unknown_fields: Whether every record has undocumented fields.
        foreign_url: Returns an origin of no provider.
        edit: Called with a stream's name and each of its records before it is sent.
    """

    world: World
    clock: Callable[[], datetime]
    options: dict[str, object]
    page_sizes: dict[str, int]
    unknown_fields: bool
    foreign_url: Callable[[], str]
    edit: Callable[[str, Record], None]


Handler = Callable[..., Response]


class Api(ABC):
    """One provider's API. Each module in `apis` defines one subclass, which `discover` finds.

    Class attributes:
        name: The provider, also the first segment of every path.
        streams: Names of the record streams, for `records`.
        profile: What the provider's calls are like.
        page_size: The largest page of an API with pages; tests lower it in `page_sizes`.
        options: Options of this API and their defaults.
        base_path: The path of a base URL after the mount point.
        list_field: The field that holds the list; "" if the response is the list itself.
        total_fields: The fields that hold totals, "name" or "object.name".
        paging_fields: The request parameters that select a page.
        cursor_fields: The response fields that lead to the next page.
        next_page_fields: Other response fields, and their values if there is a next page.
        never: Faults that the API never has by chance.
        lists_running: Whether a call is listed before it ends, and changes when it ends.
        longest_call: How long a call of the provider lasts at most; None if that is not limited.
        call_fields: Column of the stream `calls` to the record's field, "name" or "object.name".
            Tests compare the two.
        reported_fields: Those of direction, channel, from_number and to_number that a record has.
        call_statuses: The provider's status to the status in the stream `calls`.
    """

    name: ClassVar[str]
    streams: ClassVar[tuple[str, ...]]
    profile: ClassVar[Profile] = Profile()
    page_size: ClassVar[int | None] = None
    options: ClassVar[Mapping[str, object]] = {}
    base_path: ClassVar[str] = ""
    list_field: ClassVar[str] = ""
    total_fields: ClassVar[tuple[str, ...]] = ()
    paging_fields: ClassVar[tuple[str, ...]] = ()
    cursor_fields: ClassVar[tuple[str, ...]] = ()
    next_page_fields: ClassVar[Mapping[str, object]] = {}
    never: ClassVar[frozenset[str]] = frozenset()
    lists_running: ClassVar[bool] = False
    longest_call: ClassVar[timedelta | None] = None
    call_fields: ClassVar[Mapping[str, str]] = {}
    reported_fields: ClassVar[frozenset[str]] = frozenset()
    call_statuses: ClassVar[Mapping[str, str]] = {}

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.api_key = self.fake_credential("key")
        self.answers = itertools.count(1)
        self._derived: dict[str, tuple[Sequence[Call], object]] = {}
        self._routes = [
            (re.compile(re.escape(route).replace(r"\{id\}", "([^/]+)")), handler)
            for route, handler in self.routes().items()
        ]

    @abstractmethod
    def routes(self) -> Mapping[str, Handler]:
        """Return "METHOD /path" to handler; "{id}" is a path segment, passed to the handler."""

    @abstractmethod
    def error_body(self, status: int, detail: str) -> object:
        """Return the provider's error body for a status and a readable detail."""

    @abstractmethod
    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return every record of a stream as the API would send it now."""

    def configuration(self, url: str) -> dict[str, object]:
        """Return tap settings that point at this API; `url` is the simulator's URL."""
        base = f"{url}/{self.name}{self.base_path}"
        return {"api_key": self.api_key, "base_url": base, "requests_per_second": 1000}

    def answer(self, incoming: Incoming) -> Response:
        """Answer one request; a `Refusal` becomes its response."""
        try:
            self.admit(incoming)
            return self._handler(incoming)
        except Refusal as refusal:
            return refusal.response

    def admit(self, incoming: Incoming) -> None:
        """Refuse a request without the right key; a subclass may refuse or redirect before."""
        if not self.is_authorized(incoming.headers.get("authorization", "")):
            raise self.refusal(401, "Invalid or missing API key.")

    def is_authorized(self, header: str) -> bool:
        """Return whether an Authorization header has this API's key."""
        return header == f"Bearer {self.api_key}"

    def refusal(self, status: int, detail: str) -> Refusal:
        """Return an exception for a response with the provider's error body."""
        return Refusal(Response(status, self.error_body(status, detail)))

    def rate_limited(self, seconds: float, per_second: float) -> Response:
        """Return a 429 that asks for a pause in the provider's own way.

        Args:
            seconds: The pause.
            per_second: The limit, for providers that report it.
        """
        del per_second
        until = time.time() + seconds
        return self.answer_429({"Retry-After": f"{seconds:g}"}, until)

    def answer_429(self, headers: Mapping[str, str], until: float) -> Response:
        """Return a 429 whose headers ask for a pause until a Unix time."""
        body = self.error_body(429, "Too many requests.")
        return Response(429, body, headers, quiet_until=until)

    def now(self) -> datetime:
        """Return the simulated time, UTC."""
        return self.shared.clock()

    def page_limit(self, asked: int) -> int:
        """Return the size of a page: the requested size, or the server's cap if that is lower."""
        return min(asked, self.shared.page_sizes.get(self.name, asked))

    def is_emptied(self, page: int) -> bool:
        """Return whether a test wants this page (from 1) to be empty although it has records."""
        return self.shared.options.get("empty_page_at") == (self.name, page)

    def reported_total(self, total: int) -> int:
        """Return the total that a response reports, which a test may make wrong."""
        return max(0, total + int(str(self.shared.options[f"{self.name}_total_off"])))

    def calls(
        self, now: datetime, lower: datetime | None = None, upper: datetime | None = None
    ) -> list[Call]:
        """Return the listed calls with lower <= start < upper, ascending by start."""
        calls = self.shared.world.between(self.name, lower, upper)
        return [call for call in calls if call.listed(now)]

    def derived(self, label: str, build: Callable[[Sequence[Call]], _Derived]) -> _Derived:
        """Return `build(calls)`, cached until the world's calls change."""
        ordered = self.shared.world.ordered(self.name)
        source, value = self._derived.get(label, (None, None))
        if source is ordered:
            return value  # type: ignore[return-value]
        built = build(ordered)
        self._derived[label] = (ordered, built)
        return built

    def call(self, key: str, now: datetime) -> Call | None:
        """Return the listed call with a key, None if there is none."""
        found = self.derived("by key", by_key).get(key)
        return found if found and found.listed(now) else None

    def as_sent(self, stream: str, record: Record, nested: str | None = None) -> Record:
        """Return a record as it is sent. Every record passes through here.

        With `unknown_fields`, undocumented fields are added, at the top and in one object.
        """
        if self.shared.unknown_fields:
            record[_UNKNOWN_FIELD] = f"undocumented, by the simulated {self.name}"
            inner = record.get(nested) if nested else None
            if isinstance(inner, dict):
                inner[_UNKNOWN_FIELD] = "undocumented, nested"
        self.shared.edit(stream, record)
        return record

    def fake_credential(self, part: str, length: int = 24) -> str:
        """Return a made-up credential, which depends on the seed only."""
        text = f"{self.shared.world.seed}/{self.name}/{part}"
        return sha256(text.encode()).hexdigest()[:length]

    def _handler(self, incoming: Incoming) -> Response:
        for pattern, handler in self._routes:
            found = pattern.fullmatch(f"{incoming.method} {incoming.path}")
            if found:
                return handler(incoming, *found.groups())
        raise self.refusal(404, f"No such endpoint: {incoming.method} {incoming.path}")


def by_key(calls: Sequence[Call]) -> dict[str, Call]:
    """Return the calls by key, for `Api.derived`."""
    return {call.key: call for call in calls}


def parsed(text: str) -> datetime | None:
    """Return an ISO 8601 time as aware UTC (naive means UTC), None if it is not a time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def iso(moment: datetime, timespec: str = "milliseconds", zone: str = "Z") -> str:
    """Return a UTC time as ISO 8601 with the given suffix, truncated to `timespec`."""
    return moment.replace(tzinfo=None).isoformat(timespec=timespec) + zone


def aware_utc(moment: datetime, name: str) -> datetime:
    """Return a time as UTC; a naive one is an error that names the argument."""
    if moment.tzinfo is None:
        message = f"{name} must be an aware datetime"
        raise ValueError(message)
    return moment.astimezone(UTC)
