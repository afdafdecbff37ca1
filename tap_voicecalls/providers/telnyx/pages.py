"""Pages: every list of Telnyx has the same form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.answers import whole_number
from tap_voicecalls.pagination import SentPage

if TYPE_CHECKING:
    from tap_voicecalls.answers import Answer


def parsed(answer: Answer) -> SentPage:
    """Read ``{"data": […], "meta": {…}}``."""
    match answer.get("meta"):
        case {"total_pages": int(pages), "total_results": int(total)}:
            return SentPage(answer.records("data", count=total), total=total, pages=pages)
        case {"total_results": count}:
            return SentPage(answer.records("data", count=whole_number(count)))
        case _:
            return SentPage(answer.records("data"))
