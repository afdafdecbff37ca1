"""Paging by the time of the last record, with larger pages for many records of one time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.times import format_time
from tap_voicecalls.streams.paging.paginators import Paginator

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tap_voicecalls.streams.paging.page import Page

Reach = Literal["window", "all", "older"]

# What a server prints of a time may be less than what it stores and compares.
_PRINTED = timedelta(milliseconds=1)
# No server caps its pages below this.
_SMALLEST_CAP = 10


class TimeCursor(NamedTuple):
    """The page of the records up to a time.

    Attributes:
        time: The time of the last record, as it was printed.
        size: How many records to ask for.
        reach: What the page holds: the rest of the `window`; `all` earlier records as well, which
            show whether the server cuts its pages; or only records that are `older` than the time.
    """

    time: datetime
    size: int
    reach: Reach = "window"

    @property
    def up_to(self) -> datetime:
        """The time to ask for.

        It finds records of the printed time, if the server stores times finer than that, and if it
        takes the time as exclusive.
        """
        return self.time + _PRINTED


@dataclass(slots=True)
class GrowingPages(Paginator[TimeCursor]):
    """Name the time of the last record, inclusive, on a list with the newest first.

    Records of the time at which a page ends come again, and the reader drops them by key. If they
    fill a page, larger ones are requested: one reaches past them, or ends the list, or they fill
    the largest as well, which is an error.

    A page that holds nothing else and is not full is the last one, or the server cuts its pages to
    that many. A longer page that came before, or older records in a page with one more, show that
    it does not; older records that such a page lacks are an error.

    Attributes:
        time_of: Returns the time of a record; None if it has none.
        size: How many records a page is asked to hold.
        most: How many it can be asked to hold.
    """

    overlaps: ClassVar[bool] = True
    time_of: Callable[[Any], datetime | None]
    size: int
    most: int
    _longest: int = field(default=_SMALLEST_CAP, init=False)

    def after(self, token: TimeCursor | None, page: Page) -> TimeCursor | None:
        """Return the last record's time, and how many records to ask for.

        Raises:
            BadAnswer: A page is not sorted, has a record without a time, or repeats; or records of
                one time fill the largest page, so those after them cannot be requested.
        """
        if token and token.reach == "older" and page.items:
            raise _filled(self._longest, token)
        if not page.items or page.is_last:
            return None
        times = _descending([self.time_of(record) for record in page.items])
        first, last, count = times[0], times[-1], len(times)
        is_whole = count < self._longest
        self._longest = max(self._longest, count)
        if token is None or last < token.time:
            return TimeCursor(last, self.size)
        if first > token.up_to:
            msg = "the server ignored the paging parameter and repeated a page"
            raise BadAnswer(msg)
        if count >= self.most:
            raise _filled(count, token)
        if count >= token.size:
            # Step by step: a record may have a megabyte.
            return TimeCursor(token.time, min(2 * token.size, self.most), "all")
        if is_whole:
            return None
        if token.reach == "window":
            return TimeCursor(token.time, count + 1, "all")
        return TimeCursor(token.time, 1, "older")


def _filled(count: int, token: TimeCursor) -> BadAnswer:
    return BadAnswer(
        f"{count} records share the time {format_time(token.time)} and fill a whole page, so the "
        "records after them cannot be requested; ask the provider for larger pages or for "
        "another way of paging"
    )


def _descending(times: list[datetime | None]) -> list[datetime]:
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        msg = "a record of a page has no time, so the next page cannot be requested"
        raise BadAnswer(msg)
    if any(one < two for one, two in pairwise(known)):
        msg = "a page is not sorted by time, newest first, so the next one cannot be requested"
        raise BadAnswer(msg)
    return known
