"""Addresses: which are usable, and which lie on the same server."""

from __future__ import annotations

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str | None, str | None, int | None]:
    """Return scheme, host and port of an address: who answers there.

    Read by the library that connects, for two readers of one address may see two hosts.

    Raises:
        ValueError: The address cannot be read.
    """
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        msg = "no address"
        raise ValueError(msg) from error
    return parts.scheme, parts.host, parts.port or _DEFAULT_PORTS.get(parts.scheme or "")


def is_http_url(url: object) -> bool:
    """Tell whether this is an http or https address that paths can be put after.

    One with credentials in it would show them in logs.

    What is no text is no wrong address: its type is checked elsewhere.
    """
    if not isinstance(url, str):
        return True
    try:
        parts = parse_url(url)
    except LocationParseError:
        return False
    has_more = (parts.auth, parts.query, parts.fragment) != (None, None, None)
    return parts.scheme in _DEFAULT_PORTS and bool(parts.host) and not has_more
