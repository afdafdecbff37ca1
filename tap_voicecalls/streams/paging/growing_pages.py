"""Paging by the time of the last record, with larger pages for many records of one time."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.times import format_time
from tap_voicecalls.streams.paging.paginators import Paginator

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tap_voicecalls.streams.paging.page import Page

# Servers cap their pages at multiples of this.
_ROUND = 50


class TimeCursor(NamedTuple):
    """The page of the records up to a time, and how many to ask for."""

    time: datetime
    size: int


@dataclass(slots=True)
class GrowingPages(Paginator[TimeCursor]):
    """Name the time of the last record, inclusive, on a list with the newest first.

    Records of the time at which a page ends come again, and the reader drops them by key. If they
    seem to fill a page, larger ones are requested: one reaches past them, or ends the list, or they
    fill the largest as well, which is an error.

    Attributes:
        time_of: Returns the time of a record; None if it has none.
        size: How many records a page is asked to hold.
        most: How many it can be asked to hold.
    """

    overlaps: ClassVar[bool] = True
    time_of: Callable[[Any], datetime | None]
    size: int
    most: int
    _first: datetime | None = field(default=None, init=False)
    _longest: int = field(default=0, init=False)

    def after(self, token: TimeCursor | None, page: Page) -> TimeCursor | None:
        """Return the last record's time, and how many records to ask for.

        Raises:
            BadAnswer: A page is not sorted, has a record without a time, or repeats; or the records
                of one time fill the largest page, so those after them cannot be requested.
        """
        if not page.items or page.is_last:
            return None
        times = _descending([self.time_of(record) for record in page.items])
        first, last, count = times[0], times[-1], len(times)
        self._first = self._first or first
        # If a server caps its pages, the longest page that came is full.
        is_capped = self._first != last and count == self._longest
        self._longest = max(self._longest, count)
        if token is None or last != token.time:
            return TimeCursor(last, self.size)
        if first != last:
            msg = "the server ignored the paging parameter and repeated a page"
            raise BadAnswer(msg)
        if token.size < self.most:
            is_full = count >= token.size or count % _ROUND == 0 or is_capped
            # Step by step: a record may have a megabyte.
            return TimeCursor(last, min(2 * token.size, self.most)) if is_full else None
        # A server that sends more than a usual page is trusted to send the largest one.
        is_cut = count <= self.size and (count % _ROUND == 0 or is_capped)
        if count < self.most and not is_cut:
            return None
        msg = (
            f"{count} records share the time {format_time(last)} and fill a whole page, so the "
            "records after them cannot be requested; ask the provider for larger pages or for "
            "another way of paging"
        )
        raise BadAnswer(msg)


def _descending(times: list[datetime | None]) -> list[datetime]:
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        msg = "a record of a page has no time, so the next page cannot be requested"
        raise BadAnswer(msg)
    if any(one < two for one, two in pairwise(known)):
        msg = "a page is not sorted by time, newest first, so the next one cannot be requested"
        raise BadAnswer(msg)
    return known
