"""Pages: every list of Telnyx has the same form, and is read until a page is not full."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from tap_voicecalls.answers import whole_number
from tap_voicecalls.pagination import SentPage
from tap_voicecalls.sorted_list import is_last

if TYPE_CHECKING:
    from tap_voicecalls.answers import Answer
    from tap_voicecalls.pagination import Page


def parsed(answer: Answer, size: int) -> SentPage:
    """Read ``{"data": […], "meta": {…}}``.

    How many pages there are is left out where it cannot be: below 1, no number, or counted by
    pages shorter than asked for, as of a server that caps them.

    Args:
        answer: The answer.
        size: The page size that was asked for.
    """
    meta = answer.get("meta")
    told = meta if isinstance(meta, dict) else {}
    pages, total = whole_number(told.get("total_pages")), whole_number(told.get("total_results"))
    capped = 0 < (whole_number(told.get("page_size")) or size) < size
    return SentPage(
        answer.records("data", count=total),
        total=total if total is not None and total >= 0 else None,
        pages=pages if pages is not None and pages > 0 and not capped else None,
    )


class NumberedPages:
    """Count pages from 1 until one is empty; or not full, and the last by all that is told.

    Args:
        size: The page size that is asked for.
    """

    drifts: ClassVar[bool] = True
    start: ClassVar[int] = 1

    def __init__(self, size: int) -> None:
        self._size = size
        self._read = 0

    def after(self, token: int | None, page: Page) -> int | None:
        """Return the next page's number."""
        number, length = token or self.start, len(page.items)
        self._read += length
        if is_last(page, number, size=self._size, read=self._read):
            return None
        return number + 1

    def ahead(self, first: Page) -> range:
        """Foresee the pages that the first one tells of, as far as the total bears it out."""
        length = len(first.items) or self._size
        by_total = math.ceil((first.total or 0) / length)
        return range(self.start + 1, min(first.pages or by_total, by_total) + 1)
