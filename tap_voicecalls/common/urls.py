"""Addresses: whether one is usable, and which server it leads to."""

from __future__ import annotations

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str | None, str | None, int | None]:
    """Return scheme, host and port of an address.

    It is parsed by the library that connects, as another parser might see another host.

    Raises:
        ValueError: The address cannot be read.
    """
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        msg = "not an address"
        raise ValueError(msg) from error
    return parts.scheme, parts.host, parts.port or _DEFAULT_PORTS.get(parts.scheme or "")


def is_http_url(url: object) -> bool:
    """Whether this is an http or https address that paths can be appended to.

    Addresses with credentials are refused, as they would show them in logs.
    """
    if not isinstance(url, str):
        return True  # its type is checked elsewhere
    try:
        parts = parse_url(url)
    except LocationParseError:
        return False
    has_more = (parts.auth, parts.query, parts.fragment) != (None, None, None)
    return parts.scheme in _DEFAULT_PORTS and bool(parts.host) and not has_more
