"""What is measured: the sizes of a run, and its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.contestants import (
    AIRBYTE,
    AIRBYTE_IN_PARTS,
    DLT,
    LIMIT,
    PLAIN,
    THIS_TAP,
    Contestant,
)
from benchmarks.data import DataSet

if TYPE_CHECKING:
    from collections.abc import Iterator

CONCURRENCY = 8
"""The tap's default."""
MANY = 16
SLOW = 200  # milliseconds
_DENSITY = 20_000 / 21  # calls a day: 6,667 in a window of seven
_HISTORY = 210  # days: 30 windows


@dataclass(frozen=True, slots=True)
class Sizes:
    """The amounts of a run.

    Attributes:
        rounds: The number of rounds; each contestant runs once in each.
        records: Number of calls in cases without latency.
        slow_records: Number of calls in cases with latency.
        details: Number of calls whose details are fetched one by one.
        own_records: Number of calls in cases of this tap alone, and of loads.
        growth: Numbers of calls of the growth cases; the last case runs only once.
    """

    rounds: int
    records: int
    slow_records: int
    details: int
    own_records: int
    growth: tuple[int, ...]


FULL = Sizes(5, 200_000, 20_000, 400, 50_000, (10_000, 100_000, 1_000_000))
QUICK = Sizes(1, 20_000, 4_000, 100, 5_000, (1_000, 10_000, 100_000))


@dataclass(frozen=True, slots=True)
class Case:
    """Contestants that read the same calls from the same server.

    Attributes:
        key: Its short name.
        title: Its title in the report.
        calls: The calls.
        page_size: The largest page of the server.
        latency: The delay of each response, in milliseconds.
        concurrency: The number of concurrent requests, for contestants that support it.
        contestants: The contestants.
        rounds: How often each contestant runs.
    """

    key: str
    title: str
    calls: DataSet
    page_size: int
    latency: int
    concurrency: int
    contestants: tuple[Contestant, ...]
    rounds: int


def dense(records: int) -> DataSet:
    """Return calls of a fixed density: more calls make a longer history."""
    return DataSet(records, max(round(records / _DENSITY), 1))


def fast_cases(sizes: Sizes) -> Iterator[Case]:
    """Yield the cases without latency, which the processor limits."""
    for size in (100, 1000):
        yield Case(
            f"fast-{size}",
            f"No latency, pages of {size}",
            dense(sizes.records),
            size,
            0,
            CONCURRENCY,
            (THIS_TAP, PLAIN, AIRBYTE, DLT, LIMIT),
            sizes.rounds,
        )


def slow_cases(sizes: Sizes) -> Iterator[Case]:
    """Yield the cases with latency."""
    everyone = (THIS_TAP, PLAIN, AIRBYTE, AIRBYTE_IN_PARTS, DLT, LIMIT)
    # Contestants with sequential requests all take the same time, so one of them is enough.
    some = (THIS_TAP, PLAIN, AIRBYTE_IN_PARTS)
    spread = DataSet(sizes.slow_records, _HISTORY)
    for latency, contestants in ((SLOW, some), (50, everyone)):
        title = f"{latency} ms a request, pages of 100, {MANY} at once"
        yield Case(f"slow-{latency}", title, spread, 100, latency, MANY, contestants, sizes.rounds)
    yield Case(
        f"slow-{SLOW}-dense",
        f"{SLOW} ms a request, pages of 100, {MANY} at once, the same number of calls in a few "
        "windows of many pages",
        dense(sizes.slow_records),
        100,
        SLOW,
        MANY,
        (THIS_TAP,),
        sizes.rounds,
    )


def growth_cases(sizes: Sizes) -> Iterator[Case]:
    """Yield the cases with longer and longer histories, for this tap only."""
    for records in sizes.growth:
        yield Case(
            f"growth-{records}",
            f"{records:,} calls",
            dense(records),
            1000,
            0,
            CONCURRENCY,
            (THIS_TAP,),
            1 if records == sizes.growth[-1] else sizes.rounds,
        )
