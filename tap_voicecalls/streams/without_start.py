"""Calls without a start: no time window holds them, so they are read in addition to the windows.

A call that was canceled or failed before it was connected may never get a start, and a filter by
start leaves it out. Where a server sorts such calls is not documented; databases put them all at
one end of a list. So both ends of the unfiltered list are read, up to the first page on which a
call has a start.
"""

from __future__ import annotations

import abc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.streams.paged import PageContext
from tap_voicecalls.streams.read_context import CompletedWindow
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paging.page import Page
    from tap_voicecalls.streams.read_context import ReadContext

Token = TypeVar("Token")

# Pages that are read from one end of the list if all their calls have no start: ten thousand calls
# on the largest pages, which is more than an account collects, and some seconds of requests.
_MOST_PAGES = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of the unfiltered list from one of its ends.

    Attributes:
        count: How many records came.
        longest: How many records the longest page had.
        last: The last record.
        total: How many records the server reports.
    """

    count: int = 0
    longest: int = 0
    last: Row | None = None
    total: int | None = None

    def and_page(self, page: Page) -> Seen:
        """Return the same with one more page."""
        length = len(page.items)
        last = page.items[-1] if page.items else self.last
        return Seen(self.count + length, max(self.longest, length), last, page.total)


class FindsCallsWithoutStart(WindowedStream[Token]):
    """A stream that reads windows, and then the calls that have no start.

    These do not move the bookmark, and come again in each run. They cost one request a run, or two
    if the list is longer than a page. A run with an `end_date` in the past does not read them, only
    runs up to the present do: so no two shards write the same key.

    Attributes:
        page_size: The most records of a page.
    """

    page_size: ClassVar[int]

    @abc.abstractmethod
    def get_unfiltered_request(self, seen: Seen, *, from_end: bool) -> HTTPRequest | None:
        """Describe the request for the next page of the list without a filter by time.

        Args:
            seen: What was read from this end.
            from_end: Whether to read from the last page to the first.

        Returns:
            The request; None if the end of the list cannot be found.
        """

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Yield completed windows, and at last the calls that are in no window."""
        if not self._is_due(context):
            yield from super().read(context)
            return
        pool = ThreadPoolExecutor(1, thread_name_prefix="without-start")
        try:
            unstarted = pool.submit(self._find, context)
            yield from super().read(context)
            if rows := unstarted.result():
                yield CompletedWindow(in_order(rows), context.span.end)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _is_due(self, context: ReadContext) -> bool:
        """Return whether this run reads up to the present, and not only a time in the past."""
        is_test = self.ABORT_AT_RECORD_COUNT is not None
        return not self.is_of_the_past and not is_test and context.span.start < context.span.end

    def _find(self, context: ReadContext) -> list[Row]:
        """Return the calls without a start; if they cannot be read the run continues."""
        found: dict[Hashable, Row] = {}
        try:
            seen = self._read_end(context, Seen(), found, from_end=False)
            if not self._is_whole(seen):
                from_there = Seen(longest=seen.longest, total=seen.total)
                self._read_end(context, from_there, found, from_end=True)
        except (ApiError, BadAnswer) as error:
            self.logger.warning(
                "%s: calls without a start could not be read in this run: %s",
                context.account.client.named(self.name),
                error,
            )
        return list(found.values())

    def _read_end(
        self, context: ReadContext, seen: Seen, found: dict[Hashable, Row], *, from_end: bool
    ) -> Seen:
        """Read pages from one end of the list as long as none of their calls has a start."""
        for _ in range(_MOST_PAGES):
            request = self.get_unfiltered_request(seen, from_end=from_end)
            if request is None:
                return seen
            page = self.fetch_page(context, request, self._first_page(context))
            seen = seen.and_page(page)
            known = len(found)
            found.update((row.key, row) for row in page.items if not row.time)
            if len(found) - known < len(page.items) or not page.items or self._is_whole(seen):
                return seen
        self.logger.warning(
            "%s: more than %d calls without a start are listed; the others are not read",
            context.account.client.named(self.name),
            seen.count,
        )
        return seen

    def _first_page(self, context: ReadContext) -> PageContext[Token]:
        return PageContext(context.account, context.span, "", None)

    def _is_whole(self, seen: Seen) -> bool:
        """Return whether the whole list was read; a full page may be followed by more."""
        ends = seen.longest < self.page_size
        return ends and seen.total is not None and seen.count >= seen.total
