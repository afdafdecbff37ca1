"""The newest records of a list show whether a list that was read to its end is complete.

A server may show only the oldest records of a list, say 10,000, and end there without saying so.
Sorted newest first, the same list shows what is missing. No HTTP here.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_voicecalls.streams.paging.page import Page

    # Any ordered type: the owner of the list decides how it represents time.
    Position = Any
    Item = Any

# Pages of one list in one run, more than any real list has: 10 million records, hours of requests.
MOST_PAGES = 100_000


@dataclass
class ReadSoFar:
    """How far a list was read, oldest first.

    Attributes:
        position: Nothing before this time is missing.
        seen: Keys of the records from then on, and of those without a time.
    """

    position: Position
    seen: set[Hashable] = field(default_factory=set)

    def contains(self, position: Position | None, key: Hashable) -> bool:
        """Return whether a record was read, or is older than what was read."""
        return key in self.seen or (position is not None and bool(position < self.position))


@dataclass(frozen=True)
class NewestRecords:
    """A list sorted newest first.

    Attributes:
        fetch: Returns the page of a number.
        position: Returns the time of a record; None if it has none.
        key: Returns what identifies a record.
        is_last: Returns whether the list ends with the page of a number.
    """

    fetch: Callable[[int], Page]
    position: Callable[[Item], Position | None]
    key: Callable[[Item], Hashable]
    is_last: Callable[[Page, int], bool]

    def has_unread(self, read: ReadSoFar, end: Position) -> bool:
        """Return whether there are, or may be, records before ``end`` that were not read."""
        positions = list[Any]()
        for record in self.fetch(1).items:
            position = self.position(record)
            if position is not None:
                positions.append(position)
                if position < end and not read.contains(position, self.key(record)):
                    return True
        # If all are at ``end`` or later, those before it are on the next pages.
        return bool(positions) and min(positions) >= end and not min(positions) <= read.position

    def unread(self, read: ReadSoFar, end: Position) -> Iterator[list[Item]]:
        """Yield the records before ``end`` that were not read, newest first, page by page.

        Raises:
            BadAnswer: The list ends before it reaches a record that was read.
        """
        taken = set[Hashable]()
        for number in range(1, MOST_PAGES):
            page = self.fetch(number)
            marked = [(self.position(item), self.key(item), item) for item in page.items]
            yield [
                item
                for position, key, item in marked
                if not (key in taken or read.contains(position, key))
                and (position is None or position < end)
            ]
            if any(read.contains(position, key) for position, key, _ in marked):
                return
            # New records push the others to later pages, which may show them again.
            taken.update(key for _, key, _ in marked)
            if self.is_last(page, number):
                break
        msg = (
            "the list shows only its oldest and its newest records, and hides those between; move "
            "`start_date` past them, and name their calls in `call_ids`"
        )
        raise BadAnswer(msg)
