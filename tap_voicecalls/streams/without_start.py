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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, TypeVar

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.streams.paged import PageContext
from tap_voicecalls.streams.paging.iterate_pages import LOOP
from tap_voicecalls.streams.read_context import CompletedWindow
from tap_voicecalls.streams.refused_statuses import MOST_REFUSALS, NO_SUCH_PAGE, UNKNOWN_VALUE
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paging.page import Page
    from tap_voicecalls.streams.read_context import ReadContext

Token = TypeVar("Token")

_SEVERAL = 2
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
        statuses: The statuses of the calls of the list; all if none are named.
    """

    count: int = 0
    longest: int = 0
    last: Row | None = None
    total: int | None = None
    next: Hashable | None = None
    statuses: tuple[str, ...] = ()

    def and_page(self, page: Page) -> Seen:
        """Return the same with one more page."""
        length = len(page.items)
        last = page.items[-1] if page.items else self.last
        longest = max(self.longest, length)
        count = self.count + length
        return replace(
            self, count=count, longest=longest, last=last, total=page.total, next=page.next
        )

    def from_start(self) -> Seen:
        """Return what is known of the list before it is read from one of its ends."""
        return Seen(longest=self.longest, total=self.total, statuses=self.statuses)


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
        statuses: The statuses that calls without a start have, if the list can be asked for them. A
            server that refuses some of them is asked for each, and those it refuses are left out.
    """

    page_size: ClassVar[int]
    names_next_page: ClassVar[bool] = False
    mixed_by_creation: ClassVar[bool] = False
    may_need_filter: ClassVar[bool] = True
    # Ten thousand calls on the largest pages, which is more than an account collects.
    most_pages: ClassVar[int] = 10
    statuses: ClassVar[tuple[str, ...]] = ()

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
            self._read_statuses(context, found)
        except (ApiError, BadAnswer) as error:
            if not self.may_need_filter:
                raise
            self.logger.warning(
                "%s: calls without a start could not be read in this run: %s",
                context.where,
                error,
            )
        return list(found.values())

    def _read_statuses(self, context: ReadContext, found: dict[Hashable, Row]) -> None:
        """Read the list of all statuses; if that is refused, the list of each of them."""
        try:
            self._read_both_ends(context, found, self.statuses)
        except ApiError as error:
            if error.status not in UNKNOWN_VALUE or len(self.statuses) < _SEVERAL:
                raise
        else:
            return
        refused: dict[str, ApiError] = {}
        for status in self.statuses:
            try:
                self._read_both_ends(context, found, (status,))
            except ApiError as error:
                if error.status not in UNKNOWN_VALUE:
                    raise
                refused[status] = error
        for status, reason in refused.items():
            if len(refused) == len(self.statuses):
                raise reason
            line = "%s: calls that are %s cannot be listed: %s"
            self.logger.warning(line, context.where, status, reason)

    def _read_both_ends(
        self, context: ReadContext, found: dict[Hashable, Row], statuses: tuple[str, ...]
    ) -> None:
        seen = self._read_end(context, Seen(statuses=statuses), found, from_end=False)
        if not self._is_whole(seen):
            self._read_end(context, seen.from_start(), found, from_end=True)

    def _read_end(
        self, context: ReadContext, seen: Seen, found: dict[Hashable, Row], *, from_end: bool
    ) -> Seen:
        """Read pages from one end of the list as long as none of their calls has a start."""
        first: PageContext[Token] = PageContext(context.account, context.span, "", None)
        used, refusals = set[Hashable](), 0
        for _ in range(self.most_pages):
            request = self.get_unfiltered_request(seen, from_end=from_end)
            if request is None:
                return seen
            try:
                page = self.fetch_page(context, request, first)
            except ApiError as error:
                if seen.next is None or error.status not in NO_SUCH_PAGE:
                    raise
                # The call that the cursor names may have been deleted meanwhile.
                refusals += 1
                if refusals > MOST_REFUSALS:
                    raise BadAnswer(str(error)) from error
                seen = seen.from_start()
                used.clear()
                continue
            seen = seen.and_page(page)
            found.update((row.key, row) for row in page.items if not row.time)
            has_more = (page.items or self.names_next_page) and not self._is_whole(seen)
            if has_more and self.names_next_page and seen.next in used:
                raise BadAnswer(LOOP)
            used.add(seen.next)
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
