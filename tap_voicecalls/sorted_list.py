"""Read a list on from a point in time when the API can sort it, but not filter it.

Pages are numbered from 1 and ascend in time. The list lives: records are added at its end, and
old ones disappear from its start, which moves all others to earlier places, maybe between two
requests. No HTTP here: pages come from a function.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_voicecalls.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_voicecalls.pagination import Page

    # Any ordered type: how the owner of the list tells time is its own affair.
    Place = Any
    Item = Any

CHUNK_PAGES = 10
_MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class SortedList:
    """A numbered, time-sorted, unfiltered list.

    Attributes:
        fetch: Returns the page of a number; an empty one past the end.
        fetch_all: Returns the pages of several numbers in order; may ask for them at once.
        position: Where a record stands in the order; None where it does not tell.
        key: What tells records apart.
    """

    fetch: Callable[[int], Page]
    fetch_all: Callable[[Iterable[int]], Iterable[Page]]
    position: Callable[[Item], Place | None]
    key: Callable[[Item], Hashable]

    def since(self, start: Place) -> Iterator[list[Item]]:
        """Yield all records from ``start`` on in ascending chunks, each record once.

        Raises:
            BadAnswer: The list moves faster than it can be read.
        """
        place, seen = start, set[Hashable]()
        number, attempts = self.seek(start), 0
        while True:
            pages = self._chunk(number, place)
            if self._has_moved(number, pages, place):
                attempts += 1
                if attempts > _MOST_ATTEMPTS:
                    msg = "the list keeps changing, or has gaps, while it is read; try again later"
                    raise BadAnswer(msg)
                number = self.seek(place)
                continue
            attempts = 0
            fresh = [record for record in self._from(pages, place) if self.key(record) not in seen]
            yield fresh
            place = max([place, *filter(None, map(self.position, fresh))])
            seen |= {self.key(record) for record in fresh if self._may_come_again(record, place)}
            if _is_last(pages[-1], number + len(pages) - 1):
                return
            # The last page is read again: what moved to it meanwhile is not missed.
            number += len(pages) - 1

    def seek(self, start: Place) -> int:
        """Find by bisection the last page that begins before ``start``, else the first page."""
        low, high = 1, self.fetch(1).pages or 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._begins_before(self.fetch(middle), start):
                low = middle
            else:
                high = middle - 1
        return low

    def _chunk(self, number: int, place: Place) -> list[Page]:
        """Read some pages, and more for as long as they do not get past ``place``."""
        pages = [self.fetch(number)]
        while not _is_last(pages[-1], last := number + len(pages) - 1):
            if len(pages) > CHUNK_PAGES and self._gets_past(pages, place):
                break
            end = min(last + CHUNK_PAGES, pages[-1].pages or last + 1)
            pages.extend(self.fetch_all(range(last + 1, end + 1)))
        return pages

    def _has_moved(self, number: int, pages: list[Page], place: Place) -> bool:
        """Tell whether records may have slipped to a page that was already read."""
        if number > 1 and not self._begins_before(pages[0], place):
            return True
        lengths = [len(page.items) for page in pages]
        if lengths[-1] == 0:
            lengths.pop()  # the end of a list that does not count its pages
        if len(set(lengths[:-1])) > 1:
            return True  # all pages but the last are full, or something is missing of one
        return len(pages) > 1 and self._keys(self.fetch(number))[:1] != self._keys(pages[0])[:1]

    def _from(self, pages: Iterable[Page], place: Place) -> Iterator[Item]:
        taken = set[Hashable]()
        for record in (record for page in pages for record in page.items):
            position, key = self.position(record), self.key(record)
            if (position is None or position >= place) and key not in taken:
                taken.add(key)
                yield record

    def _begins_before(self, page: Page, moment: Place) -> bool:
        first = next(filter(None, map(self.position, page.items)), None)
        return first is not None and first < moment

    def _gets_past(self, pages: Iterable[Page], place: Place) -> bool:
        positions = (self.position(record) for page in pages for record in page.items)
        return any(position is not None and position > place for position in positions)

    def _may_come_again(self, record: Item, place: Place) -> bool:
        position = self.position(record)
        return position is None or position >= place

    def _keys(self, page: Page) -> list[Hashable]:
        return [self.key(record) for record in page.items]


def _is_last(page: Page, number: int) -> bool:
    return not page.items if page.pages is None else number >= page.pages
