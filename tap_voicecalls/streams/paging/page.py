"""One page of a list, and where the list continues. Pure: no HTTP here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

# No account has a trillion calls: such a total is an error of the server and is ignored.
_MOST_TOLD = 10**12
_POSITION = re.compile(r"[0-9]{1,7}", re.ASCII)  # a Unix time is longer


@dataclass(frozen=True, slots=True)
class Link:
    """The address of the next page, as the server gave it."""

    href: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its records, and what the server says about the rest of the list.

    Attributes:
        items: The records. A stream parses an answer to a page of `RawJson`, the array as sent;
            from there on the page holds a list of rows.
        total: How many records match in all, if the server reports it.
        pages: How many pages there are in all, if the server reports it.
        next: Where the list continues, if the server reports it: an opaque cursor as text, a
            :class:`Link`, or what else the requests of the stream need.
        is_last: Whether the records after it are known to be of no interest.
        common: Fields that the page sends once for all its records.
        next_by_position: Whether the next page begins at a position of the list, so that a record
            that is deleted meanwhile hides another one between the two.
        is_repeated: Whether its records are listed a second time, because of what only a list of
            their kind tells.
    """

    items: Any
    total: int | None = None
    pages: int | None = None
    next: Hashable | None = None
    is_last: bool = False
    common: Mapping[str, Any] = field(default_factory=dict)
    next_by_position: bool = False
    is_repeated: bool = False

    def with_rows(self, rows: list[Any]) -> Page:
        """Return the page with rows in place of the array, and without impossible totals."""
        return replace(self, items=rows, total=_count(self.total), pages=_count(self.pages))


def _count(reported: object) -> int | None:
    """Return a reported number of records or pages; None if it cannot be one."""
    if not isinstance(reported, int) or isinstance(reported, bool):
        return None
    return reported if 0 <= reported <= _MOST_TOLD else None


def next_cursor(get: Callable[[str], Any], name: str, *, has_more: str | None = None) -> str | None:
    """Return the opaque cursor of the next page; None if this page is the last.

    Args:
        get: Returns a field of the response, or of an object in it, or None; such as `Answer.get`.
        name: The field of the cursor.
        has_more: The field that says whether there is another page, if there is one.

    Raises:
        BadAnswer: The response says that there is more but names no cursor, or the cursor is
            neither a text nor a number.
    """
    more = get(has_more) if has_more else None
    if more is False:
        return None
    cursor = get(name)
    if cursor is None or cursor == "":
        if more:
            msg = f"response has a true `{has_more}` but no `{name}` to request the next page by"
            raise BadAnswer(msg)
        return None
    if not isinstance(cursor, str | int) or isinstance(cursor, bool):
        msg = f"the `{name}` of the next page is neither a text nor a number"
        raise BadAnswer(msg)
    return str(cursor)


def is_position(cursor: str | None) -> bool:
    """Return whether an opaque cursor is a small number: a position in the list, not a record."""
    return cursor is not None and _POSITION.fullmatch(cursor) is not None
