"""Where a list of Vonage goes on. Pure. Source: Vonage Reports API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.urls import origin
from tap_voicecalls.streams.paging.page import Cursor, Link, cursor_or_link

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


# What the `request_status` of a report may be, but not that of a page that can be relied on.
_NOT_WHOLE = {"PENDING", "PROCESSING", "ABORTED", "FAILED"}
_MORE_FOLLOWS = "TRUNCATED"


def next_page(get: Callable[[str], Any], base_url: str) -> Cursor | Link | None:
    """Return where a list goes on: with a cursor and its iv, or else by a link; None at its end.

    A list has ended when its `request_status` is no longer TRUNCATED, whatever cursor it shows; one
    without a status has when it names no next page. The cursor and iv of a link serve as the
    answer's own do: together with what was asked for, which the link itself may lack.

    Args:
        get: Returns what the answer says under a name, or None.
        base_url: Where the API lives: a link to another origin is not taken apart.

    Raises:
        BadAnswer: The answer is not whole, or says that more follows, but not where.
    """
    status = str(get("request_status") or "").upper()
    if status in _NOT_WHOLE:
        msg = f"response has request_status {status}, so its records are not all there are"
        raise BadAnswer(msg)
    if status not in {"", _MORE_FOLLOWS}:
        return None
    href = _next_link(get("_links"))
    linked = _query(href) if href and _is_same_origin(href, base_url) else {}
    return cursor_or_link(
        truncated=status == _MORE_FOLLOWS,
        cursor=_text(get, "cursor") or linked.get("cursor"),
        iv=_text(get, "iv") or linked.get("iv"),
        href=href,
    )


def _text(get: Callable[[str], Any], name: str) -> str | None:
    value = get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str):
        return value
    msg = f"response has a `{name}` that is neither text nor a number"
    raise BadAnswer(msg)


def _next_link(links: object) -> str | None:
    match links:
        case {"next": {"href": str(href)}} if href:
            return href
        case _:
            return None


def _query(href: str) -> Mapping[str, str]:
    """Return the parameters of a link. A plus stands for itself: cursors are base64."""
    pairs = (pair.partition("=") for pair in urlsplit(href).query.split("&"))
    return {unquote(name): unquote(value) for name, _, value in pairs}


def _is_same_origin(href: str, base_url: str) -> bool:
    try:
        return href.startswith(("/", "?")) or origin(href) == origin(base_url)
    except ValueError:
        return False
