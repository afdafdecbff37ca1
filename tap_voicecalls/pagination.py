"""How a list is walked page by page. Pure: a page and its token in, the next token out.

Each class is one documented way of paging. ``start`` is the token of the first request and
``after`` names the next one, or None at the end; ``ahead`` guesses all that follow the first page,
so that they can be asked for at once. Who sends the requests is :func:`walk`'s caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from tap_voicecalls.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tap_voicecalls.payload import Sent

Token = TypeVar("Token")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A cursor that is only valid together with its initialisation vector."""

    cursor: str
    iv: str


@dataclass(frozen=True, slots=True)
class Link:
    """The address of the next page, as the server gave it."""

    href: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its records, and what the server said of the rest.

    Attributes:
        items: The records of this page, in whatever form the reader keeps them.
        total: How many records match in all, where the server tells.
        pages: How many pages there are in all, where the server tells.
        next: Where the list goes on, where the server tells.
    """

    items: list[Any]
    total: int | None = None
    pages: int | None = None
    next: Cursor | Link | None = None


@dataclass(frozen=True, slots=True)
class SentPage:
    """One page of a list as it was sent.

    Attributes:
        records: The array of its records.
        common: Fields that the page says once for all its records, where those do not.
        total: As of :class:`Page`.
        pages: As of :class:`Page`.
        next: As of :class:`Page`.
    """

    records: Sent
    common: Mapping[str, Any] = field(default_factory=dict)
    total: int | None = None
    pages: int | None = None
    next: Cursor | Link | None = None

    def holding(self, items: list[Any]) -> Page:
        """Return the page with its records in another form."""
        return Page(items, self.total, self.pages, self.next)


class Paginator(Protocol[Token]):
    """One way of paging; ``Token`` is what a request needs to ask for its page.

    Attributes:
        drifts: Whether a page is asked for by its place, so that a list that changes meanwhile may
            hide a record between two pages.
    """

    drifts: ClassVar[bool]

    @property
    def start(self) -> Token | None:
        """The token of the first request."""

    def after(self, token: Token | None, page: Page) -> Token | None:
        """Return the token of the page that follows ``page``, or None at the end."""

    def ahead(self, first: Page) -> Sequence[Token]:
        """Return what the tokens after the first page will be, if nothing unforeseen comes."""


@dataclass(frozen=True, slots=True)
class CursorPaginator:
    """Follow what each page names as its next: a cursor with its iv, or a link."""

    drifts: ClassVar[bool] = False
    start: Cursor | Link | None = None

    def after(self, token: Cursor | Link | None, page: Page) -> Cursor | Link | None:  # noqa: ARG002 - the page says it all
        """Return what the page names as next."""
        return page.next

    def ahead(self, first: Page) -> tuple[()]:  # noqa: ARG002 - each page names the next
        """Foresee nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class LastIdPaginator:
    """Name the last record's id to get the page after it, until a page comes empty.

    A short page is no end: a server may cap its pages below the size that was asked for.

    Attributes:
        id_of: Returns the id of a record.
    """

    drifts: ClassVar[bool] = False
    id_of: Callable[[Any], str]
    start: str | None = None

    def after(self, token: str | None, page: Page) -> str | None:  # noqa: ARG002 - the page says it all
        """Return the last record's id."""
        return self.id_of(page.items[-1]) if page.items else None

    def ahead(self, first: Page) -> tuple[()]:  # noqa: ARG002 - each page names the next
        """Foresee nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class PageNumberPaginator:
    """Count pages from 1 up to the number the server tells, or until one comes empty."""

    drifts: ClassVar[bool] = True
    start: int = 1

    def after(self, token: int | None, page: Page) -> int | None:
        """Return the next page's number."""
        number = token or self.start
        ended = not page.items if page.pages is None else number >= page.pages
        return None if ended else number + 1

    def ahead(self, first: Page) -> range:
        """Foresee as many pages as the first says there are."""
        return range(self.start + 1, (first.pages or 0) + 1)


@dataclass(frozen=True, slots=True)
class OffsetPaginator:
    """Skip what has been read, up to the total the server tells, or until a page comes empty."""

    drifts: ClassVar[bool] = True
    start: int = 0

    def after(self, token: int | None, page: Page) -> int | None:
        """Return how many records the next request skips."""
        read = (token or self.start) + len(page.items)
        # A total below what was read is no total to go by.
        return None if not page.items or read == page.total else read

    def ahead(self, first: Page) -> range:
        """Foresee pages as long as the first one, up to the total that it tells."""
        length = len(first.items)
        return range(self.start + length, first.total or 0, length) if length else range(0)


@dataclass(frozen=True, slots=True)
class SinglePagePaginator:
    """The whole list comes in one answer."""

    drifts: ClassVar[bool] = False
    start: None = None

    def after(self, token: None, page: Page) -> None:
        """End after the only page."""

    def ahead(self, first: Page) -> tuple[()]:  # noqa: ARG002 - there is one page
        """Foresee nothing."""
        return ()


def continuation(
    *, truncated: bool, cursor: str | None, iv: str | None, href: str | None
) -> Cursor | Link | None:
    """Say where a list goes on that names a cursor with its iv, or a link, or both.

    The cursor wins, for it keeps to the configured address; a cursor or iv alone is worthless.

    Raises:
        BadAnswer: The server says there is more, but not where.
    """
    if cursor and iv:
        return Cursor(cursor, iv)
    if href:
        return Link(href)
    if truncated:
        msg = "response is TRUNCATED but has no cursor/iv and no next link"
        raise BadAnswer(msg)
    return None


def walk(
    paginator: Paginator[Token],
    fetch: Callable[[Token | None], Page],
    fetch_all: Callable[[Iterable[Token]], Iterable[Page]],
) -> Iterator[Page]:
    """Yield the pages of one list in order, each fetched once.

    Args:
        paginator: How the list is paged.
        fetch: Returns the page of a token.
        fetch_all: Returns the pages of several tokens in order; may ask for them at once.

    Raises:
        BadAnswer: A token or a page comes back that came before: the list would never end.
    """
    token = paginator.start
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
            msg = "paging runs in a circle: a page names one that was read before as its next"
            raise BadAnswer(msg)
        used.add(token)
        guess, page = next(ahead, (None, page))
        if guess != token:
            ahead = iter(())
            page = fetch(token)
        if page.items and page.items == items:
            msg = "a page repeats the one before: the server does not go by what is asked for"
            raise BadAnswer(msg)
