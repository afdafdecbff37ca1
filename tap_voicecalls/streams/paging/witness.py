"""The newest records of a list as a witness: does a list that was read to its end show all it has?

A list may show its oldest records only, say 10,000, and end there without a word. No HTTP here.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_voicecalls.streams.paging.paginators import Page

    # Any ordered type: how the owner of the list tells time is its own affair.
    Place = Any
    Item = Any

# Pages of one list in one run, beyond any list that ends: 10 million records, hours of requests.
MOST_PAGES = 100_000


@dataclass
class Known:
    """How far a list was read, oldest first.

    Attributes:
        place: Nothing before this time is missing.
        seen: Keys of the records from then on, and of those that tell no time.
    """

    place: Place
    seen: set[Hashable] = field(default_factory=set)

    def contains(self, position: Place | None, key: Hashable) -> bool:
        """Tell whether a record is one that came, or older."""
        return key in self.seen or (position is not None and bool(position < self.place))


@dataclass(frozen=True)
class Witness:
    """A list sorted newest first.

    Attributes:
        fetch: Returns the page of a number.
        position: Where a record stands in time; None where it does not tell.
        key: What tells records apart.
        is_last: Tells whether the list ends with the page of a number.
    """

    fetch: Callable[[int], Page]
    position: Callable[[Item], Place | None]
    key: Callable[[Item], Hashable]
    is_last: Callable[[Page, int], bool]

    def knows_more(self, known: Known, end: Place) -> bool:
        """Tell whether there are records before ``end`` that are not known, or may be."""
        positions = list[Any]()
        for record in self.fetch(1).items:
            position = self.position(record)
            if position is not None:
                positions.append(position)
                if position < end and not known.contains(position, self.key(record)):
                    return True
        # Where all are of after the end, those before it are on pages that follow.
        return bool(positions) and min(positions) >= end and not min(positions) <= known.place

    def unknown(self, known: Known, end: Place) -> Iterator[list[Item]]:
        """Yield the records before ``end`` that are not known, newest first, page by page.

        Raises:
            BadAnswer: The list ends before it comes to one that is known.
        """
        taken = set[Hashable]()
        for number in range(1, MOST_PAGES):
            page = self.fetch(number)
            marked = [(self.position(item), self.key(item), item) for item in page.items]
            yield [
                item
                for position, key, item in marked
                if not (key in taken or known.contains(position, key))
                and (position is None or position < end)
            ]
            if any(known.contains(position, key) for position, key, _ in marked):
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
