"""What happens to a request before its API sees it: rate limits, faults, early requests."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.client_limits import QuietPeriods, RateLimits
from tap_voicecalls.simulator.fault_responses import AGAIN, Exchange, fault_response, over_limit
from tap_voicecalls.simulator.faults import Faults, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_voicecalls.simulator.api import Api
    from tap_voicecalls.simulator.messages import Incoming, Response

OPTIONS: Mapping[str, object] = {
    # How long "slow" waits before it responds, and how long "stall" waits at most.
    "slow_seconds": 0.3,
    "stall_seconds": 30.0,
    # The number of single bytes that "drip" sends, and the time between two.
    "drip_bytes": 64,
    "drip_seconds": 0.005,
    # The number of "100 Continue" responses of "continue", and the time between two.
    "continue_count": 20,
    "continue_seconds": 0.005,
    # The unpacked size of "bomb", and the most that "endless" sends.
    "bomb_mb": 64,
    "endless_mb": 1024,
    # The pause that a 403, 429 or 503 asks for.
    "retry_after_seconds": 1,
    # How long after such a response requests may still arrive that were sent before it was read.
    "under_way_seconds": 0.15,
    # Provider name to the number of requests allowed in any window of so many seconds.
    "rate_limits": None,
    "rate_window_seconds": 1.0,
}
"""The options of the middleware and their defaults."""


class Middleware:
    """Passes requests to their API, or answers them with a fault.

    Args:
        options: The simulator's options.
        foreign_url: Returns an origin that must not receive a key.
        faults: The schedule of faults, None for none.
    """

    def __init__(
        self, options: Mapping[str, object], foreign_url: Callable[[], str], faults: Faults | None
    ) -> None:
        self._options = options
        self._foreign = foreign_url
        self._schedule = Schedule(faults)
        self._limits = RateLimits()
        self._quiet_periods = QuietPeriods()
        self._lock = threading.Lock()

    @property
    def faults(self) -> Faults | None:
        """The current schedule of faults."""
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
    def persistent_faults(self) -> dict[str, str]:
        """Provider name to the fault that each of its requests gets."""
        return self._schedule.persistent

    def counts(self) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """Return copies of the counts: faults by kind; early requests, requests over the limit."""
        with self._lock:
            injected, over = self._schedule.injected, self._limits.over
            return Counter(injected), Counter(self._quiet_periods.early), Counter(over)

    def answer(self, api: Api, incoming: Incoming) -> Response:
        """Answer one request, with its API's response or with a fault."""
        follows = incoming.first(AGAIN) is not None
        query = [pair for pair in incoming.query if pair[0] != AGAIN]
        incoming = replace(incoming, query=query)
        exchange = Exchange(api, incoming, self._options, self._foreign)
        with self._lock:
            limit = self._exceeded(api.name)
            identity = (incoming.method, incoming.path, tuple(query), repr(incoming.body))
            untouched = follows or limit is not None
            kind = None if untouched else self._schedule.take(api.name, identity, api.never)
        if limit is not None:
            response = over_limit(exchange, limit)
        else:
            response = fault_response(kind, exchange) if kind else api.answer(incoming)
        if response.quiet_until is not None:
            with self._lock:
                self._quiet_periods.ask(api.name, time.time(), response.quiet_until)
        return response

    def _exceeded(self, provider: str) -> float | None:
        """Count a request; return the rate limit if the request is above it."""
        under_way = float(str(self._options["under_way_seconds"]))
        self._quiet_periods.arrived(provider, time.time(), under_way)
        limits = self._options["rate_limits"]
        limit = limits.get(provider) if isinstance(limits, dict) else None
        window = float(str(self._options["rate_window_seconds"]))
        if limit is None or self._limits.admit(provider, limit, time.monotonic(), window):
            return None
        return float(limit)
