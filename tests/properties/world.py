"""A provider, the calls it has and will have, and a tap that runs now and then: a state machine."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch

import registry
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from properties.truth import STREAMS, Facts, Record, streams_of
from properties.warehouse import Cut, Done, Warehouse
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.providers.telnyx import TelnyxCallReports
from tap_voicecalls.simulator import Simulator
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Hashable

    from tap_voicecalls.simulator import Call

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
TEN_HOURS = 10 * HOUR
A_WEEK = timedelta(days=7)
# Vonage cuts starts to the second, so that a call may be listed as older than it is.
MARGIN = 2 * SECOND
# Those of Vonage that calls without any other channel have.
PRODUCTS = ["VOICE-CALL", "VOICE-FAILED", "IN-APP-VOICE"]


@dataclass(frozen=True)
class Client:
    """How the tap is set up in one world.

    Attributes:
        page_size: The most records of a page.
        concurrency: The setting.
        late: Hours between the start of a call and its last change, unless it runs longer.
        window: Minutes.
        most_records: From how many on a window is halved.
        chunk_pages: How many pages of a list without a filter are read at once.
        tick: Seconds that pass with each request.
        bare: Whether the server answers bare arrays, where it did once; and whether Twilio's filter
            by start shows calls without one.
        inclusive: Whether Voicy's thresholds and the end of Twilio's are.
        lag: Milliseconds between the creation of a Telnyx report and its storage.
    """

    page_size: int = 1000
    concurrency: int = 1
    late: int = 1
    window: int = 24 * 60
    most_records: int = 10_000
    chunk_pages: int = 10
    tick: int = 0
    bare: bool = False
    inclusive: bool = True
    lag: int = 0


@dataclass(frozen=True)
class Arrival:
    """A call to come, in terms of the present.

    Attributes:
        place: "soon", "tie" (with another call), "boundary" (of a window) or "late" (already over).
        minutes: How soon, or how long ago.
        other: Which call or boundary.
        length: "short", "medium" (as long as calls may be late) or "long" (days).
        seconds: How long, within what `length` allows.
        listed: Share of the time it may be late that passes before it is listed.
        copies: How many calls come at once.
        costs: Share of what is left of that time before its costs come; None for at its end.
        deleted: At which of the next clean-ups it is deleted; None for never.
    """

    place: str = "soon"
    minutes: int = 0
    other: int = 0
    length: str = "short"
    seconds: int = 60
    listed: float = 0
    copies: int = 1
    costs: float | None = None
    deleted: int | None = None


# Minutes between two runs: many hold to the full hours.
WAITS = [600, 60, 1800, 10, 1, 420, 0]
SHARES = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])
CLIENTS = st.builds(
    Client,
    page_size=st.sampled_from([3, 2, 1, 5, 1000]),
    concurrency=st.sampled_from([1, 8]),
    late=st.sampled_from([1, 6, 30]),
    window=st.sampled_from([5 * 60, 24 * 60]),
    most_records=st.sampled_from([10_000, 6]),
    chunk_pages=st.sampled_from([3, 1, 10]),
    tick=st.sampled_from([600, 1, 0]),
    bare=st.booleans(),
    inclusive=st.booleans(),
    lag=st.sampled_from([0, 5000, 600_000]),
)
ARRIVALS = st.builds(
    Arrival,
    place=st.sampled_from(["soon", "tie", "boundary", "late"]),
    minutes=st.integers(0, 36 * 60),
    other=st.integers(0, 9),
    length=st.sampled_from(["short", "short", "medium", "long"]),
    seconds=st.integers(0, 600_000),
    listed=SHARES,
    copies=st.sampled_from([1, 1, 3]),
    costs=st.none() | SHARES,
    deleted=st.none() | st.none() | st.integers(0, 2),
)
CUTS = st.none() | st.builds(
    Cut,
    at=st.integers(0, 12) | st.integers(13, 60),
    kind=st.sampled_from(["killed", "full", "hiccup", "signal"]),
)


class World(RuleBasedStateMachine):
    """A provider, the calls it has, and a tap that runs now and then."""

    provider: ClassVar[str]
    # How many calls start together: more would be halved down to windows of a millisecond.
    most_at_once: ClassVar[int] = 6
    smallest_page: ClassVar[int] = 1
    # Calls are listed by when they started, so that the API can list one late.
    can_be_late: ClassVar[bool] = True
    # A call can go on for days, and the next runs wait for it or do not have to.
    can_be_long: ClassVar[bool] = True
    # How the calls end that are not completed.
    unanswered: ClassVar[str] = "busy"

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.warehouse = Warehouse()
        self.client = Client()
        self.busy = False
        end = START + timedelta(days=1)
        self.simulator = Simulator(seed=5, start=START, end=end, calls_per_day=0, now=START)
        self.stack.enter_context(self.simulator)
        self.simulator.on_request(lambda _: self.pass_time())

    @property
    def now(self) -> datetime:
        """The simulated time."""
        assert self.simulator.now
        return self.simulator.now

    @property
    def late(self) -> timedelta:
        """How long after its start a call may change."""
        return self.client.late * HOUR

    @property
    def calls(self) -> list[Call]:
        """All calls there will ever be."""
        return self.simulator.world.calls(self.provider)

    def pass_time(self) -> None:
        """Let some time pass with each request of a run."""
        if self.busy:
            self.simulator.now = self.now + self.client.tick * SECOND

    # Rules ------------------------------------------------------------------------------------

    @initialize(
        client=CLIENTS,
        arrivals=st.lists(ARRIVALS, max_size=10),
        hours=st.sampled_from([40, 20, 0]),
    )
    def set_up(self, client: Client, arrivals: list[Arrival], hours: int) -> None:
        """Make the server and the tap what they are for this world, with a history to read."""
        self.client = client
        page = max(client.page_size, self.smallest_page)
        self.simulator.page_sizes[self.provider] = page
        self.simulator.options.update(
            burki_bare_array=client.bare,
            voicy_bare_array=client.bare,
            voicy_inclusive=client.inclusive,
            twilio_end_includes_day=client.inclusive,
            twilio_lists_undialed=client.bare,
            retell_inclusive=client.inclusive,
            elevenlabs_inclusive=client.inclusive,
            retell_unstarted=client.bare,
            telnyx_stored_lag_ms=client.lag,
        )
        enter = self.stack.enter_context
        for stream in (stream for provider in PROVIDERS for stream in provider.streams):
            if issubclass(stream, WindowedStream):
                enter(patch.object(stream, "window", timedelta(minutes=client.window)))
        enter(patch.object(WindowedStream, "divided_above", client.most_records))
        enter(patch.object(WindowedStream, "rows_in_memory", client.most_records))
        enter(patch.object(TelnyxCallReports, "chunk_pages", client.chunk_pages))
        self.arrive(arrivals)
        self.simulator.now = START + hours * HOUR

    @rule(arrivals=st.lists(ARRIVALS, min_size=1, max_size=6))
    def arrive(self, arrivals: list[Arrival]) -> None:
        """Let calls come."""
        for arrival in arrivals:
            for _ in range(arrival.copies):
                self.add(arrival)

    @rule(cut=CUTS, stale=st.booleans(), minutes=st.sampled_from(WAITS))
    def run(self, cut: Cut | None, minutes: int, *, stale: bool) -> None:
        """After a while let the tap run, maybe not to its end, or from the last state but one."""
        self.simulator.now = self.now + timedelta(minutes=minutes)
        began = self.now
        # The run may begin with the last state but one, and writes that first.
        before = {
            name: max(self.bookmark(name) or START, self.bookmark(name, earlier=1) or START)
            for name in streams_of(self.provider)
        }
        self.busy = True
        done = self.warehouse.run(self.config(), began, cut, stale=stale)
        self.busy = False
        self.check_failures(done, began)
        for name in streams_of(self.provider):
            if done.whole or (self.bookmark(name) or START) > before[name]:
                self.check_progress(name, began)
            self.check_safety(name)

    def teardown(self) -> None:
        """Let all be over, and see what the target holds."""
        try:
            self.settle()
        finally:
            self.stack.close()

    # Checks -----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Run until quiet: all calls are there, in their final form, and no more is read."""
        self.simulator.now = max([self.now, *(self.over(call) for call in self.calls)]) + HOUR
        for _ in range(2):
            done = self.warehouse.run(self.config(), self.now)
            assert done.whole, done.failures
        for name in streams_of(self.provider):
            wrong = self.wrong(name, self.truth(name))
            assert not wrong, f"{len(wrong)} lost or not final: {wrong[0]}"
            assert self.surplus(name) == set()
        assert self.warehouse.without_call(self.provider) == set()
        # Calls that ended within the lookback are read once more, however long ago they started.
        self.simulator.now = self.now + self.lookback + HOUR
        self.warehouse.run(self.config(), self.now)
        done = self.warehouse.run(self.config(), self.now)
        for message in done.messages:
            if message["type"] == "RECORD" and message["stream"] in STREAMS:
                self.check_recent(STREAMS[message["stream"]], message["record"])

    def check_failures(self, done: Done, began: datetime) -> None:
        """A run fails only when the world makes it: calls vanish while they are paged through."""
        vanishing = any(
            call.deleted_at and began < call.deleted_at <= self.now for call in self.calls
        )
        assert vanishing or not done.failures, done.failures

    def check_progress(self, name: str, began: datetime) -> None:
        """A bookmark passes no call that is not out, and none that is still running."""
        facts, bookmark = STREAMS[name], self.bookmark(name)
        out = self.warehouse.by_key(name)
        if bookmark is None:
            assert began <= START  # there is nothing to read yet
            return
        listed = {facts.key(record) for record in self.truth(name, began)} - {None}
        for record in self.truth(name):
            position = facts.position(record)
            if facts.key(record) not in listed or position >= began:
                continue
            if position + facts.slack < bookmark:
                assert facts.key(record) in out, f"passed, but not out: {record}"
            if facts.running(record) and began - position < A_WEEK:
                assert bookmark <= position, f"passed, but running: {record}"

    def check_safety(self, name: str) -> None:
        """Whatever is not final in the target is read again by the next run."""
        bookmark = self.bookmark(name)
        if bookmark is None:
            return
        facts, reach = STREAMS[name], bookmark - self.lookback
        end = max([self.now, *(self.over(call) for call in self.calls)])
        for record, differing in self.wrong(name, self.truth(name, end)):
            position = facts.position(record) + facts.slack
            assert position >= reach, f"never read again: {differing} of {record}"

    def check_recent(self, facts: Facts, record: Record) -> None:
        """A run after which nothing happened reads the lookback, and nothing else."""
        times = [facts.position(record) + facts.slack]
        if record.get("updated_at"):
            times.append(datetime.fromisoformat(record["updated_at"]))
        assert max(times) >= self.now - self.lookback

    # What there is ----------------------------------------------------------------------------

    @property
    def lookback(self) -> timedelta:
        """How far each run looks back."""
        return self.late + MARGIN + self.client.lag * SECOND / 1000

    def config(self) -> dict[str, Any]:
        """Return the settings of a run."""
        own: dict[str, Any] = dict(self.simulator.configuration()[self.provider])
        if self.provider == "vonage":
            own["products"] = PRODUCTS
        return {
            "start_date": START.isoformat(),
            "lookback_hours": self.lookback / HOUR,
            "concurrency": self.client.concurrency,
            self.provider: own,
        }

    def truth(self, name: str, at: datetime | None = None) -> list[Record]:
        """Return what the API would send of a stream at a time."""
        now, self.simulator.now = self.now, at or self.now
        records: list[Record] = self.simulator.records(name)
        self.simulator.now = now
        return records

    def bookmark(self, name: str, earlier: int = 0) -> datetime | None:
        """Return a stream's bookmark, as the last state or one before it has it."""
        text = self.warehouse.bookmark(name, earlier)
        return datetime.fromisoformat(text) if text else None

    def wrong(self, name: str, truth: list[Record]) -> list[tuple[Record, list[str]]]:
        """Return what is lost or not final, but for calls that were given up after a week."""
        facts = STREAMS[name]
        return [
            (record, differing)
            for record, differing in self.warehouse.unlike(name, truth)
            if differing == ["missing"] or not facts.holds or not self.is_endless(record)
        ]

    def is_endless(self, record: Record) -> bool:
        """Tell whether a call goes on for more than a week."""
        position = STREAMS[streams_of(self.provider)[0]].position(record)
        starts = {call.start for call in self.calls if call.duration > A_WEEK / SECOND}
        return any(abs(start - position) < SECOND for start in starts)

    def surplus(self, name: str) -> set[Hashable]:
        """Return the keys of what the target holds and the world never had."""
        facts, deleted = STREAMS[name], [call for call in self.calls if call.deleted_at]
        if deleted:
            return set()
        return set(self.warehouse.by_key(name)) - {facts.key(sent) for sent in self.truth(name)}

    # How calls come ---------------------------------------------------------------------------

    def add(self, arrival: Arrival) -> None:
        """Let a call come whose last change is no later than calls may be late, or that is long."""
        start = self.start_of(arrival)
        earliest = max(start, self.now)
        left = start + self.late - earliest
        listed = earliest + arrival.listed * left if self.can_be_late else start
        seconds = self.seconds_of(arrival)
        end = start + timedelta(seconds=seconds)
        costs = None
        if arrival.costs is not None:
            # Of a long call they come as late after its end.
            latest = (end if arrival.length == "long" else start) + self.late
            costs = max(end, self.now) + arrival.costs * max(latest - max(end, self.now), 0 * HOUR)
        near = [call for call in self.calls if abs(call.start - start) <= timedelta(milliseconds=1)]
        if len(near) < self.most_at_once:
            call = self.simulator.world.make_call(
                self.provider,
                start=start,
                duration=seconds,
                outcome="completed" if arrival.other % 3 else self.unanswered,
                channel="web" if arrival.other % 2 else "phone",
                listed_at=listed if listed > start else None,
                costs_at=costs,
                deleted_at=self.clean_up(earliest, arrival.deleted),
            )
            self.calls.append(call)

    def clean_up(self, after: datetime, number: int | None) -> datetime | None:
        """Return when calls are deleted: many together, and when a run may be under way."""
        if number is None:
            return None
        return START + ((after - START) // TEN_HOURS + 1 + number) * TEN_HOURS + 25 * MINUTE

    def start_of(self, arrival: Arrival) -> datetime:
        """Return when a call starts: not longer ago than it may be late."""
        soon = self.now + timedelta(minutes=arrival.minutes)
        match arrival.place:
            case "late":
                start = self.now - timedelta(minutes=arrival.minutes) % self.late
            case "tie" if self.calls:
                start = self.calls[arrival.other % len(self.calls)].start
            case "boundary":
                window = timedelta(minutes=self.client.window)
                passed = (self.now - START) // window
                start = START + (passed + arrival.other % 3) * window
            case _:
                start = soon
        earliest = self.now - self.late if self.can_be_late else self.now
        return start if start >= max(START, earliest) else soon

    def seconds_of(self, arrival: Arrival) -> float:
        """Return how long a call lasts."""
        if arrival.length == "long" and self.can_be_long:
            return float(arrival.seconds + 24 * 3600)  # from one day to just over a week
        longest = registry.api_of(self.provider).longest_call or self.late
        most = min(self.late, longest) / SECOND if arrival.length == "medium" else 1200
        return float(arrival.seconds % (most + 1))

    def over(self, call: Call) -> datetime:
        """Return when nothing happens to a call any more."""
        ends = [call.end + timedelta(minutes=15), call.listed_at, call.costs_at, call.deleted_at]
        return max(end for end in ends if end)
