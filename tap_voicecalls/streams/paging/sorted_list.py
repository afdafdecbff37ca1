"""Read a list on from a point in time when the API can sort it, but not filter it.

Pages are numbered from 1 and ascend in time. The list lives: records are added at its end, and
old ones disappear from its start, which moves all others to earlier places, maybe between two
requests. What it tells of its length is a hint, no more: a full page is followed by the next, and
its newest records are the witness that all came. No HTTP here: pages come from a function.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.paging.paginators import is_last
from tap_voicecalls.streams.paging.witness import MOST_PAGES, Known, Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_voicecalls.streams.paging.paginators import Page

    # Any ordered type: how the owner of the list tells time is its own affair.
    Place = Any
    Item = Any

# How often a chunk is read again that does not fit what was read before.
_MOST_ATTEMPTS = 5
# Chunks in a row that bring nothing new, though the list says that it goes on.
_MOST_STALE_CHUNKS = 3


@dataclass
class SortedList:
    """A numbered, time-sorted, unfiltered list.

    Attributes:
        fetch: Returns the page of a number; an empty one past the end.
        fetch_all: Returns the pages of several numbers in order; may ask for them at once.
        newest: Returns the page of a number of the same list sorted newest first.
        held: Takes chunks one by one, and then yields them turned round, the last one first.
        position: Where a record stands in the order; None where it does not tell.
        key: What tells records apart.
        size: How many records a page is asked to hold.
        chunk_pages: How many pages are read before what they hold is yielded.
    """

    fetch: Callable[[int], Page]
    fetch_all: Callable[[Iterable[int]], Iterable[Page]]
    newest: Callable[[int], Page]
    held: Callable[[Iterable[list[Item]]], Iterator[list[Item]]]
    position: Callable[[Item], Place | None]
    key: Callable[[Item], Hashable]
    size: int
    chunk_pages: int = 10
    _longest: int = field(default=0, init=False)

    def since(self, start: Place, end: Place) -> Iterator[list[Item]]:
        """Yield all records from ``start`` on in ascending chunks, each record once.

        Args:
            start: The first moment of interest.
            end: What comes from this moment on need not be complete.

        Raises:
            BadAnswer: The list moves faster than it can be read, or does not show all it has.
        """
        known = Known(start)
        number, stale = self.seek(start), 0
        while True:
            number, pages = self._settled_chunk(number, known.place)
            fresh = self._fresh(pages, known)
            yield fresh
            self._advance(known, fresh)
            # The last page is read again: what moved to it meanwhile is not missed.
            number += len(pages) - 1
            if not self._is_last(pages[-1], number):
                stale = 0 if fresh else stale + 1
                _require_progress(number, stale)
            elif not self._witness.knows_more(known, end):
                return
            elif not fresh:
                yield from self.held(self._witness.unknown(known, end))
                return

    def seek(self, start: Place) -> int:
        """Find by bisection the last page that begins before ``start``, else the first page."""
        first = self._page(1)
        told = min(first.pages or 1, MOST_PAGES)
        low, page = self._bisect((1, first), told, start)
        step = 1
        # The list may go on past the last page that it tells of.
        while low >= told and self._begins_before(page, start) and not self._is_last(page, low):
            _require_progress(low, 0)
            further = self._page(low + step)
            if not self._begins_before(further, start):
                return self._bisect((low, page), low + step - 1, start)[0]
            low, page, step = low + step, further, 2 * step
        return low

    def _bisect(self, found: tuple[int, Page], high: int, start: Place) -> tuple[int, Page]:
        """Find the last page up to ``high`` that begins before ``start``; ``found`` if none."""
        while found[0] < high:
            middle = (found[0] + high + 1) // 2
            page = self._page(middle)
            if self._begins_before(page, start):
                found = middle, page
            else:
                high = middle - 1
        return found

    def _settled_chunk(self, number: int, place: Place) -> tuple[int, list[Page]]:
        """Read a chunk that fits what was read before; from an earlier page if the list moved."""
        for _ in range(_MOST_ATTEMPTS + 1):
            pages = self._chunk(number, place)
            if not self._has_moved(number, pages, place):
                return number, pages
            number = self.seek(place)
        msg = "the list keeps changing, or has gaps, while it is read; try again later"
        raise BadAnswer(msg)

    def _chunk(self, number: int, place: Place) -> list[Page]:
        """Read some pages, and more for as long as they do not get past ``place``."""
        pages = [self._page(number)]
        while not self._is_last(pages[-1], last := number + len(pages) - 1):
            if len(pages) > self.chunk_pages and self._gets_past(pages, place):
                break
            _require_progress(last, 0)
            end = min(last + self.chunk_pages, max(pages[-1].pages or 0, last + 1))
            pages.extend(map(self._noted, self.fetch_all(range(last + 1, end + 1))))
            self._require_difference(pages)
        return pages

    def _has_moved(self, number: int, pages: list[Page], place: Place) -> bool:
        """Tell whether records may have slipped to a page that was already read."""
        if number > 1 and not self._begins_before(pages[0], place):
            return True
        lengths = [len(page.items) for page in pages]
        if lengths[-1] == 0:
            lengths.pop()  # the end of a list that does not count its pages, or not rightly
        if len(set(lengths[:-1])) > 1:
            return True  # all pages but the last are full, or something is missing of one
        return len(pages) > 1 and self._keys(self._page(number))[:1] != self._keys(pages[0])[:1]

    def _require_difference(self, pages: list[Page]) -> None:
        if any(one.items and self._keys(one) == self._keys(two) for one, two in pairwise(pages)):
            msg = "the server ignored the page number and repeated a page"
            raise BadAnswer(msg)

    def _fresh(self, pages: Iterable[Page], known: Known) -> list[Item]:
        taken = set[Hashable]()
        fresh = []
        for record in (record for page in pages for record in page.items):
            key = self.key(record)
            if key not in taken and not known.contains(self.position(record), key):
                taken.add(key)
                fresh.append(record)
        return fresh

    def _advance(self, known: Known, fresh: list[Item]) -> None:
        known.place = max([known.place, *filter(None, map(self.position, fresh))])
        known.seen |= {self.key(item) for item in fresh if self._may_come_again(item, known.place)}

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

    @property
    def _witness(self) -> Witness:
        return Witness(self.newest, self.position, self.key, self._is_last)

    def _page(self, number: int) -> Page:
        return self._noted(self.fetch(number))

    def _noted(self, page: Page) -> Page:
        self._longest = max(self._longest, len(page.items))
        return page

    def _is_last(self, page: Page, number: int) -> bool:
        read = (number - 1) * self._longest + len(page.items)
        return is_last(page, number, size=self.size, read=read)


def _require_progress(number: int, stale: int) -> None:
    """Refuse a list without end."""
    if number > MOST_PAGES or stale >= _MOST_STALE_CHUNKS:
        msg = f"the list does not end: at page {number} it brings nothing new, or is too long"
        raise BadAnswer(msg)
