"""The simulated world: the seeded calls of every provider, independent of its API."""

from __future__ import annotations

import dataclasses
import itertools
import threading
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Unpack

from tap_voicecalls.simulator import call_times, people
from tap_voicecalls.simulator.call import AllCallChanges, Call, CallChanges, Profile
from tap_voicecalls.simulator.seeding import chance, identifier, seeded

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

# The ids of calls that tests make start after those of generated calls until the year 2243.
_FIRST_MADE_NUMBER = 10**11
_CALLS_NUMBERED_PER_DAY = 1_000_000
# Web calls come from visitors of a page; text-to-speech calls are made by the company.
_DIRECTIONS = {"web": "inbound", "tts": "outbound"}


class World:
    """All calls of all providers in [start, end), generated when a provider is first used.

    Args:
        seed: Decides every call.
        start: Aware UTC datetime, inclusive.
        end: Aware UTC datetime, exclusive.
        calls_per_day: Mean number of calls a day of each provider.
        profiles: Provider name to the properties of its calls.
    """

    def __init__(
        self,
        seed: int,
        start: datetime,
        end: datetime,
        calls_per_day: float,
        profiles: Mapping[str, Profile],
    ) -> None:
        self.seed = seed
        self.start = start.astimezone(UTC)
        self.end = end.astimezone(UTC)
        self.calls_per_day = calls_per_day
        self._profiles = profiles
        self._calls: dict[str, list[Call]] = {}
        self._ordered: dict[str, tuple[list[Call], list[Call]]] = {}
        self._made = itertools.count()
        self._lock = threading.RLock()

    def calls(self, provider: str) -> list[Call]:
        """Return the provider's calls: the list itself, which a test may change."""
        with self._lock:
            if provider not in self._calls:
                self._calls[provider] = list(self._generate(provider))
            return self._calls[provider]

    def ordered(self, provider: str) -> list[Call]:
        """Return the calls sorted by start and key.

        The same list object is returned until `calls` changes, so that an API can cache what it
        derives from it. Callers must not change it.
        """
        with self._lock:
            calls = self.calls(provider)
            snapshot, ordered = self._ordered.get(provider, ([], []))
            # Calls compare by identity, so this scan is fast and detects every change.
            if snapshot != calls:
                snapshot, ordered = list(calls), sorted(calls, key=_position)
                self._ordered[provider] = (snapshot, ordered)
            return ordered

    def between(
        self, provider: str, lower: datetime | None, upper: datetime | None
    ) -> Sequence[Call]:
        """Return the calls with lower <= start < upper, ascending; None means no bound."""
        ordered = self.ordered(provider)
        first = bisect_left(ordered, lower, key=_start) if lower else 0
        last = bisect_left(ordered, upper, key=_start) if upper else len(ordered)
        return ordered[first:last]

    def make_call(
        self,
        provider: str,
        *,
        start: datetime,
        duration: float = 60.0,
        **changes: Unpack[CallChanges],
    ) -> Call:
        """Return a new call without listing it; to list it, append it to `calls(provider)`.

        Args:
            provider: The API that lists it.
            start: Aware datetime, in or outside of the world's range.
            duration: Seconds.
            **changes: Fields of `Call`. The default is an answered phone call.
        """
        index = next(self._made)
        rng = seeded(f"{self.seed}/{provider}/made/{index}")
        plain: CallChanges = {"outcome": "completed", "channel": "phone", "is_test": False}
        changes = {**plain, **changes}
        made = self._build(provider, rng, start.astimezone(UTC), _FIRST_MADE_NUMBER + index)
        made = dataclasses.replace(made, duration=float(duration))
        if changes["channel"] == "phone" and made.customer_number is None:
            number = people.customer_number(rng, made.language)
            line = rng.choice(people.business_lines(self.seed, provider))
            made = dataclasses.replace(made, customer_number=number, business_number=line)
        return dataclasses.replace(made, **changes)

    def add(
        self,
        provider: str,
        *,
        start: datetime,
        duration: float = 60.0,
        **changes: Unpack[CallChanges],
    ) -> Call:
        """Make a call as `make_call` does, and list it. Thread-safe."""
        call = self.make_call(provider, start=start, duration=duration, **changes)
        with self._lock:
            self.calls(provider).append(call)
        return call

    def change(self, call: Call, **changes: Unpack[AllCallChanges]) -> Call:
        """Replace the listed call with the same key by a changed one. Thread-safe.

        Args:
            call: A listed call, or an earlier version of it.
            **changes: Fields of `Call`.

        Returns:
            The call that is listed now.

        Raises:
            KeyError: No call with that key is listed.
        """
        with self._lock:
            calls = self.calls(call.provider)
            for index, listed in enumerate(calls):
                if listed.key == call.key:
                    calls[index] = dataclasses.replace(listed, **changes)
                    return calls[index]
        raise KeyError(call.key)

    def _generate(self, provider: str) -> Iterator[Call]:
        day = self.start.date()
        while datetime(day.year, day.month, day.day, tzinfo=UTC) < self.end:
            for call in self._day(provider, day):
                if self.start <= call.start < self.end:
                    yield call
            day += timedelta(days=1)

    def _day(self, provider: str, day: date) -> Iterator[Call]:
        """Yield a day's calls, which depend only on the seed, the provider and the day."""
        rng = seeded(f"{self.seed}/{provider}/{day.isoformat()}")
        precision = self._profiles[provider].precision
        first = (day - date(1970, 1, 1)).days * _CALLS_NUMBERED_PER_DAY
        moments = call_times.starts(rng, day, self.calls_per_day, precision)
        for index, moment in enumerate(moments):
            yield self._build(provider, rng, moment, first + index)

    def _build(self, provider: str, rng: random.Random, start: datetime, number: int) -> Call:
        profile = self._profiles[provider]
        outcome = _weighted(rng, profile.outcomes)
        channel = _weighted(rng, profile.channels)
        language = _weighted(rng, people.LANGUAGES)
        lines = people.business_lines(self.seed, provider)
        agents = people.agents(self.seed, provider)
        phone = channel in {"phone", "tts"}
        return Call(
            provider=provider,
            key=identifier(rng),
            number=number,
            seed=rng.getrandbits(64),
            start=start,
            duration=call_times.seconds(rng, outcome),
            outcome=outcome,
            direction=_DIRECTIONS.get(channel) or ("inbound" if chance(rng, 0.6) else "outbound"),
            channel=channel,
            language=language,
            customer=people.customer_name(rng, language),
            customer_number=people.customer_number(rng, language) if phone else None,
            business_number=rng.choice(lines) if phone else None,
            agent=None if chance(rng, profile.agentless_share) else rng.choice(agents),
            is_test=chance(rng, profile.test_share),
        )


def _position(call: Call) -> tuple[datetime, str]:
    return call.start, call.key


def _start(call: Call) -> datetime:
    return call.start


def _weighted(rng: random.Random, weights: Mapping[str, int]) -> str:
    return rng.choices(tuple(weights), tuple(weights.values()))[0]
