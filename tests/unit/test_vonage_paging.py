"""Where a list of Vonage continues: at a cursor with its iv, or at a link."""

from __future__ import annotations

import pytest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.providers.vonage.paging import Cursor, next_page
from tap_voicecalls.streams.paging.page import Link

API = "https://api.example"
CURSOR, LINK = Cursor("c1", "iv1"), Link(f"{API}/next")


def following(status: str | None, cursor: str | None, iv: str | None, href: str | None) -> object:
    """Return the next page of a response."""
    links = {"next": {"href": href}} if href else {}
    answer = {"request_status": status, "cursor": cursor, "iv": iv, "_links": links}
    return next_page(answer.get, API)


@pytest.mark.parametrize(
    ("cursor", "iv", "href", "expected"),
    [
        ("c1", "iv1", None, CURSOR),
        ("c1", "iv1", LINK.href, CURSOR),
        ("c1", None, LINK.href, LINK),
        (None, "iv1", LINK.href, LINK),
        ("", "", LINK.href, LINK),
    ],
)
@pytest.mark.parametrize("status", ["TRUNCATED", None])
def test_a_list_continues_at_its_cursor_else_at_its_link(
    status: str | None, cursor: str | None, iv: str | None, href: str | None, expected: object
) -> None:
    """A cursor is used only with its iv; a next page that is named is always read."""
    assert following(status, cursor, iv, href) == expected


@pytest.mark.parametrize(("cursor", "iv"), [(None, None), ("c1", None), (None, "iv1"), ("", "")])
def test_a_truncated_list_without_a_next_page_is_an_error(
    cursor: str | None, iv: str | None
) -> None:
    """A truncated list without a usable next page is not the end of the list."""
    with pytest.raises(BadAnswer, match="TRUNCATED but has no cursor/iv"):
        following("TRUNCATED", cursor, iv, None)


@pytest.mark.parametrize(("cursor", "iv"), [(None, None), ("c1", None), (None, "iv1")])
def test_half_a_cursor_on_the_last_page_is_ignored(cursor: str | None, iv: str | None) -> None:
    """Without truncation, a cursor without its iv does not name a next page."""
    assert following(None, cursor, iv, None) is None
