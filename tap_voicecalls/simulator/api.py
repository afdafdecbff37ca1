"""What the five simulated APIs share: routing, authentication, refusals, paging."""

from __future__ import annotations

import itertools
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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
    """What all APIs of one simulator have in common.

    Attributes:
        world: The calls.
        clock: Returns the current time, an aware UTC datetime.
        options: Switches that tests flip, by name.
        page_sizes: Provider name to the largest page it answers with.
        unknown_fields: Whether every record holds fields that no document knows.
        stranger: Returns an origin that is no provider's.
        edit: Called with a stream's name and each record of it before anybody sees it.
    """

    world: World
    clock: Callable[[], datetime]
    options: dict[str, object]
    page_sizes: dict[str, int]
    unknown_fields: bool
    stranger: Callable[[], str]
    edit: Callable[[str, Record], None]


Handler = Callable[..., Response]


class Api(ABC):
    """One provider's API. A module in `apis` holds one subclass, found by walking the package.

    Class attributes:
        name: The provider, also the first segment of every path.
        streams: Names of the record streams, for `records`.
        profile: What the provider's calls are like.
        page_size: The largest page, if the API pages; tests lower it in `page_sizes`.
        options: Switches of this API and their defaults.
        base_path: What a base URL has after the mount point.
        list_field: What an answer's list is called; "" where the answer is the list itself.
        total_fields: What of a list's answer counts, "name" or "object.name".
        paging_fields: Which parts of a request say what page is asked for.
        cursor_fields: Which fields of a list's answer lead to the next page.
        more_follows: What a list's answer says beside that when there is a next page.
        lists_running: Whether a call is listed before it has ended, and changes when it does.
        call_fields: Field of a call as all providers share it to the record's field, "name" or
            "object.name", for those who compare the two.
        call_words: Which of a call's direction, channel, from_number and to_number its record
            tells.
        call_statuses: What the provider's words for how a call went mean in the words of all.
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
    more_follows: ClassVar[Mapping[str, object]] = {}
    lists_running: ClassVar[bool] = False
    call_fields: ClassVar[Mapping[str, str]] = {}
    call_words: ClassVar[frozenset[str]] = frozenset()
    call_statuses: ClassVar[Mapping[str, str]] = {}

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.api_key = self.invented("key")
        self.answers = itertools.count(1)
        self._derived: dict[str, tuple[Sequence[Call], object]] = {}
        self._routes = [
            (re.compile(re.escape(route).replace(r"\{id\}", "([^/]+)")), handler)
            for route, handler in self.routes().items()
        ]

    @abstractmethod
    def routes(self) -> Mapping[str, Handler]:
        """Return "METHOD /path" to handler; "{id}" is one path segment, handed to the handler."""

    @abstractmethod
    def problem(self, status: int, detail: str) -> object:
        """Return the provider's error body for a status and a human-readable detail."""

    @abstractmethod
    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return every record of a stream as the API would send it now."""

    def configuration(self, url: str) -> dict[str, object]:
        """Return the tap settings that point at this API; `url` is the simulator's own."""
        base = f"{url}/{self.name}{self.base_path}"
        return {"api_key": self.api_key, "base_url": base, "requests_per_second": 1000}

    def answer(self, incoming: Incoming) -> Response:
        """Answer one request, refusals included."""
        try:
            self.admit(incoming)
            return self._handler(incoming)
        except Refusal as refusal:
            return refusal.response

    def admit(self, incoming: Incoming) -> None:
        """Refuse a request without the right key; a subclass may refuse or redirect earlier."""
        if not self.authorised(incoming.headers.get("authorization", "")):
            raise self.refusal(401, "Invalid or missing API key.")

    def authorised(self, header: str) -> bool:
        """Tell whether an Authorization header holds this API's key."""
        return header == f"Bearer {self.api_key}"

    def refusal(self, status: int, detail: str) -> Refusal:
        """Return an exception that answers with the provider's error body."""
        return Refusal(Response(status, self.problem(status, detail)))

    def too_many(self, seconds: float, per_second: float) -> Response:
        """Return a 429 that asks for a wait in the provider's own way.

        Args:
            seconds: The wait.
            per_second: The limit, for providers that tell it.
        """
        del per_second
        until = time.time() + seconds
        return self.limited({"Retry-After": f"{seconds:g}"}, until)

    def limited(self, headers: Mapping[str, str], until: float) -> Response:
        """Return a 429 whose headers ask for quiet until a Unix time."""
        body = self.problem(429, "Too many requests.")
        return Response(429, body, headers, quiet_until=until)

    def now(self) -> datetime:
        """Return the simulated time, UTC."""
        return self.shared.clock()

    def page_limit(self, asked: int) -> int:
        """Return the size of a page: what was asked for, unless the server's cap is lower."""
        return min(asked, self.shared.page_sizes.get(self.name, asked))

    def emptied(self, page: int) -> bool:
        """Tell whether a list's page of that number (from 1) is empty though it should not be."""
        return self.shared.options.get("empty_page_at") == (self.name, page)

    def told(self, total: int) -> int:
        """Return the total that an answer tells, which may be wrong on purpose."""
        return max(0, total + int(str(self.shared.options[f"{self.name}_total_off"])))

    def calls(
        self, now: datetime, lower: datetime | None = None, upper: datetime | None = None
    ) -> list[Call]:
        """Return the calls that may be shown, lower <= start < upper, ascending by start."""
        calls = self.shared.world.between(self.name, lower, upper)
        return [call for call in calls if call.listed(now)]

    def derived(self, label: str, build: Callable[[Sequence[Call]], _Derived]) -> _Derived:
        """Return `build(calls)`, built again only when the world's calls changed."""
        ordered = self.shared.world.ordered(self.name)
        source, value = self._derived.get(label, (None, None))
        if source is ordered:
            return value  # type: ignore[return-value]
        built = build(ordered)
        self._derived[label] = (ordered, built)
        return built

    def call(self, key: str, now: datetime) -> Call | None:
        """Return the shown call of a key."""
        found = self.derived("by key", by_key).get(key)
        return found if found and found.listed(now) else None

    def finished(self, stream: str, record: Record, nested: str | None = None) -> Record:
        """Return a record of a stream as it is sent: every one goes through here.

        Undocumented fields are added, flat and inside one documented object, if switched on.
        """
        if self.shared.unknown_fields:
            record[_UNKNOWN_FIELD] = f"undocumented, by the simulated {self.name}"
            inner = record.get(nested) if nested else None
            if isinstance(inner, dict):
                inner[_UNKNOWN_FIELD] = "undocumented, nested"
        self.shared.edit(stream, record)
        return record

    def invented(self, part: str, length: int = 24) -> str:
        """Return a made-up credential: fixed for a seed, of no use at any other simulator."""
        text = f"{self.shared.world.seed}/{self.name}/{part}"
        return sha256(text.encode()).hexdigest()[:length]

    def _handler(self, incoming: Incoming) -> Response:
        for pattern, handler in self._routes:
            found = pattern.fullmatch(f"{incoming.method} {incoming.path}")
            if found:
                return handler(incoming, *found.groups())
        raise self.refusal(404, f"No such endpoint: {incoming.method} {incoming.path}")


def by_key(calls: Sequence[Call]) -> dict[str, Call]:
    """Return the calls by key, to be used with `Api.derived`."""
    return {call.key: call for call in calls}


def parsed(text: str) -> datetime | None:
    """Return an ISO 8601 time as aware UTC (naive means UTC), None when it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def iso(moment: datetime, timespec: str = "milliseconds", zone: str = "Z") -> str:
    """Return a UTC time as ISO 8601 with the given ending, cut (not rounded) to `timespec`."""
    return moment.replace(tzinfo=None).isoformat(timespec=timespec) + zone
