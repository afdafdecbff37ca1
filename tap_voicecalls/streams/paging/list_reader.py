"""Reads the list of one window until as many records came as the server reports."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.streams.paging.iterate_pages import iterate_pages
from tap_voicecalls.streams.paging.list_count import ListCount
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.refused_statuses import MOST_REFUSALS, NO_SUCH_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import timedelta

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.records.identity import Identities
    from tap_voicecalls.rows.row_store import RowStore
    from tap_voicecalls.streams.paging.paginators import Paginator

_MOST_PARTS = 30  # of a window that is divided at once: the windows after it are as short
# How often a list is read that does not add up and cannot be divided any more.
_MOST_READINGS = 10
# Servers cap lists at such numbers, so a total that is one of them may be a cap.
_ROUND = 1_000


@dataclass(frozen=True, slots=True)
class WindowTooLarge:
    """The result of a list whose window must be divided before it can be read.

    Attributes:
        parts: How many windows to divide it into.
    """

    parts: int


@dataclass(frozen=True, slots=True)
class WindowList:
    """The list of one window, and how its pages are fetched.

    Attributes:
        window: The window.
        paginator: Makes the paginator of one reading.
        fetch: Returns the page of a token.
        fetch_all: Returns the pages of several tokens, in order.
        check: Raises BadAnswer if the rows of a page cannot belong to the window.
        identities: Those of records without an id; cleared when the list is read again.
        divided_above: The window is divided if the server reports more records than this.
        shortest: Shorter windows are not divided for their number of records.
        may_be_capped: Whether a round number of records may be a cap of the server.
    """

    window: Window
    paginator: Callable[[], Paginator[Any]]
    fetch: Callable[[Any], Page]
    fetch_all: Callable[[Sequence[Any]], Iterable[Page]]
    check: Callable[[Sequence[Any]], None]
    identities: Identities
    divided_above: int
    shortest: timedelta
    may_be_capped: bool

    def read_into(self, store: RowStore) -> WindowTooLarge | None:
        """Read the list completely into a store, or return that the window is too large.

        Raises:
            BadAnswer: The list does not add up, however often it is read, or does not end.
        """
        count = ListCount(store, self.window)
        refusals = 0
        for _ in range(_MOST_READINGS):
            paginator = self.paginator()
            count.begin()
            self.identities.clear()
            try:
                for page in self._pages(paginator, count):
                    self.check(page.items)
                    count.add(page)
                    if too_large := self._too_large(count):
                        return too_large
            except ApiError as error:
                # The record that the cursor names may have been deleted meanwhile.
                refusals += 1
                is_later_page = count.filled_pages and error.status in NO_SUCH_PAGE
                if not is_later_page or refusals > MOST_REFUSALS:
                    raise
                continue
            drifts = paginator.drifts or count.has_positions
            if count.adds_up and not (drifts and count.has_new_records):
                return self._capped(count)
            if count.adds_up and count.has_positions:
                continue  # what moved between two pages is found by reading it once more
            if count.filled_pages > 1 and self.window.can_be_divided:
                # Records with one start may swap places between two pages; fewer pages help.
                return WindowTooLarge(min(count.filled_pages, _MOST_PARTS))
        fact = (
            f"the list had new records in each of {_MOST_READINGS} readings"
            if count.adds_up
            else f"the server reports {count.total} records but returned {len(store)}"
        )
        msg = f"{fact}; try again later, and ask the provider if this persists"
        raise BadAnswer(msg)

    def _pages(self, paginator: Paginator[Any], count: ListCount) -> Iterator[Page]:
        def fetch(token: Any) -> Page:  # noqa: ANN401 - each way of paging has its own
            try:
                return self.fetch(token)
            except ApiError as error:
                # All reported records came; the request was only to make sure that no more follow.
                if error.status in NO_SUCH_PAGE and count.total and count.adds_up:
                    return Page([])
                raise

        return iterate_pages(paginator, fetch, self.fetch_all)

    def _too_large(self, count: ListCount) -> WindowTooLarge | None:
        """Decide by the reported total whether to divide the window before more of it is read."""
        length = self.window.end - self.window.start
        if count.total <= self.divided_above or length < 2 * self.shortest:
            return None
        # One more part, so that evenly spread calls do not make round numbers.
        parts = math.ceil(count.total / self.divided_above) + 1
        return WindowTooLarge(min(parts, _MOST_PARTS))

    def _capped(self, count: ListCount) -> WindowTooLarge | None:
        """Divide a window with a round number of records, which may be a cap of the server.

        Raises:
            BadAnswer: The window cannot be divided any more.
        """
        if not self.may_be_capped or not count.came or count.came % _ROUND:
            return None
        if self.window.can_be_divided:
            return WindowTooLarge(2)
        msg = (
            f"the list ends after exactly {count.came} records, which looks like a limit of the "
            "server, and the window cannot be divided any more; ask the provider"
        )
        raise BadAnswer(msg)
