"""Where a list continues, as a response names it."""

from __future__ import annotations

from typing import Any

import pytest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.paging.page import Page, next_cursor


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"next_cursor": "c1"}, "c1"),
        ({"next_cursor": 17}, "17"),
        ({"next_cursor": None}, None),
        ({"next_cursor": ""}, None),
        ({}, None),
    ],
)
def test_an_opaque_cursor_is_a_text(response: dict[str, Any], expected: str | None) -> None:
    """A list ends with a page that names no cursor."""
    assert next_cursor(response.get, "next_cursor") == expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"cursor": "c1", "has_more": True}, "c1"),
        ({"cursor": "c1", "has_more": False}, None),
        ({"cursor": "c1"}, "c1"),
        ({"cursor": None, "has_more": False}, None),
    ],
)
def test_has_more_decides_where_it_is_sent(response: dict[str, Any], expected: str | None) -> None:
    """Some APIs name a cursor on the last page as well."""
    assert next_cursor(response.get, "cursor", has_more="has_more") == expected


def test_more_without_a_cursor_is_an_error() -> None:
    """A response that says that there is more, but not where, is not the end of the list."""
    with pytest.raises(BadAnswer, match="a true `more` but no `next`"):
        next_cursor({"more": True}.get, "next", has_more="more")


@pytest.mark.parametrize("cursor", [True, {"after": "c1"}, ["c1"]])
def test_a_cursor_of_another_type_is_an_error(cursor: object) -> None:
    """What cannot be sent back as it came is not a cursor."""
    with pytest.raises(BadAnswer, match="neither a text nor a number"):
        next_cursor({"next": cursor}.get, "next")


@pytest.mark.parametrize("total", [-1, 10**13, True, "5", None])
def test_impossible_totals_are_ignored(total: Any) -> None:  # noqa: ANN401 - of any type
    """A total that cannot be one must not divide windows or end a list."""
    page = Page([], total=total, pages=total).with_rows([])

    assert (page.total, page.pages) == (None, None)
