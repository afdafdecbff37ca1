"""Reading ahead: in order, bounded, and stopped when the results are not used any more."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from support import reading_threads

from tap_voicecalls.streams.read_ahead import read_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = 120  # seconds until a hanging test fails; no test waits that long otherwise


def all_have_ended() -> bool:
    """Return whether all reading threads come to an end."""
    readers = reading_threads()
    for reader in readers:
        reader.join(LONG)
    return not any(reader.is_alive() for reader in readers)


@pytest.mark.parametrize("workers", [1, 2, 5, 64])
@pytest.mark.parametrize("count", [0, 1, 20])
def test_results_come_in_order(workers: int, count: int) -> None:
    """Each result comes once, in the order of the items, for any number of threads."""
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


def test_as_many_calls_run_concurrently_as_allowed() -> None:
    """Each call waits here until all of them are running."""
    everyone = threading.Barrier(4)

    results = list(read_ahead(lambda _: everyone.wait(LONG), range(8), lambda: 4))

    assert sorted(results) == [0, 0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_no_more_calls_are_started_than_allowed(workers: int) -> None:
    """Memory is bounded: items are taken as results are used, not as fast as possible."""
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
def test_nothing_is_started_before_the_first_result_is_used(workers: int) -> None:
    """A stream that is set up but not read sends no request."""
    requested: list[int] = []

    results = read_ahead(requested.append, range(5), lambda: workers)

    assert requested == []
    assert next(iter(results)) is None
    assert requested


def test_the_first_error_in_order_is_raised() -> None:
    """Results before the error are delivered, and an error of a later item does not hide it."""
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


def test_an_error_cancels_the_rest() -> None:
    """A refused API key is not tried for each window that is left."""
    requested: list[int] = []

    def work(number: int) -> None:
        requested.append(number)
        raise PermissionError

    with pytest.raises(PermissionError):
        list(read_ahead(work, range(1000), lambda: 3))

    assert len(requested) <= 3


def test_an_error_of_the_items_is_raised() -> None:
    """An error in deciding what to read is not lost in a thread."""

    def items() -> Iterator[int]:
        yield 1
        raise LookupError

    with pytest.raises(LookupError):
        list(read_ahead(str, items(), lambda: 2))
    assert all_have_ended()


def test_closing_early_leaves_no_thread() -> None:
    """A reader that stops in the middle leaves no thread that goes on sending requests."""
    requested: list[int] = []

    def work(number: int) -> int:
        requested.append(number)
        return number

    results = read_ahead(work, range(1000), lambda: 4)
    assert next(results) == 0
    results.close()

    assert all_have_ended()
    assert len(requested) <= 5


def test_an_error_does_not_wait_for_running_calls() -> None:
    """A failed run ends now, not when the slowest of its requests has timed out."""
    is_raised = threading.Event()
    outlived: list[bool] = []

    def work(number: int) -> None:
        if number == 0:
            raise LookupError
        outlived.append(is_raised.wait(LONG))

    with pytest.raises(LookupError):
        list(read_ahead(work, range(3), lambda: 3))
    is_raised.set()

    assert all_have_ended()
    assert all(outlived)


def test_results_before_an_error_of_the_items_are_delivered() -> None:
    """Calls that were started before the error are not lost with it."""

    def listed() -> Iterator[int]:
        yield from range(3)
        raise LookupError

    results = read_ahead(lambda number: number, listed(), lambda: 8)

    assert [next(results), next(results), next(results)] == [0, 1, 2]
    with pytest.raises(LookupError):
        next(results)
