"""How the lists of Burki's assistants and flows are paged."""

from __future__ import annotations

from itertools import islice
from types import SimpleNamespace

import pytest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.providers.burki.dimensions import SkipPaginator
from tap_voicecalls.streams.paging.iterate_pages import iterate_pages
from tap_voicecalls.streams.paging.page import Page

ROWS = [SimpleNamespace(key=("default", number)) for number in range(5)]


def read(size: int, cap: int, *, is_skip_ignored: bool = False) -> tuple[list[object], int]:
    """Read the rows from a server that caps its pages; return them, and how many were requested."""
    asked = 0

    def fetch(skip: int | None) -> Page:
        nonlocal asked
        asked += 1
        first = 0 if is_skip_ignored else skip or 0
        return Page(ROWS[first : first + min(size, cap)])

    pages = iterate_pages(SkipPaginator(size), fetch)
    return [row for page in islice(pages, 10) for row in page.items], asked


@pytest.mark.parametrize("cap", [1, 2, 5, 9])
def test_a_short_page_is_not_the_end(cap: int) -> None:
    """Catches a list that a server cuts into shorter pages and that ends after the first."""
    assert read(5, cap)[0] == ROWS


def test_a_whole_list_may_come_again() -> None:
    """Catches a stream that fails because a server without pages ignores `skip`."""
    rows, asked = read(9, 9, is_skip_ignored=True)

    assert [row for row in ROWS if row in rows] == ROWS
    assert asked == 2


def test_a_full_page_that_comes_again_is_an_error() -> None:
    """Catches assistants behind the first page that are lost without a word."""
    with pytest.raises(BadAnswer, match="ignored the paging parameter"):
        read(2, 2, is_skip_ignored=True)
