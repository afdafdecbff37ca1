"""What there is to read: accounts of one provider, and how many calls they have in 13 months."""

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
    """An account, whose calls come from a simulator of its own.

    Attributes:
        label: Its label.
        seed: What decides its calls.
        calls_per_day: How many calls it has on the mean day.
    """

    label: str
    seed: int
    calls_per_day: float

    def simulator(self, start: datetime = START, end: datetime = END) -> Simulator:
        """Make a simulator of a part of its calls: a day's calls are the same in each."""
        return Simulator(seed=self.seed, start=start, end=end, calls_per_day=self.calls_per_day)


def accounts(number: int, calls: int) -> list[Account]:
    """Make accounts that have about so many calls together."""
    per_day = calls / number / (END - START).days
    return [Account(f"account {each}", each, per_day) for each in range(1, number + 1)]


def months() -> Iterator[tuple[datetime, datetime]]:
    """Yield each month, from its start to its end."""
    years = range(START.year, END.year + 1)
    firsts = [datetime(year, month, 1, tzinfo=UTC) for year in years for month in range(1, 13)]
    return pairwise(first for first in firsts if START <= first <= END)
