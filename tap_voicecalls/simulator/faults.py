"""Which requests get a fault, and which: by a seeded schedule or by a test's script."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.seeding import chance, seeded

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

PASSING = (
    *("reset", "close", "slow", "stall", "cut", "html", "half", "empty"),
    *("drip", "continue", "chunk", "not-utf8"),
    *("403-seconds", "408", "425", "429", "429-seconds", "429-date", "429-reset"),
    *("500", "502", "503", "504", "redirect-same"),
    *("nan", "huge-integer", "duplicate-keys", "null-for-nothing"),
)
"""The faults that cost a patient client nothing but time: it reads the answer all the same, or gets
over it by asking again."""

HOSTILE = (
    *("redirect-away", "bomb", "bomb-404", "bomb-302", "endless", "length"),
    *("206", "600", "null-records", "no-list"),
    *("totals-zero", "totals-huge", "cursor-list", "empty-for-ever", "new-for-ever", "unfiltered"),
)
"""The faults that lie or have no end: a client refuses them in one clear error, or bounds what they
cost it, and in no case takes the answer for the whole truth."""

KINDS = (*PASSING, *HOSTILE)
"""All faults."""

_HONEST = "ok"


@dataclass(frozen=True, slots=True)
class Faults:
    """A schedule of faults.

    Attributes:
        seed: Decides, with the number of a request, whether it gets a fault and which.
        rate: Share of requests that get one, 0 to 1.
        kinds: The faults to choose from.
        limit: After so many faults in a row, for one provider or for one and the same request, the
            next one is answered honestly.
    """

    seed: int = 1
    rate: float = 0.1
    kinds: tuple[str, ...] = PASSING
    limit: int = 3

    def __post_init__(self) -> None:
        _check(self.kinds, KINDS)
        if not self.kinds or not 0 <= self.rate <= 1:
            message = "a schedule of faults needs a rate from 0 to 1 and at least one kind"
            raise ValueError(message)

    def draw(self, provider: str, number: int) -> str | None:
        """Return the fault of a provider's request of that number, None for most of them."""
        rng = seeded(f"{self.seed}/{provider}/fault/{number}")
        return rng.choice(self.kinds) if chance(rng, self.rate) else None


class Schedule:
    """Hands out the faults, request by request. Not for several threads at once.

    Attributes:
        injected: How many faults were handed out, by kind.
        standing: The fault that every request to a provider gets, by provider; it comes after the
            script and before the schedule.
    """

    def __init__(self, faults: Faults | None) -> None:
        self.injected: Counter[str] = Counter()
        self.standing: dict[str, str] = {}
        self._scripts: defaultdict[str, deque[str]] = defaultdict(deque)
        self.faults = faults

    @property
    def faults(self) -> Faults | None:
        """The schedule in force; a new one counts requests from the beginning."""
        return self._faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        self._faults = faults
        self._numbers: Counter[str] = Counter()
        self._in_a_row: Counter[Hashable] = Counter()

    def script(self, provider: str, kinds: Iterable[str]) -> None:
        """Queue faults, or "ok" for none, for a provider's next requests."""
        kinds = tuple(kinds)
        _check(kinds, (*KINDS, _HONEST))
        self._scripts[provider].extend(kinds)

    def take(self, provider: str, identity: Hashable) -> str | None:
        """Return the fault of the next request; `identity` is the same when it is repeated."""
        script = self._scripts[provider]
        if script:
            kind: str | None = script.popleft()
        elif provider in self.standing:
            kind = self.standing[provider]
            _check([kind], KINDS)
        else:
            kind = self._scheduled(provider, identity)
        if kind in {None, _HONEST}:
            return None
        self.injected[str(kind)] += 1
        return kind

    def _scheduled(self, provider: str, identity: Hashable) -> str | None:
        if self._faults is None:
            return None
        self._numbers[provider] += 1
        kind = self._faults.draw(provider, self._numbers[provider])
        rows = (provider, (provider, identity))
        if kind is None or any(self._in_a_row[row] >= self._faults.limit for row in rows):
            for row in rows:
                self._in_a_row.pop(row, None)
            return None
        self._in_a_row.update(rows)
        return kind


def _check(kinds: Iterable[str], known: tuple[str, ...]) -> None:
    unknown = [kind for kind in kinds if kind not in known]
    if unknown:
        message = f"no such fault: {', '.join(unknown)}; there are {', '.join(known)}"
        raise ValueError(message)
