"""Calls a function concurrently and yields the results in order, a bounded number in flight."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_THREADS = 64  # the most that `concurrency` allows; started only when all others are busy


def read_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], at_once: Callable[[], int]
) -> Generator[Result, None, None]:
    """Yield ``function(item)`` for each item, in order.

    At most ``at_once()`` calls are running or waiting to be yielded, so memory is bounded by that
    many results; it is called before each. It may return 0 while the next item would take long:
    that item is then taken only when there is no result left to yield. The first error, in order,
    is raised and the rest is cancelled; an error of the items themselves comes in place of the
    item.

    If the system has no more threads, the caller's own thread does the work.
    """
    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="read-ahead")
    started = _started(pool, function, items)
    try:
        _fill(pending, started, at_once)
        # The items may have become fast again after waiting for one.
        while pending or (_fill(pending, started, lambda: 1) and _fill(pending, started, at_once)):
            result = pending.popleft().result()
            _fill(pending, started, at_once)
            yield result
    finally:
        # Running calls end by themselves: waiting for them would delay an error or a Ctrl-C.
        pool.shutdown(wait=False, cancel_futures=True)


def _fill(
    pending: deque[Future[Result]], started: Iterator[Future[Result]], at_once: Callable[[], int]
) -> int:
    """Start as many items as allowed, and return how many are pending."""
    while len(pending) < at_once() and (future := next(started, None)):
        pending.append(future)
    return len(pending)


def _started(
    pool: ThreadPoolExecutor, function: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Future[Result]]:
    """Start an item each time the next future is requested."""
    try:
        for item in items:
            task = _Task(function, item)
            try:
                pool.submit(task)
            except RuntimeError:  # no more threads; one of the others may have taken the task
                task()
            yield task.future
    except Exception as error:  # noqa: BLE001 - raised when its turn comes
        failed: Future[Result] = Future()
        failed.set_exception(error)
        yield failed


class _Task(Generic[Item, Result]):
    """The call for one item, which the first thread that takes it makes once."""

    def __init__(self, function: Callable[[Item], Result], item: Item) -> None:
        self._function, self._item = function, item
        self._lock = Lock()
        self._is_taken = False
        self.future: Future[Result] = Future()

    def __call__(self) -> None:
        """Make the call, unless another thread has taken it."""
        with self._lock:
            is_taken, self._is_taken = self._is_taken, True
        if is_taken:
            return
        try:
            self.future.set_result(self._function(self._item))
        except BaseException as error:  # noqa: BLE001 - raised where the result is yielded
            self.future.set_exception(error)
