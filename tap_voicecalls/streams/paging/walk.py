"""Walks a list page by page, in whichever way it is paged. Pure: pages come from functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_voicecalls.streams.paging.paginators import Page, Paginator

Token = TypeVar("Token")

# An empty page in the middle is no end where the server says that there is more; so many in a row
# are, and then what it says is wrong.
_MOST_EMPTY_PAGES = 20


def walk(
    paginator: Paginator[Token],
    fetch: Callable[[Token | None], Page],
    fetch_all: Callable[[Sequence[Token]], Iterable[Page]],
) -> Iterator[Page]:
    """Yield the pages of one list in order, each fetched once.

    Args:
        paginator: How the list is paged.
        fetch: Returns the page of a token.
        fetch_all: Returns the pages of several tokens in order; may ask for them at once.

    Raises:
        BadAnswer: A token or a page comes back that came before, or page after page is empty: the
            list would never end.
    """
    token: Any = paginator.start
    empty = 0
    used = {token}
    page = fetch(token)
    foreseen = paginator.ahead(page)
    ahead: Iterator[tuple[Token, Page]] = zip(foreseen, fetch_all(foreseen), strict=True)
    while True:
        yield page
        items = page.items
        token = paginator.after(token, page)
        if token is None:
            return
        if token in used:
            msg = "pagination loop: a page names a page that was read before as its next"
            raise BadAnswer(msg)
        empty = 0 if items else empty + 1
        if empty >= _MOST_EMPTY_PAGES:
            msg = f"{empty} pages in a row are empty, but the server says that there are more"
            raise BadAnswer(msg)
        used.add(token)
        guess, page = next(ahead, (None, page))
        if guess != token:
            ahead = iter(())
            page = fetch(token)
        if page.items and page.items == items:
            msg = "the server ignored the paging parameter and repeated a page"
            raise BadAnswer(msg)
