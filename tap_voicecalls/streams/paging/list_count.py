"""Counts the records of one list against the reported total, and refuses endless lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.rows.row_store import RowStore
    from tap_voicecalls.streams.paging.page import Page

# Pages in a row without a new record: then the list repeats itself.
_MOST_FRUITLESS_PAGES = 20
# Pages with fewer than ten new records each: no server has pages as small as that, but one that
# makes up a record for each page never ends.
_MOST_SMALL_PAGES = 500
_FEW_RECORDS = 10
# Records of one window. Vonage makes no report of more than seven million for thirteen months, so a
# window of that many does not end; on the disk they take some 2 GB.
_MOST_RECORDS = 2_000_000


class ListCount:
    """The records of a list over several readings, and what the server reports in the last.

    Args:
        store: Receives the rows.
        window: The window of the list: records beyond it are no sign of a change, as some filters
            take in more, such as calls that begin while today's list is read.

    Attributes:
        filled_pages: How many pages of this reading had records.
        total: The largest total that the server reported in this reading.
        came: How many records came in this reading.
        has_positions: Whether a page of this reading named the next one by its position.
    """

    def __init__(self, store: RowStore, window: Window | None = None) -> None:
        self._store = store
        self._window = window
        self.begin()

    def begin(self) -> None:
        """Start counting a new reading; records of earlier readings still count as received."""
        self.filled_pages = self.total = self.came = 0
        self._small = self._fruitless = self._repeated = 0
        self._has_total = self.has_positions = False
        self._new_inside = 0
        self._known = len(self._store)

    def add(self, page: Page) -> None:
        """Store and count a page of rows.

        Raises:
            BadAnswer: The list does not end.
        """
        if page.is_repeated:
            self._repeated += len(page.items)
            self._store.add(page.items)
            self._check_end()
            return
        self.filled_pages += bool(page.items)
        self._has_total |= page.total is not None
        self.total = max(self.total, page.total or 0)
        self.came += len(page.items)
        self.has_positions |= page.next_by_position
        fresh = self._stored(page.items)
        self._small += fresh < _FEW_RECORDS
        # When a list is read again, all of it may be known.
        is_fruitless = not fresh and not self._known
        self._fruitless = self._fruitless + 1 if is_fruitless else 0
        self._check_end()

    @property
    def adds_up(self) -> bool:
        """Whether at least as many records came as the server reports in this reading."""
        return len(self._store) >= self.total

    @property
    def has_new_records(self) -> bool:
        """Whether a list without a total had new records in this reading, on several pages."""
        return not self._has_total and self.filled_pages > 1 and self._new_inside > 0

    def _stored(self, rows: list[Row]) -> int:
        """Store rows, and return how many of them are new."""
        if self._window is None or self._has_total:  # with a total, they are not asked for
            return self._store.add(rows)
        start, end = self._window.as_text
        inside = [row for row in rows if start <= row.time < end]
        self._new_inside += (new := self._store.add(inside))
        if len(inside) == len(rows):
            return new
        return new + self._store.add([row for row in rows if not start <= row.time < end])

    def _check_end(self) -> None:
        if self._repeated > 2 * len(self._store) + _MOST_SMALL_PAGES:
            what = f"it repeats {self._repeated} records, more than there are"
        elif self._fruitless >= _MOST_FRUITLESS_PAGES:
            what = f"{self._fruitless} pages in a row have no new records"
        elif self._small > _MOST_SMALL_PAGES:
            what = f"{self._small} pages brought fewer than {_FEW_RECORDS} new records each"
        elif len(self._store) > _MOST_RECORDS:
            what = f"it brought {len(self._store)} records"
        else:
            return
        msg = f"the list of one window does not end: {what}; ask the provider"
        raise BadAnswer(msg)
