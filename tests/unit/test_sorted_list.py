"""A changing list that can be sorted but not filtered, read from a point in time on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
from math import ceil, log2
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.paging.sorted_list import SortedList

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(days=1)

Record = dict[str, Any]


def at(seconds: int) -> datetime:
    """Return a time; there are few of them, so that many records share one."""
    return START + timedelta(seconds=seconds)


@dataclass
class Server:
    """A list that may lose its oldest records and get new ones before each request.

    Attributes:
        records: The records, oldest first; those without a time before all others.
        page_size: How many records a page holds.
        losses: Returns how many records are lost before the request of a number.
        gains: Returns how many records are added before the request of a number.
        counts: Whether it reports how many pages there are.
        requested: The pages that were requested.
    """

    records: list[Record]
    page_size: int
    losses: Callable[[int], int] = lambda _: 0
    gains: Callable[[int], int] = lambda _: 0
    counts: bool = True
    requested: list[int] = field(default_factory=list)

    def fetch(self, number: int) -> Page:
        """Let the list change, then return a page."""
        self.requested.append(number)
        del self.records[: self.losses(len(self.requested))]
        gained = self.gains(len(self.requested))
        self.records += [
            {"id": f"new-{len(self.requested)}-{number}", "at": at(100 + len(self.requested))}
            for number in range(gained)
        ]
        end = number * self.page_size
        pages = ceil(len(self.records) / self.page_size) if self.counts else None
        return Page(self.records[end - self.page_size : end], pages=pages)

    def fetch_newest(self, number: int) -> Page:
        """Return a page of the reversed list."""
        page = self.fetch(1)
        end = number * self.page_size
        return Page(self.records[::-1][end - self.page_size : end], pages=page.pages)

    def as_list(self, chunk_pages: int = SortedList.chunk_pages) -> SortedList:
        """Return the list as the code under test sees it."""
        return SortedList(
            fetch=self.fetch,
            fetch_all=lambda numbers: map(self.fetch, numbers),
            newest=self.fetch_newest,
            reverse=lambda chunks: reversed([chunk[::-1] for chunk in chunks]),
            position=lambda record: record["at"],
            key=lambda record: record["id"],
            size=self.page_size,
            chunk_pages=chunk_pages,
        )


def records_at(times: list[int | None]) -> list[Record]:
    """Return records of these times, in the order of the list."""
    ordered = sorted(times, key=lambda time: -1 if time is None else time)
    return [
        {"id": f"old-{number}", "at": None if time is None else at(time)}
        for number, time in enumerate(ordered)
    ]


OLD = st.lists(st.none() | st.integers(0, 20), max_size=60).map(records_at)
PAGE_SIZES = st.integers(1, 7)
CHUNKS = st.integers(1, 4)
# At most as many losses as attempts: each can spoil one, so the reading never fails.
LOSSES = st.dictionaries(st.integers(1, 40), st.integers(1, 6), max_size=5)
GAINS = st.dictionaries(st.integers(1, 40), st.integers(1, 6), max_size=8)


@given(
    old=OLD,
    size=PAGE_SIZES,
    chunk=CHUNKS,
    losses=LOSSES,
    gains=GAINS,
    since=st.integers(-1, 21),
    counts=st.booleans(),
)
def test_records_that_stay_in_the_list_are_read_exactly_once(  # noqa: PLR0913 - many ways in which a list changes
    *,
    old: list[Record],
    size: int,
    chunk: int,
    losses: dict[int, int],
    gains: dict[int, int],
    since: int,
    counts: bool,
) -> None:
    """However the list changes between two requests, no record is missed or read twice."""
    server = Server(
        list(old), size, lambda turn: losses.get(turn, 0), lambda turn: gains.get(turn, 0), counts
    )

    chunks = list(server.as_list(chunk).since(at(since), END))

    read = [record["id"] for record in chain.from_iterable(chunks)]
    still_there = {record["id"] for record in server.records}
    due = {record["id"] for record in old if record["at"] and record["at"] >= at(since)}
    assert still_there & due <= set(read)
    assert len(set(read)) == len(read)


@given(old=OLD, size=PAGE_SIZES, chunk=CHUNKS, losses=LOSSES, since=st.integers(-1, 21))
def test_chunks_ascend(
    *, old: list[Record], size: int, chunk: int, losses: dict[int, int], since: int
) -> None:
    """No record comes after a later one, none is older than requested: a bookmark can follow."""
    server = Server(list(old), size, lambda turn: losses.get(turn, 0))

    chunks = list(server.as_list(chunk).since(at(since), END))

    times = [record["at"] for record in chain.from_iterable(chunks) if record["at"]]
    assert sorted(times) == times
    assert all(time >= at(since) for time in times)


@pytest.mark.parametrize("lost", [1, 3, 9])
@pytest.mark.parametrize("turn", range(1, 25))
def test_a_loss_before_any_request_is_noticed(turn: int, lost: int) -> None:
    """Records that move to an earlier page after the bisection are not missed."""
    server = Server(records_at(list(range(60))), 4, losses=lambda number: lost * (number == turn))

    read = list(chain.from_iterable(server.as_list(2).since(at(20), END)))

    assert [at(time) for time in range(20, 60)] == [record["at"] for record in read]


def test_records_without_a_time_are_not_dropped() -> None:
    """A record without a time is read with the page that it is on."""
    server = Server(records_at([None, 1, 2]), 2)

    read = chain.from_iterable(server.as_list().since(at(0), END))

    assert [record["id"] for record in read] == ["old-0", "old-1", "old-2"]


@given(times=st.lists(st.integers(0, 30), max_size=200), size=PAGE_SIZES, since=st.integers(-1, 31))
def test_bisection_finds_the_last_page_that_begins_before(
    times: list[int], size: int, since: int
) -> None:
    """Reading starts on the page where the first wanted record can be, and no page earlier."""
    server = Server(records_at([*times]), size)
    beginnings = sorted(times)[::size]

    expected = max(1, sum(time < since for time in beginnings))
    assert expected == server.as_list().seek(at(since))


@pytest.mark.parametrize("pages", [1, 2, 3, 1000, 1024, 1025])
@pytest.mark.parametrize("since", [-1, 0, 400, 5000])
def test_bisection_requests_few_pages(pages: int, since: int) -> None:
    """Finding the start in a list of a thousand pages takes ten requests, not a thousand."""
    server = Server(records_at(list(range(pages))), 1)

    server.as_list().seek(at(since))

    past_the_end = 1  # a full page may be followed by another, whatever the list reports
    assert len(server.requested) <= 1 + ceil(log2(pages)) + past_the_end


def test_pages_before_the_start_are_not_read() -> None:
    """A run that reads the end of a long list does not read the whole list."""
    server = Server(records_at(list(range(1000))), 1)

    read = list(chain.from_iterable(server.as_list().since(at(990), END)))

    assert len(read) == 10
    assert len(server.requested) < 45


def test_a_chunk_is_not_read_twice() -> None:
    """A list that does not change costs about one request a page: checks do not double them."""
    pages = 100
    server = Server(records_at(list(range(3 * pages))), 3)

    list(server.as_list().since(at(-1), END))

    entering, a_chunk = 1 + ceil(log2(pages)), 2  # the last page again, and the first as a check
    chunks = ceil(pages / SortedList.chunk_pages)
    assert len(server.requested) <= entering + pages + a_chunk * chunks


def test_chunks_are_bounded() -> None:
    """Memory does not grow with the list: a chunk is a few pages."""
    server = Server(records_at(list(range(100))), 1)

    sizes = [len(chunk) for chunk in server.as_list().since(at(0), END)]

    assert max(sizes) <= SortedList.chunk_pages + 1
    assert sum(sizes) == 100


def test_one_time_on_many_pages_is_read() -> None:
    """Records of one time that fill more pages than a chunk do not stop the reading."""
    times = [1, *[5] * 60, 9]
    server = Server(records_at([*times]), 1)

    read = [record["at"] for record in chain.from_iterable(server.as_list().since(at(0), END))]

    assert [at(time) for time in times] == read


def test_a_list_that_never_stops_changing_is_refused() -> None:
    """A list that loses a record before each request ends in an error, not in an endless run."""
    server = Server(records_at(list(range(5000))), 1, losses=lambda _: 1)

    with pytest.raises(BadAnswer, match="keeps changing"):
        list(server.as_list().since(at(0), END))


def test_losses_between_chunks_do_not_add_up() -> None:
    """A long list that changes now and then is read to its end, however often in all."""
    server = Server(records_at(list(range(600))), 1, losses=lambda turn: int(turn % 25 == 0))

    read = list(chain.from_iterable(server.as_list().since(at(0), END)))

    assert len(server.requested) // 25 > 20  # losses: a chunk is read again only a few times
    assert read[-1]["id"] == "old-599"
    assert all(one["at"] < other["at"] for one, other in pairwise(read))


@pytest.mark.parametrize("counts", [True, False])
def test_an_empty_list_ends(*, counts: bool) -> None:
    """An account without a single record is not an error, and is not requested for ever."""
    server = Server([], 5, counts=counts)

    assert list(chain.from_iterable(server.as_list().since(at(0), END))) == []
