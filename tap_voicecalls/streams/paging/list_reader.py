"""Reads one list, of one window, until as many records came as the server says there are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.streams.paging.paginators import Page
from tap_voicecalls.streams.paging.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import timedelta

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.records.identity import Identities
    from tap_voicecalls.rows.row_store import RowStore
    from tap_voicecalls.streams.paging.paginators import Paginator

_MOST_PARTS = 30  # into which a window is divided at once: the next windows are as short
# How often a list is read that does not add up and cannot be divided any more.
_MOST_READINGS = 10
# Lists are capped at such numbers, so a total that is one may be the cap's.
_ROUND = 1_000
# Pages in a row that bring nothing that was not there before: then the list goes round in circles.
_MOST_FRUITLESS_PAGES = 20
# Pages of a list that bring fewer than ten new records each: no server has pages as small as that,
# but one that makes up a record a page goes on for ever.
_MOST_SMALL_PAGES = 500
_FEW_RECORDS = 10
# Records of one window. Vonage makes no report of more than seven million for thirteen months, so a
# window of that many has no end; on the disk they take some 2 GB.
_MOST_RECORDS = 2_000_000
# How a server may refuse a page past the end of a list.
_NO_SUCH_PAGE = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


class WindowTooLarge(Exception):  # noqa: N818 - a turn of the reading, not an error
    """A window is to be divided.

    Args:
        parts: How many windows to divide it into.
    """

    def __init__(self, parts: int) -> None:
        super().__init__(parts)
        self.parts = parts


@dataclass(frozen=True, slots=True)
class ListOf:
    """One list, and how its pages are fetched.

    Attributes:
        window: The window whose records it holds.
        paginator: Makes what pages through it.
        fetch: Returns the page of a token.
        fetch_all: Returns the pages of several tokens, in order.
        check: Raises BadAnswer where the rows of a page cannot be those of the window.
        identities: What records without an identity got; forgotten when the list is read again.
        divided_above: How many records it may tell, or None; it is read in parts if there are more.
        shortest: Windows that are shorter are not divided for their number of records.
        may_be_capped: Whether a round number of records may be a cap's.
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

    def read_into(self, store: RowStore) -> None:
        """Read it whole.

        Args:
            store: Takes its rows.

        Raises:
            WindowTooLarge: The window must be divided first.
            BadAnswer: The list does not add up, however often it is read, or has no end.
        """
        count = _Count(store)
        for _ in range(_MOST_READINGS):
            paginator = self.paginator()
            count.begin()
            self.identities.clear()
            for page in self._pages(paginator, count):
                self.check(page.items)
                count.add(page)
                self._divide_if_large(count)
            if count.adds_up and not (paginator.drifts and count.may_have_drifted):
                self._refuse_a_cap(count)
                return
            if count.filled_pages > 1 and self.window.can_be_divided:
                # Records with one start may swap places between two pages; fewer pages help.
                raise WindowTooLarge(min(count.filled_pages, _MOST_PARTS))
        msg = (
            f"the server reports {count.total} records but returned {len(store)}; try again "
            "later, and ask the provider if this persists"
        )
        raise BadAnswer(msg)

    def _pages(self, paginator: Paginator[Any], count: _Count) -> Iterator[Page]:
        def fetch(token: Any) -> Page:  # noqa: ANN401 - each way of paging has its own
            try:
                return self.fetch(token)
            except ApiError as error:
                # All came that was told: whether there is more was only to be made sure of.
                if error.status in _NO_SUCH_PAGE and count.total and count.adds_up:
                    return Page([])
                raise

        return walk(paginator, fetch, self.fetch_all)

    def _divide_if_large(self, count: _Count) -> None:
        """Divide for what the server tells, before more is read; what came without is kept."""
        length = self.window.end - self.window.start
        if count.total > self.divided_above and length >= 2 * self.shortest:
            # One part more, so that calls that come evenly make no round numbers.
            parts = math.ceil(count.total / self.divided_above) + 1
            raise WindowTooLarge(min(parts, _MOST_PARTS))

    def _refuse_a_cap(self, count: _Count) -> None:
        """A round number may be where the server cuts its lists: see what the halves hold."""
        if not self.may_be_capped or not count.came or count.came % _ROUND:
            return
        if self.window.can_be_divided:
            raise WindowTooLarge(2)
        msg = (
            f"the list ends after exactly {count.came} records, which looks like a limit of the "
            "server, and the window cannot be divided any more; ask the provider"
        )
        raise BadAnswer(msg)


class _Count:
    """What came of a list in some readings, against what the server says there is in the last."""

    def __init__(self, store: RowStore) -> None:
        self._store = store
        self.begin()

    def begin(self) -> None:
        """Take note that the list is read from its start; what came before still counts."""
        self.filled_pages = self.total = self.came = 0
        self._small = self._fruitless = 0
        self._told = False
        self._known = len(self._store)

    def add(self, page: Page) -> None:
        """Take in a page of rows.

        Raises:
            BadAnswer: The list has no end.
        """
        self.filled_pages += bool(page.items)
        self._told |= page.total is not None
        self.total = max(self.total, page.total or 0)
        self.came += len(page.items)
        fresh = self._store.add(page.items)
        self._small += fresh < _FEW_RECORDS
        # When a list is read again, all of it may be known.
        is_fruitless = not fresh and not self._known
        self._fruitless = self._fruitless + 1 if is_fruitless else 0
        self._check_end()

    @property
    def adds_up(self) -> bool:
        """Whether nothing is missing of the most that the server spoke of in this reading."""
        return len(self._store) >= self.total

    @property
    def may_have_drifted(self) -> bool:
        """Whether a list without a total brought something new, over more pages than one."""
        return not self._told and self.filled_pages > 1 and len(self._store) > self._known

    def _check_end(self) -> None:
        if self._fruitless >= _MOST_FRUITLESS_PAGES:
            what = f"{self._fruitless} pages in a row bring nothing new"
        elif self._small > _MOST_SMALL_PAGES:
            what = f"{self._small} pages brought fewer than {_FEW_RECORDS} new records each"
        elif len(self._store) > _MOST_RECORDS:
            what = f"it brought {len(self._store)} records"
        else:
            return
        msg = f"the list of one window does not end: {what}; ask the provider"
        raise BadAnswer(msg)
