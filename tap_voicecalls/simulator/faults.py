"""Which request gets which fault: by a seeded schedule, or scripted by a test."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.seeding import chance, seeded

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

TRANSIENT = (
    *("reset", "close", "slow", "stall", "cut", "html", "half", "empty"),
    *("drip", "continue", "chunk", "not-utf8"),
    *("403-seconds", "408", "425", "429", "429-seconds", "429-date", "429-reset"),
    *("500", "502", "503", "504", "redirect-same"),
    *("nan", "huge-integer", "duplicate-keys", "null-for-nothing"),
)
"""Faults after which a client still gets every record: it can read the response as it is, or it
retries the request."""

HOSTILE = (
    *("redirect-away", "bomb", "bomb-404", "bomb-302", "endless", "length"),
    *("206", "600", "null-records", "no-list"),
    *("totals-zero", "totals-huge", "cursor-list", "empty-for-ever", "new-for-ever", "unfiltered"),
)
"""Faults with wrong or endless responses. A client reports them in one clear error, or bounds what
they cost, and never accepts the response as complete."""

KINDS = (*TRANSIENT, *HOSTILE)
"""All faults."""

_NO_FAULT = "ok"


@dataclass(frozen=True, slots=True)
class Faults:
    """A schedule of faults.

    Attributes:
        seed: Decides, together with a request's number, whether it gets a fault and which.
        rate: The share of requests that get a fault, 0 to 1.
        kinds: The faults to choose from.
        limit: After so many consecutive faults, for one provider or for the same request, the next
            request gets a correct response.
    """

    seed: int = 1
    rate: float = 0.1
    kinds: tuple[str, ...] = TRANSIENT
    limit: int = 3

    def __post_init__(self) -> None:
        _check(self.kinds, KINDS)
        if not self.kinds or not 0 <= self.rate <= 1:
            message = "a schedule of faults needs a rate from 0 to 1 and at least one kind"
            raise ValueError(message)

    def draw(self, provider: str, number: int) -> str | None:
        """Return the fault of a provider's request by its number, None for no fault."""
        rng = seeded(f"{self.seed}/{provider}/fault/{number}")
        return rng.choice(self.kinds) if chance(rng, self.rate) else None


class Schedule:
    """Chooses the fault of each request. Not thread-safe.

    Attributes:
        injected: The number of faults so far, by kind.
        persistent: Provider name to the fault that each of its requests gets. The script has
            priority over it, and it has priority over the schedule.
    """

    def __init__(self, faults: Faults | None) -> None:
        self.injected: Counter[str] = Counter()
        self.persistent: dict[str, str] = {}
        self._scripts: defaultdict[str, deque[str]] = defaultdict(deque)
        self.faults = faults

    @property
    def faults(self) -> Faults | None:
        """The current schedule; setting one restarts the count of requests."""
        return self._faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        self._faults = faults
        self._numbers: Counter[str] = Counter()
        self._consecutive: Counter[Hashable] = Counter()

    def script(self, provider: str, kinds: Iterable[str]) -> None:
        """Queue faults, or "ok" for none, for a provider's next requests."""
        kinds = tuple(kinds)
        _check(kinds, (*KINDS, _NO_FAULT))
        self._scripts[provider].extend(kinds)

    def take(
        self, provider: str, identity: Hashable, never: frozenset[str] = frozenset()
    ) -> str | None:
        """Return the fault of the next request; `identity` is equal for a repeated request.

        A fault that the API never has is not drawn.
        """
        script = self._scripts[provider]
        if script:
            kind: str | None = script.popleft()
        elif provider in self.persistent:
            kind = self.persistent[provider]
            _check([kind], KINDS)
        else:
            kind = self._scheduled(provider, identity)
            kind = None if kind in never else kind
        if kind in {None, _NO_FAULT}:
            return None
        self.injected[str(kind)] += 1
        return kind

    def _scheduled(self, provider: str, identity: Hashable) -> str | None:
        if self._faults is None:
            return None
        self._numbers[provider] += 1
        kind = self._faults.draw(provider, self._numbers[provider])
        rows = (provider, (provider, identity))
        if kind is None or any(self._consecutive[row] >= self._faults.limit for row in rows):
            for row in rows:
                self._consecutive.pop(row, None)
            return None
        self._consecutive.update(rows)
        return kind


def _check(kinds: Iterable[str], known: tuple[str, ...]) -> None:
    unknown = [kind for kind in kinds if kind not in known]
    if unknown:
        message = f"unknown fault: {', '.join(unknown)}; choose from {', '.join(known)}"
        raise ValueError(message)
