"""What is measured: the sizes of a run, and the cases in which contestants meet."""

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
    """How much is measured.

    Attributes:
        rounds: How often each contestant runs in each case.
        records: Calls in the cases without latency.
        slow_records: Calls in the cases with latency.
        details: Calls that are fetched one by one.
        growth: Numbers of calls for time and memory; the last is read only once.
    """

    rounds: int
    records: int
    slow_records: int
    details: int
    growth: tuple[int, ...]


FULL = Sizes(5, 200_000, 20_000, 400, (10_000, 100_000, 1_000_000))
QUICK = Sizes(1, 20_000, 4_000, 100, (1_000, 10_000, 100_000))


@dataclass(frozen=True, slots=True)
class Case:
    """Contestants that read the same calls from the same server.

    Attributes:
        key: Its short name.
        title: What it is called in the report.
        calls: What is read.
        page_size: The largest page that the server gives.
        latency: How long the server lets each request wait, in milliseconds.
        concurrency: How many requests may be under way at once, for those that can.
        contestants: Who reads.
        rounds: How often each.
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
    """Return calls that are equally close however many: the history is as long as it takes."""
    return DataSet(records, max(round(records / _DENSITY), 1))


def fast_cases(sizes: Sizes) -> Iterator[Case]:
    """Yield the cases in which only the processor counts."""
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
    """Yield the cases in which waiting counts."""
    everyone = (THIS_TAP, PLAIN, AIRBYTE, AIRBYTE_IN_PARTS, DLT, LIMIT)
    # Those that send one request after the other all take as long: one of them is enough.
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
    """Yield ever longer histories, for this tap alone."""
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
