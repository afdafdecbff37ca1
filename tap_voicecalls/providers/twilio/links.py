"""Twilio: where the list of an account is, and the links between its pages."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.paging.page import Link

if TYPE_CHECKING:
    from tap_voicecalls.http.account import Account

_ACCOUNT = re.compile(r"/Accounts/([^/]+)", re.IGNORECASE)


def path_of(account: Account) -> str:
    """Return the path of the list, below the base URL."""
    sid = quote(account.settings["account_sid"], safe="")
    return str(account.settings["calls_path"]).replace("{account_sid}", sid)


def next_link(link: object, account: Account) -> Link:
    """Return the link to the next page, which may be relative to the host or to the list.

    Raises:
        BadAnswer: It is no link, or names another account, whose calls would become this one's.
    """
    if not isinstance(link, str):
        msg = "the response has a `next_page_uri` that is no text"
        raise BadAnswer(msg)
    try:
        href = urljoin(account.settings["base_url"].rstrip("/") + path_of(account), link)
        path = posixpath.normpath(unquote(urlsplit(href).path))
    except ValueError:
        msg = "the response has a `next_page_uri` that cannot be parsed"
        raise BadAnswer(msg) from None
    sid = account.settings["account_sid"].casefold()
    if any(named.casefold() != sid for named in _ACCOUNT.findall(path)):
        msg = "the response has a `next_page_uri` of another account; check `base_url`"
        raise BadAnswer(msg)
    return Link(href)


def has_cursor(link: Link) -> bool:
    """Return whether a link names the place in the list, and not only the number of the page."""
    return "PageToken" in parse_qs(urlsplit(link.href).query)
