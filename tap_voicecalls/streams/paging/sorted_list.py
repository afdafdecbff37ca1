"""Reads a list from a point in time on, where the API can sort it but not filter it.

Pages are numbered from 1 and ascend in time. The list changes while it is read: records are added
at its end, and old ones disappear from its start, which moves all others to earlier positions, even
between two requests. Its reported length is only a hint: a full page is followed by the next, and
the newest records show whether all came. No HTTP here: pages come from a function.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.paging.newest_records import MOST_PAGES, NewestRecords, ReadSoFar
from tap_voicecalls.streams.paging.paginators import is_last

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_voicecalls.streams.paging.page import Page

    # Any ordered type: the owner of the list decides how it represents time.
    Position = Any
    Item = Any

# How often a chunk is read again that does not fit the chunks before it.
_MOST_ATTEMPTS = 5
# Chunks in a row without a new record, although the list says that it continues.
_MOST_STALE_CHUNKS = 3


@dataclass
class SortedList:
    """A numbered, time-sorted, unfiltered list.

    Attributes:
        fetch: Returns the page of a number; an empty one past the end.
        fetch_all: Returns the pages of several numbers in order; may request them concurrently.
        newest: Returns the page of a number of the same list sorted newest first.
        reverse: Consumes all chunks, then yields them reversed, the last one first.
        position: Returns the time by which the list is sorted; None if a record has none.
        key: Returns what identifies a record.
        size: How many records a page is asked to hold.
        chunk_pages: How many pages are read before their records are yielded.
    """

    fetch: Callable[[int], Page]
    fetch_all: Callable[[Iterable[int]], Iterable[Page]]
    newest: Callable[[int], Page]
    reverse: Callable[[Iterable[list[Item]]], Iterator[list[Item]]]
    position: Callable[[Item], Position | None]
    key: Callable[[Item], Hashable]
    size: int
    chunk_pages: int = 10
    _longest: int = field(default=0, init=False)

    def since(self, start: Position, end: Position) -> Iterator[list[Item]]:
        """Yield all records from ``start`` on in ascending chunks, each record once.

        Args:
            start: The earliest time to read.
            end: From this time on, the records need not be complete.

        Raises:
            BadAnswer: The list changes faster than it can be read, or hides records.
        """
        read = ReadSoFar(start)
        number, stale = self.seek(start), 0
        while True:
            number, pages = self._stable_chunk(number, read.position)
            fresh = self._fresh(pages, read)
            yield fresh
            self._advance(read, fresh)
            # The last page is read again, for records that moved to it meanwhile.
            number += len(pages) - 1
            if not self._is_last(pages[-1], number):
                stale = 0 if fresh else stale + 1
                _require_progress(number, stale)
            elif not self._newest.has_unread(read, end):
                return
            elif not fresh:
                yield from self.reverse(self._newest.unread(read, end))
                return

    def seek(self, start: Position) -> int:
        """Find by bisection the last page that begins before ``start``, else the first page."""
        first = self._page(1)
        reported = min(first.pages or 1, MOST_PAGES)
        low, page = self._bisect((1, first), reported, start)
        step = 1
        # The list may continue past the last page that it reports.
        while low >= reported and self._begins_before(page, start) and not self._is_last(page, low):
            _require_progress(low, 0)
            further = self._page(low + step)
            if not self._begins_before(further, start):
                return self._bisect((low, page), low + step - 1, start)[0]
            low, page, step = low + step, further, 2 * step
        return low

    def _bisect(self, found: tuple[int, Page], high: int, start: Position) -> tuple[int, Page]:
        """Find the last page up to ``high`` that begins before ``start``; ``found`` if none."""
        while found[0] < high:
            middle = (found[0] + high + 1) // 2
            page = self._page(middle)
            if self._begins_before(page, start):
                found = middle, page
            else:
                high = middle - 1
        return found

    def _stable_chunk(self, number: int, position: Position) -> tuple[int, list[Page]]:
        """Read a chunk that fits the chunks before it; from an earlier page if the list moved."""
        for _ in range(_MOST_ATTEMPTS + 1):
            pages = self._chunk(number, position)
            if not self._has_moved(number, pages, position):
                return number, pages
            number = self.seek(position)
        msg = "the list keeps changing, or has gaps, while it is read; try again later"
        raise BadAnswer(msg)

    def _chunk(self, number: int, position: Position) -> list[Page]:
        """Read some pages, and more as long as they do not reach past ``position``."""
        pages = [self._page(number)]
        while not self._is_last(pages[-1], last := number + len(pages) - 1):
            if len(pages) > self.chunk_pages and self._reaches_past(pages, position):
                break
            _require_progress(last, 0)
            end = min(last + self.chunk_pages, max(pages[-1].pages or 0, last + 1))
            pages.extend(map(self._measured, self.fetch_all(range(last + 1, end + 1))))
            self._require_difference(pages)
        return pages

    def _has_moved(self, number: int, pages: list[Page], position: Position) -> bool:
        """Return whether records may have moved to a page that was read before."""
        if number > 1 and not self._begins_before(pages[0], position):
            return True
        lengths = [len(page.items) for page in pages]
        if lengths[-1] == 0:
            lengths.pop()  # the end of a list that reports no page count, or a wrong one
        if len(set(lengths[:-1])) > 1:
            return True  # all pages but the last are full, unless a record is missing from one
        return len(pages) > 1 and self._keys(self._page(number))[:1] != self._keys(pages[0])[:1]

    def _require_difference(self, pages: list[Page]) -> None:
        if any(one.items and self._keys(one) == self._keys(two) for one, two in pairwise(pages)):
            msg = "the server ignored the page number and repeated a page"
            raise BadAnswer(msg)

    def _fresh(self, pages: Iterable[Page], read: ReadSoFar) -> list[Item]:
        taken = set[Hashable]()
        fresh = []
        for record in (record for page in pages for record in page.items):
            key = self.key(record)
            if key not in taken and not read.contains(self.position(record), key):
                taken.add(key)
                fresh.append(record)
        return fresh

    def _advance(self, read: ReadSoFar, fresh: list[Item]) -> None:
        read.position = max([read.position, *filter(None, map(self.position, fresh))])
        read.seen |= {self.key(item) for item in fresh if self._may_come_again(item, read.position)}

    def _begins_before(self, page: Page, moment: Position) -> bool:
        first = next(filter(None, map(self.position, page.items)), None)
        return first is not None and first < moment

    def _reaches_past(self, pages: Iterable[Page], position: Position) -> bool:
        found = (self.position(record) for page in pages for record in page.items)
        return any(each is not None and each > position for each in found)

    def _may_come_again(self, record: Item, position: Position) -> bool:
        own = self.position(record)
        return own is None or own >= position

    def _keys(self, page: Page) -> list[Hashable]:
        return [self.key(record) for record in page.items]

    @property
    def _newest(self) -> NewestRecords:
        return NewestRecords(self.newest, self.position, self.key, self._is_last)

    def _page(self, number: int) -> Page:
        return self._measured(self.fetch(number))

    def _measured(self, page: Page) -> Page:
        self._longest = max(self._longest, len(page.items))
        return page

    def _is_last(self, page: Page, number: int) -> bool:
        read = (number - 1) * self._longest + len(page.items)
        return is_last(page, number, size=self.size, read=read)


def _require_progress(number: int, stale: int) -> None:
    """Refuse a list that does not end."""
    if number > MOST_PAGES or stale >= _MOST_STALE_CHUNKS:
        msg = f"the list does not end: at page {number} it has no new records, or is too long"
        raise BadAnswer(msg)
