"""Pages: every list of Telnyx has the same form, and is read until a page is not full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.http.answers import whole_number
from tap_voicecalls.streams.paging.page import Page

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer


def parsed(answer: Answer, size: int) -> Page:
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
    return Page(
        answer.records("data", count=total),
        total=total,
        pages=pages if pages is not None and pages > 0 and not capped else None,
    )
