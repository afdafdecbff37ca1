"""What stands between a request and its API: rate limits, faults, and a memory for impatience."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.faults import Faults, Schedule
from tap_voicecalls.simulator.faulty_answers import AGAIN, Exchange, faulty, over_limit
from tap_voicecalls.simulator.limits import RateLimits, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_voicecalls.simulator.api import Api
    from tap_voicecalls.simulator.messages import Incoming, Response

OPTIONS: Mapping[str, object] = {
    # How long "slow" waits before it answers, and how long at most "stall" holds on.
    "slow_seconds": 0.3,
    "stall_seconds": 30.0,
    # How many bytes "drip" sends one by one, and the time between two.
    "drip_bytes": 64,
    "drip_seconds": 0.005,
    # How often "continue" says so before it answers, and the time between two.
    "continue_count": 20,
    "continue_seconds": 0.005,
    # How many megabytes "bomb" becomes when it is unpacked, and "endless" sends at most.
    "bomb_mb": 64,
    "endless_mb": 1024,
    # What a 403, 429 or 503 with a wait asks for.
    "retry_after_seconds": 1,
    # How long after such an answer requests still come that were sent before it was read.
    "under_way_seconds": 0.15,
    # Provider name to requests in any stretch of so many seconds.
    "rate_limits": None,
    "rate_window_seconds": 1.0,
}
"""The switches of the gate and their defaults."""


class Gate:
    """Lets requests through to their API, or answers them with a fault.

    Args:
        options: The simulator's switches.
        stranger: Returns an origin that must not get a key.
        faults: The schedule of faults, None for none.
    """

    def __init__(
        self, options: Mapping[str, object], stranger: Callable[[], str], faults: Faults | None
    ) -> None:
        self._options = options
        self._stranger = stranger
        self._schedule = Schedule(faults)
        self._limits = RateLimits()
        self._retry_policy = RetryPolicy()
        self._lock = threading.Lock()

    @property
    def faults(self) -> Faults | None:
        """The schedule in force."""
        return self._schedule.faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        with self._lock:
            self._schedule.faults = faults

    def script(self, provider: str, *kinds: str) -> None:
        """Queue faults, or "ok" for none, for a provider's next requests."""
        with self._lock:
            self._schedule.script(provider, kinds)

    @property
    def standing(self) -> dict[str, str]:
        """The fault that every request to a provider gets, by provider."""
        return self._schedule.standing

    def counts(self) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """Return copies: faults by kind, early requests and those over the limit by provider."""
        with self._lock:
            injected, over = self._schedule.injected, self._limits.over
            return Counter(injected), Counter(self._retry_policy.impatient), Counter(over)

    def answer(self, api: Api, incoming: Incoming) -> Response:
        """Answer one request, honestly or not."""
        follows = incoming.first(AGAIN) is not None
        query = [pair for pair in incoming.query if pair[0] != AGAIN]
        incoming = replace(incoming, query=query)
        exchange = Exchange(api, incoming, self._options, self._stranger)
        with self._lock:
            limit = self._exceeded(api.name)
            identity = (incoming.method, incoming.path, tuple(query), repr(incoming.body))
            untouched = follows or limit is not None
            kind = None if untouched else self._schedule.take(api.name, identity)
        if limit is not None:
            response = over_limit(exchange, limit)
        else:
            response = faulty(kind, exchange) if kind else api.answer(incoming)
        if response.quiet_until is not None:
            with self._lock:
                self._retry_policy.ask(api.name, time.time(), response.quiet_until)
        return response

    def _exceeded(self, provider: str) -> float | None:
        """Take note of a request; return the rate limit if the request is beyond it."""
        under_way = float(str(self._options["under_way_seconds"]))
        self._retry_policy.arrived(provider, time.time(), under_way)
        limits = self._options["rate_limits"]
        limit = limits.get(provider) if isinstance(limits, dict) else None
        window = float(str(self._options["rate_window_seconds"]))
        if limit is None or self._limits.admit(provider, limit, time.monotonic(), window):
            return None
        return float(limit)
