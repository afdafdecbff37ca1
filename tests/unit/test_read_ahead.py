"""Reading ahead: in order, bounded, and gone when nobody listens any more."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from support import reading_threads

from tap_voicecalls.streams.read_ahead import read_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = 120  # seconds after which a test that hangs fails; none of them ever waits that long


def all_have_ended() -> bool:
    """Tell whether each thread that reads comes to its end."""
    readers = reading_threads()
    for reader in readers:
        reader.join(LONG)
    return not any(reader.is_alive() for reader in readers)


@pytest.mark.parametrize("workers", [1, 2, 5, 64])
@pytest.mark.parametrize("count", [0, 1, 20])
def test_results_come_in_order(workers: int, count: int) -> None:
    """Each result comes once, in the order of the items, whoever works on them."""
    expected = [number * number for number in range(count)]
    assert expected == list(
        read_ahead(lambda number: number * number, range(count), lambda: workers)
    )


def test_a_slow_first_item_is_still_the_first() -> None:
    """A later window that is read sooner waits for its turn."""
    second_done = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert second_done.wait(LONG)
        else:
            second_done.set()
        return number

    assert list(read_ahead(work, range(2), lambda: 2)) == [0, 1]


def test_as_many_are_under_way_as_allowed() -> None:
    """All workers work at once: each call waits here until all of them are there."""
    everyone = threading.Barrier(4)

    results = list(read_ahead(lambda _: everyone.wait(LONG), range(8), lambda: 4))

    assert sorted(results) == [0, 0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_no_more_are_begun_than_allowed(workers: int) -> None:
    """Memory is bounded: items are drawn as results are taken, not as fast as they can be."""
    drawn = []

    def items() -> Iterator[int]:
        for number in range(30):
            drawn.append(number)
            yield number

    taken = 0
    for _ in read_ahead(lambda number: number, items(), lambda: workers):
        taken += 1
        assert len(drawn) <= taken + workers
    assert taken == 30


@pytest.mark.parametrize("workers", [1, 3])
def test_nothing_is_begun_before_the_first_result_is_wanted(workers: int) -> None:
    """A stream that is set up but not read sends no request."""
    asked: list[int] = []

    results = read_ahead(asked.append, range(5), lambda: workers)

    assert asked == []
    assert next(iter(results)) is None
    assert asked


def test_the_first_error_in_order_wins() -> None:
    """What came before the error is delivered, and no later error that is sooner hides it."""
    later_failed = threading.Event()

    def work(number: int) -> int:
        if number == 1:
            assert later_failed.wait(LONG)
            raise LookupError(number)
        if number == 2:
            later_failed.set()
            raise KeyError(number)
        return number

    delivered = []
    with pytest.raises(LookupError, match="1") as caught:  # noqa: PT012 - what came before counts
        for number in read_ahead(work, range(50), lambda: 3):
            delivered.append(number)  # noqa: PERF402 - the list must outlive the error

    assert type(caught.value) is LookupError
    assert delivered == [0]
    assert all_have_ended()


def test_after_an_error_the_rest_is_given_up() -> None:
    """A refused key is not tried for each window that is left."""
    asked: list[int] = []

    def work(number: int) -> None:
        asked.append(number)
        raise PermissionError

    with pytest.raises(PermissionError):
        list(read_ahead(work, range(1000), lambda: 3))

    assert len(asked) <= 3


def test_an_error_while_naming_items_is_raised() -> None:
    """What goes wrong in finding out what to read is not lost in a thread."""

    def items() -> Iterator[int]:
        yield 1
        raise LookupError

    with pytest.raises(LookupError):
        list(read_ahead(str, items(), lambda: 2))
    assert all_have_ended()


def test_closing_early_leaves_no_thread() -> None:
    """A reader that stops in the middle leaves nothing behind that goes on sending requests."""
    asked: list[int] = []

    def work(number: int) -> int:
        asked.append(number)
        return number

    results = read_ahead(work, range(1000), lambda: 4)
    assert next(results) == 0
    results.close()

    assert all_have_ended()
    assert len(asked) <= 5


def test_an_error_does_not_wait_for_what_is_under_way() -> None:
    """A run that failed says so now, not when the slowest of its requests has timed out."""
    told = threading.Event()
    outlived: list[bool] = []

    def work(number: int) -> None:
        if number == 0:
            raise LookupError
        outlived.append(told.wait(LONG))

    with pytest.raises(LookupError):
        list(read_ahead(work, range(3), lambda: 3))
    told.set()

    assert all_have_ended()
    assert all(outlived)


def test_an_error_of_the_items_comes_in_its_turn() -> None:
    """What was begun before a list breaks off is not lost with it."""

    def listed() -> Iterator[int]:
        yield from range(3)
        raise LookupError

    results = read_ahead(lambda number: number, listed(), lambda: 8)

    assert [next(results), next(results), next(results)] == [0, 1, 2]
    with pytest.raises(LookupError):
        next(results)
