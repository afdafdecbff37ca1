"""Calls without a start: no time window holds them, so they are read in addition to the windows.

A call that was canceled or failed before it was connected may never get a start, and a filter by
start leaves it out. Where a server sorts such calls is not documented; databases put them all at
one end of a list. So both ends of the unfiltered list are read, up to the first page on which a
call has a start. Where they may stand among the others, the newest end is read back to `start_date`
once; later runs read it as far back as their windows, because the state says that all before was
read.
"""

from __future__ import annotations

import abc
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.streams.paged import PageContext
from tap_voicecalls.streams.read_context import CompletedWindow
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paging.page import Page
    from tap_voicecalls.streams.read_context import ReadContext

Token = TypeVar("Token")

SINCE = "without_start_since"
"""From when on calls without a start were read; in the state, beside the bookmark."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of the unfiltered list from one of its ends.

    Attributes:
        count: How many records came.
        longest: How many records the longest page had.
        last: The last record.
        total: How many records the server reports.
        next: Where the list continues, if pages name it.
    """

    count: int = 0
    longest: int = 0
    last: Row | None = None
    total: int | None = None
    next: Hashable | None = None

    def and_page(self, page: Page) -> Seen:
        """Return the same with one more page."""
        length = len(page.items)
        last = page.items[-1] if page.items else self.last
        longest = max(self.longest, length)
        return Seen(self.count + length, longest, last, page.total, page.next)


class FindsCallsWithoutStart(WindowedStream[Token]):
    """A stream that reads windows, and then the calls that have no start.

    These do not move the bookmark, and come again in each run. They cost one request a run, or two
    if the list is longer than a page. A run with an `end_date` in the past does not read them, only
    runs up to the present do: so no two shards write the same key.

    Attributes:
        page_size: The most records of a page.
        names_next_page: Whether each page says whether there is another one.
        mixed_by_creation: Whether such calls may stand among the others, sorted by a time that is
            not part of their record.
        may_need_filter: Whether the API may refuse a list without a filter by time. Then an error
            of that list is only logged, as each run requests it again.
        most_pages: Pages that are read from one end of the list.
    """

    page_size: ClassVar[int]
    names_next_page: ClassVar[bool] = False
    mixed_by_creation: ClassVar[bool] = False
    may_need_filter: ClassVar[bool] = True
    # Ten thousand calls on the largest pages, which is more than an account collects.
    most_pages: ClassVar[int] = 10

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
        if not self.is_up_to_now(context):
            yield from super().read(context)
            return
        pool = ThreadPoolExecutor(1, thread_name_prefix="without-start")
        try:
            unstarted = pool.submit(self._find, context)
            written = set[Hashable]()
            for window in super().read(context):
                written.update(row.key for row in window.rows if not row.time)
                yield window
            rows = [row for row in unstarted.result() if row.key not in written]
            memory = {SINCE: self.bounds.as_text[0]} if self.mixed_by_creation else {}
            if rows or memory:
                yield CompletedWindow(in_order(rows), context.span.end, state=memory)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _find(self, context: ReadContext) -> list[Row]:
        """Return the calls without a start.

        Raises:
            ApiError: They cannot be read, although the API documents a list without a filter.
            BadAnswer: A response of such a list is not what the API promises.
        """
        found: dict[Hashable, Row] = {}
        try:
            seen = self._read_end(context, Seen(), found, from_end=False)
            if not self._is_whole(seen):
                from_there = Seen(longest=seen.longest, total=seen.total)
                self._read_end(context, from_there, found, from_end=True)
        except (ApiError, BadAnswer) as error:
            if not self.may_need_filter:
                raise
            self.logger.warning(
                "%s: calls without a start could not be read in this run: %s",
                context.where,
                error,
            )
        return list(found.values())

    def _read_end(
        self, context: ReadContext, seen: Seen, found: dict[Hashable, Row], *, from_end: bool
    ) -> Seen:
        """Read pages from one end of the list as long as none of their calls has a start."""
        first: PageContext[Token] = PageContext(context.account, context.span, "", None)
        for _ in range(self.most_pages):
            request = self.get_unfiltered_request(seen, from_end=from_end)
            if request is None:
                return seen
            page = self.fetch_page(context, request, first)
            seen = seen.and_page(page)
            found.update((row.key, row) for row in page.items if not row.time)
            has_more = page.items and not self._is_whole(seen)
            if not has_more or self._is_past(context, page, from_end=from_end):
                return seen
        self.logger.warning(
            "%s: more than %d calls without a start are listed; the others are not read",
            context.where,
            seen.count,
        )
        return seen

    def _is_past(self, context: ReadContext, page: Page, *, from_end: bool) -> bool:
        """Return whether the pages after this one have no more calls without a start."""
        starts: list[str] = [row.time for row in page.items if row.time]
        if not starts or not (self.mixed_by_creation and from_end):
            return bool(starts)
        has_some = len(starts) < len(page.items)
        known = context.state.get(SINCE)
        is_known = isinstance(known, str) and known <= self.bounds.as_text[0]
        since, _ = (self.bounds if has_some and not is_known else context.span).as_text
        return min(starts) < since

    def _is_whole(self, seen: Seen) -> bool:
        """Return whether the whole list was read; a full page may be followed by more."""
        if self.names_next_page:
            return seen.next is None
        ends = seen.longest < self.page_size
        return ends and seen.total is not None and seen.count >= seen.total
