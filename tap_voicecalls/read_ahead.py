"""Do several things at once and get the results in order, with a bounded number in flight."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_THREADS = 64  # what `concurrency` allows; one is started only when all others work


def read_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], at_once: Callable[[], int]
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item, in order.

    At most ``at_once()`` calls are under way or waiting to be taken, so memory is bounded by that
    many results; it is asked before each, and is at least 1. The first error, in order, is raised
    and the rest is given up; an error of the items themselves comes in the place of the item.
    """
    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="read-ahead")
    begun = _begun(pool, function, items)
    try:
        _fill(pending, begun, at_once)
        while pending:
            result = pending.popleft().result()
            _fill(pending, begun, at_once)
            yield result
    finally:
        # Those under way end by themselves: waiting for them would hold up an error or a Ctrl-C.
        pool.shutdown(wait=False, cancel_futures=True)


def _fill(
    pending: deque[Future[Result]], begun: Iterator[Future[Result]], at_once: Callable[[], int]
) -> None:
    while len(pending) < at_once() and (future := next(begun, None)):
        pending.append(future)


def _begun(
    pool: ThreadPoolExecutor, function: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Future[Result]]:
    """Begin an item each time the next future is asked for."""
    try:
        for item in items:
            yield pool.submit(function, item)
    except Exception as error:  # noqa: BLE001 - raised in its turn
        failed: Future[Result] = Future()
        failed.set_exception(error)
        yield failed
