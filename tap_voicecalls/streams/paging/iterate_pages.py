"""Reads a list page by page, in any way of paging. Pure: pages come from functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_voicecalls.streams.paging.page import Page
    from tap_voicecalls.streams.paging.paginators import Paginator

Token = TypeVar("Token")

LOOP = "pagination loop: next-page token already used"

# An empty page in the middle is not the end where the server says that there is more; but after so
# many in a row, what the server says is wrong.
_MOST_EMPTY_PAGES = 20


def iterate_pages(
    paginator: Paginator[Token],
    fetch: Callable[[Token | None], Page],
    fetch_all: Callable[[Sequence[Token]], Iterable[Page]] | None = None,
) -> Iterator[Page]:
    """Yield the pages of one list in order, each fetched once.

    Args:
        paginator: How the list is paged.
        fetch: Returns the page of a token.
        fetch_all: Returns the pages of several tokens in order; may request them concurrently. By
            default they are fetched one by one.

    Raises:
        BadAnswer: A token or a page repeats, or page after page is empty: the list would not end.
    """
    token: Any = paginator.start
    empty = 0
    used = {token}
    page = fetch(token)
    expected = paginator.ahead(page)
    following = fetch_all(expected) if fetch_all else map(fetch, expected)
    ahead: Iterator[tuple[Token, Page]] = zip(expected, following, strict=True)
    while True:
        yield page
        items = page.items
        token = paginator.after(token, page)
        if token is None:
            return
        empty = 0 if items else empty + 1
        _refuse_endless_list(empty, is_loop=token in used)
        used.add(token)
        guess, page = next(ahead, (None, page))
        if guess != token:
            ahead = iter(())
            page = fetch(token)
        if page.items and page.items == items and not paginator.overlaps:
            msg = "the server ignored the paging parameter and repeated a page"
            raise BadAnswer(msg)


def _refuse_endless_list(empty: int, *, is_loop: bool) -> None:
    if is_loop:
        raise BadAnswer(LOOP)
    if empty >= _MOST_EMPTY_PAGES:
        msg = f"{empty} pages in a row are empty, but the server says that there are more"
        raise BadAnswer(msg)
