"""How a list is read page by page. Pure: a page and its token in, the next token out.

Each class is one documented way of paging; :func:`.iterate_pages` uses them, and the caller of that
sends the requests. A paginator may count what it has read, so each list gets one of its own.
"""

from __future__ import annotations

import abc
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.times import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from tap_voicecalls.streams.paging.page import Page

Token = TypeVar("Token")

# Servers cap their pages at multiples of this.
_ROUND = 50
# Pages that are requested ahead because of a reported total, which may be any number.
_MOST_AHEAD = 100_000


class Paginator(abc.ABC, Generic[Token]):
    """One way of paging; ``Token`` is what a request needs to ask for its page.

    Attributes:
        drifts: Whether a page is requested by its position, so that a list that changes meanwhile
            may hide a record between two pages.
        overlaps: Whether a page begins with records that the page before it ended with.
        start: The token of the first request.
    """

    drifts: ClassVar[bool] = False
    overlaps: ClassVar[bool] = False
    start: ClassVar[Any] = None

    @abc.abstractmethod
    def after(self, token: Token | None, page: Page) -> Token | None:
        """Return the token of the page that follows ``page``, or None at the end."""

    def ahead(self, first: Page) -> Sequence[Token]:  # noqa: ARG002 - for those that count pages
        """Return the expected tokens of all pages after the first; none if each names the next."""
        return ()


class CursorPaginator(Paginator[Token]):
    """Follow what each page names as its next, such as an opaque cursor or a link.

    A page names it in :attr:`Page.next`, and the last one names none; so does a list that is one
    response. :func:`.next_cursor` finds an opaque cursor in a response. A repeated cursor is a
    pagination loop, which ends the reading with an error.
    """

    def after(self, token: Token | None, page: Page) -> Token | None:  # noqa: ARG002 - the page decides
        """Return what the page names as next."""
        following: Any = page.next
        return following  # type: ignore[no-any-return] # of the stream's own kind


@dataclass(frozen=True, slots=True)
class LastIdPaginator(Paginator[str]):
    """Name the last record's id to get the page after it, until a page is empty.

    A short page is not the end: a server may cap its pages below the requested size.

    Attributes:
        id_of: Returns the id of a record.
    """

    id_of: Callable[[Any], str]

    def after(self, token: str | None, page: Page) -> str | None:  # noqa: ARG002 - the page decides
        """Return the last record's id."""
        return self.id_of(page.items[-1]) if page.items else None


@dataclass(slots=True)
class TimeCursorPaginator(Paginator["datetime"]):
    """Name the time of the last record to get the page after it, where there is no other cursor.

    Several records may have the time at which a page ends, and some of them may be on the next
    page. So each request includes that time again, and the reader drops the duplicates by key. The
    list ends with a page that holds nothing but records of that time.

    Attributes:
        time_of: Returns the time of a record; None if it has none.
        size: How many records a page is asked to hold.
        step: What to add to the last record's time so that the request includes it: one unit of
            the API's clock for a filter such as `createdAtLt` on a list with the newest first,
            minus one unit for `createdAtGt` with the oldest first, zero for an inclusive filter.
    """

    overlaps: ClassVar[bool] = True
    time_of: Callable[[Any], datetime | None]
    size: int
    step: timedelta
    _first: datetime | None = field(default=None, init=False)
    _longest: int = field(default=0, init=False)

    def after(self, token: datetime | None, page: Page) -> datetime | None:
        """Return the last record's time, moved by the step.

        Raises:
            BadAnswer: The last record has no time; or one time fills a whole page, so the records
                that follow cannot be requested; or the server repeats a page.
        """
        if not page.items or page.is_last:
            return None
        last = self.time_of(page.items[-1])
        if last is None:
            msg = "the last record of a page has no time, so the next page cannot be requested"
            raise BadAnswer(msg)
        first, count = self.time_of(page.items[0]), len(page.items)
        self._first = self._first or first
        self._longest = max(self._longest, count)
        if (following := last + self.step) != token:
            return following
        if first != last:
            msg = "the server ignored the paging parameter and repeated a page"
            raise BadAnswer(msg)
        # If a server caps its pages, the longest page that came is full; and so may be one of a
        # round number of records, where no page is longer because all have this time.
        is_capped = self._first != last and count == self._longest
        if count >= self.size or count % _ROUND == 0 or is_capped:
            msg = (
                f"{count} records share the time {format_time(last)} and fill a whole page, so the "
                "records after them cannot be requested; ask the provider for larger pages or for "
                "another way of paging"
            )
            raise BadAnswer(msg)
        return None


@dataclass(slots=True)
class PageNumberPaginator(Paginator[int]):
    """Count pages from 1 until one is empty, or is not full and the last by the reported totals.

    Attributes:
        size: How many records a page is asked to hold.
    """

    drifts: ClassVar[bool] = True
    start: ClassVar[int] = 1
    size: int
    _read: int = field(default=0, init=False)

    def after(self, token: int | None, page: Page) -> int | None:
        """Return the next page's number."""
        number = token or self.start
        self._read += len(page.items)
        return None if is_last(page, number, size=self.size, read=self._read) else number + 1

    def ahead(self, first: Page) -> range:
        """Return the pages that the first one reports, as far as the total confirms them."""
        by_total = math.ceil((first.total or 0) / (len(first.items) or self.size))
        end = min(first.pages or by_total, by_total, _MOST_AHEAD)
        return range(self.start + 1, end + 1)


def is_last(page: Page, number: int, *, size: int, read: int) -> bool:
    """Return whether a list ends with a page: it is empty, or not full and the last reported one.

    Args:
        page: The page.
        number: Its number.
        size: The page size that was requested.
        read: How many records came up to it.
    """
    if not page.items:
        return True
    if page.pages is None:
        return False
    return number >= page.pages and len(page.items) < size and read >= (page.total or 0)


@dataclass(frozen=True, slots=True)
class OffsetPaginator(Paginator[int]):
    """Skip what has been read, until a page is not full and the reported total is reached.

    The total does not prove the end of a list: a page that may be full is followed by another
    request, whatever the total says. A page may be full although it is shorter than requested,
    where a server caps its pages.

    Attributes:
        size: How many records a page is asked to hold; None where that is not known.
    """

    drifts: ClassVar[bool] = True
    start: ClassVar[int] = 0
    size: int | None = None

    def after(self, token: int | None, page: Page) -> int | None:
        """Return how many records the next request skips."""
        count = len(page.items)
        read = (token or self.start) + count
        may_be_full = count == self.size or count % _ROUND == 0
        return read if count and (may_be_full or read != page.total) else None

    def ahead(self, first: Page) -> range:
        """Return offsets of pages as long as the first one, up to the total that it reports."""
        length = len(first.items)
        end = min(first.total or 0, _MOST_AHEAD * length)
        return range(self.start + length, end, length) if length else range(0)
