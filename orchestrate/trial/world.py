"""The simulated accounts of the trial and the time of their calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from tap_voicecalls.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2025, 10, 1, tzinfo=UTC)
END = datetime(2026, 11, 1, tzinfo=UTC)
STREAM = "burki_calls"


@dataclass(frozen=True)
class Account:
    """An account whose calls come from its own simulator.

    Attributes:
        label: The label.
        seed: The seed of its simulator.
        calls_per_day: The mean number of calls per day.
    """

    label: str
    seed: int
    calls_per_day: float

    def simulator(self, start: datetime = START, end: datetime = END) -> Simulator:
        """Make a simulator for a time range; the calls of a day never depend on the range."""
        return Simulator(seed=self.seed, start=start, end=end, calls_per_day=self.calls_per_day)


def accounts(number: int, calls: int) -> list[Account]:
    """Make accounts with about this total number of calls."""
    per_day = calls / number / (END - START).days
    return [Account(f"account {each}", each, per_day) for each in range(1, number + 1)]


def months() -> Iterator[tuple[datetime, datetime]]:
    """Yield the start and end of each month."""
    years = range(START.year, END.year + 1)
    firsts = [datetime(year, month, 1, tzinfo=UTC) for year in years for month in range(1, 13)]
    return pairwise(first for first in firsts if START <= first <= END)
