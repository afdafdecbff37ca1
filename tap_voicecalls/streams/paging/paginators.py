"""How a list is walked page by page. Pure: a page and its token in, the next token out.

Each class is one documented way of paging. ``start`` is the token of the first request and
``after`` names the next one, or None at the end; ``ahead`` guesses all that follow the first page,
so that they can be asked for at once. Who sends the requests is the caller of `walk`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_voicecalls.records.raw_json import RawJson

Token = TypeVar("Token")

# Lengths of pages that servers are set up for are multiples of that.
_ROUND = 50
# Pages that are foreseen from what a server tells; it may tell any number.
_MOST_AHEAD = 100_000
# No account has a million million calls: such a total is an error of the server, and tells nothing.
_MOST_TOLD = 10**12


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

    records: RawJson
    common: Mapping[str, Any] = field(default_factory=dict)
    total: int | None = None
    pages: int | None = None
    next: Cursor | Link | None = None

    def holding(self, items: list[Any]) -> Page:
        """Return the page with its records in another form, and without totals that are none."""
        return Page(items, _count(self.total), _count(self.pages), self.next)


def _count(told: object) -> int | None:
    """Return what a server tells of a number of records or pages; None if it cannot be one."""
    if not isinstance(told, int) or isinstance(told, bool):
        return None
    return told if 0 <= told <= _MOST_TOLD else None


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


@dataclass(slots=True)
class PageNumberPaginator:
    """Count pages from 1 until one is empty; or not full, and the last by all that is told.

    It counts what came, so each list has one of its own.

    Attributes:
        size: How many records a page is asked for.
    """

    drifts: ClassVar[bool] = True
    start: ClassVar[int] = 1
    size: int
    _read: int = 0

    def after(self, token: int | None, page: Page) -> int | None:
        """Return the next page's number."""
        number = token or self.start
        self._read += len(page.items)
        return None if is_last(page, number, size=self.size, read=self._read) else number + 1

    def ahead(self, first: Page) -> range:
        """Foresee the pages that the first one tells of, as far as the total bears it out."""
        by_total = math.ceil((first.total or 0) / (len(first.items) or self.size))
        end = min(first.pages or by_total, by_total, _MOST_AHEAD)
        return range(self.start + 1, end + 1)


def is_last(page: Page, number: int, *, size: int, read: int) -> bool:
    """Tell whether a list ends with a page: it is empty, or not full, and the last that is told.

    Args:
        page: The page.
        number: Its number.
        size: The page size that was asked for.
        read: How many records came up to it.
    """
    if not page.items:
        return True
    if page.pages is None:
        return False
    return number >= page.pages and len(page.items) < size and read >= (page.total or 0)


@dataclass(frozen=True, slots=True)
class OffsetPaginator:
    """Skip what has been read until a page is not full, and at least to the total that is told.

    What a server tells of a list is no proof of its end, what comes is: a page that may be full is
    followed by the next, whatever the total says. It may be full although it is shorter than was
    asked for, where a server caps its pages.

    Attributes:
        size: How many records a page is asked for; None where that is not known.
    """

    drifts: ClassVar[bool] = True
    start: ClassVar[int] = 0
    size: int | None = None

    def after(self, token: int | None, page: Page) -> int | None:
        """Return how many records the next request skips."""
        count = len(page.items)
        read = (token or self.start) + count
        may_be_full = count == self.size or count % _ROUND == 0
        return read if count and (may_be_full or read != page.total) else None

    def ahead(self, first: Page) -> range:
        """Foresee pages as long as the first one, up to the total that it tells."""
        length = len(first.items)
        end = min(first.total or 0, _MOST_AHEAD * length)
        return range(self.start + length, end, length) if length else range(0)


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
    *, truncated: bool, cursor: object, iv: object, href: str | None
) -> Cursor | Link | None:
    """Say where a list goes on that names a cursor with its iv, or a link, or both.

    The cursor wins, for it keeps to the configured address; a cursor or iv alone is worthless.

    Raises:
        BadAnswer: The server says there is more, but not where.
    """
    if cursor and iv:
        return Cursor(_token("cursor", cursor), _token("iv", iv))
    if href:
        return Link(href)
    if truncated:
        msg = "response is TRUNCATED but has no cursor/iv and no next link"
        raise BadAnswer(msg)
    return None


def _token(name: str, value: object) -> str:
    """Return a token as text, which a number is as well."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    msg = f"the `{name}` of the next page is neither a text nor a number"
    raise BadAnswer(msg)
