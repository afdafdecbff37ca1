"""Telnyx: the pages of its lists, which all have the same form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.http.answers import whole_number
from tap_voicecalls.streams.paging.page import Page

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer


def parsed(answer: Answer, size: int) -> Page:
    """Read ``{"data": […], "meta": {…}}``.

    The number of pages is left out if it is not a number, is below 1, or counts pages that are
    shorter than requested, as on a server that caps them.

    Args:
        answer: The answer.
        size: The requested page size.
    """
    meta = answer.get("meta")
    counts = meta if isinstance(meta, dict) else {}
    pages, total = (
        whole_number(counts.get("total_pages")),
        whole_number(counts.get("total_results")),
    )
    capped = 0 < (whole_number(counts.get("page_size")) or size) < size
    return Page(
        answer.records("data", count=total),
        total=total,
        pages=pages if pages is not None and pages > 0 and not capped else None,
    )
