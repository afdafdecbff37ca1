"""Vonage: the next page of a list. Pure.

Source: Vonage Reports API reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.urls import origin
from tap_voicecalls.streams.paging.page import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


# Statuses of an unfinished report; a page with one of them is incomplete.
_NOT_WHOLE = {"PENDING", "PROCESSING", "ABORTED", "FAILED"}
_MORE_FOLLOWS = "TRUNCATED"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A cursor that is only valid together with its initialization vector."""

    cursor: str
    iv: str


def next_page(get: Callable[[str], Any], base_url: str) -> Cursor | Link | None:
    """Return the next page: a cursor with its iv, or else a link; None at the end of the list.

    A list ends when its `request_status` is no longer TRUNCATED, even if it has a cursor. A list
    without a status ends when it has no next page. A cursor and iv in a link are used like those of
    the response, with the parameters of the request, which the link may lack.

    Args:
        get: Returns a field of the response, or None.
        base_url: The address of the API. A link to another origin is not parsed.

    Raises:
        BadAnswer: The response is incomplete, or has a next page without its address.
    """
    status = str(get("request_status") or "").upper()
    if status in _NOT_WHOLE:
        msg = f"response has request_status {status}, so its records are incomplete"
        raise BadAnswer(msg)
    if status not in {"", _MORE_FOLLOWS}:
        return None
    href = _next_link(get("_links"))
    linked = _query(href) if href and _is_same_origin(href, base_url) else {}
    cursor, iv = (_text(get, name) or linked.get(name) for name in ("cursor", "iv"))
    if cursor and iv:
        return Cursor(cursor, iv)  # and not the link: it keeps to the configured address
    if href:
        return Link(href)
    if status == _MORE_FOLLOWS:
        msg = "response is TRUNCATED but has no cursor/iv and no next link"
        raise BadAnswer(msg)
    return None


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
    """Return the parameters of a link. A plus is not a space: cursors are base64."""
    pairs = (pair.partition("=") for pair in urlsplit(href).query.split("&"))
    return {unquote(name): unquote(value) for name, _, value in pairs}


def _is_same_origin(href: str, base_url: str) -> bool:
    try:
        return href.startswith(("/", "?")) or origin(href) == origin(base_url)
    except ValueError:
        return False
