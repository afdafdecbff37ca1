"""Do several things at once and get the results in order, with a bounded number in flight."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")


def read_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item, in order.

    At most ``workers`` calls are under way or waiting to be taken, so memory is bounded by that
    many results. The first error, in order, is raised and the rest is given up.
    """
    pending: deque[Future[Result]] = deque()
    rest = iter(items)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="read-ahead")
    try:
        pending.extend(pool.submit(function, item) for item in islice(rest, workers))
        while pending:
            result = pending.popleft().result()
            pending.extend(pool.submit(function, item) for item in islice(rest, 1))
            yield result
    finally:
        # Those under way end by themselves: waiting for them would hold up an error or a Ctrl-C.
        pool.shutdown(wait=False, cancel_futures=True)
