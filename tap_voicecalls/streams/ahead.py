"""Makes the first items of an iterator before its turn: waits for several servers overlap."""

from __future__ import annotations

from itertools import islice
from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

Item = TypeVar("Item")


class Ahead(Generic[Item]):
    """An iterator whose first items are made at once, by a thread of its own.

    The thread ends when it has made them: the others are made when they are asked for. An error is
    raised in the place of the item that could not be made.

    Args:
        items: The items.
        count: How many of them to make at once.

    Raises:
        RuntimeError: The system has no more threads.
    """

    def __init__(self, items: Iterator[Item], count: int) -> None:
        self._items, self._count = items, count
        self._made: list[Item] = []
        self._error: BaseException | None = None
        # An interrupted run does not wait for it.
        self._thread = Thread(target=self._make, name="read-ahead", daemon=True)
        self._thread.start()

    def _make(self) -> None:
        try:
            for item in islice(self._items, self._count):
                self._made.append(item)
        except BaseException as error:  # noqa: BLE001 - raised where the items are used
            self._error = error

    def __iter__(self) -> Iterator[Item]:
        """Yield all items, once."""
        self._thread.join()
        yield from self._made
        if self._error:
            raise self._error
        yield from self._items
