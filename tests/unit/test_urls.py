"""Addresses: which are usable, and which lie on the same server."""

from __future__ import annotations

import pytest
import requests
from urllib3.util import parse_url

from tap_voicecalls.common.urls import is_http_url, origin

API = origin("https://api.example")


def contacted(url: str) -> tuple[str | None, str | None, int]:
    """Say whom `requests` would connect to."""
    prepared = parse_url(requests.Request("GET", url).prepare().url or "")
    return prepared.scheme, prepared.host, prepared.port or {"http": 80, "https": 443}[url[:5]]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example/v2/calls?page=2",
        "https://api.example:443",
        "https://API.Example/",
        "HTTPS://api.example",
        "https://api.example?page=2",
        "https://api.example#end",
    ],
)
def test_one_server_has_one_origin(url: str) -> None:
    """A link of the server's own, however it is spelt, is followed."""
    assert origin(url) == API


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example",
        "https://api.example:8443",
        "https://api.example:80",
        "https://api.example.evil",
        "https://evil.example",
        "https://api.example@evil.example/",
        "https://api.example:x@evil.example/",
        "https://evil.example/https://api.example",
        "https://evil.example?https://api.example",
        "https://evil.example#@api.example",
        "//api.example/",
        "/v2/calls",
        "",
    ],
)
def test_another_server_has_another_origin(url: str) -> None:
    """No other scheme, port or host passes for the one that may get the keys."""
    assert origin(url) != API


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example#@api.example/",
        "https://evil.example?@api.example/",
        "https://evil.example;@api.example/",
        "https://evil.example%5c@api.example/",
        "https://user@evil.example@api.example/",
        r"https://evil.example\@api.example/",
    ],
)
def test_the_origin_is_whom_requests_would_contact(url: str) -> None:
    """An address that two parsers read in two ways does not send the keys to a stranger."""
    assert contacted(url) == origin(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example",
        "http://127.0.0.1:8080/v2",
        "http://[::1]:8080",
        "https://api.example/functions/v1/",
    ],
)
def test_a_whole_address_is_usable(url: str) -> None:
    """Each address under which an API or a simulator may live is accepted."""
    assert is_http_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example",
        "/v2",
        "ftp://api.example",
        "file:///etc/passwd",
        "https://",
        "https://:8080",
        "https://api.example:port",
        "https://api.example:99999",
        "http://[::1",
        "https://key:secret@api.example",
        "https://key@api.example",
    ],
)
def test_what_is_no_whole_address_is_not_usable(url: object) -> None:
    """A wrong `base_url` is refused at the start, and credentials in it never get into a log."""
    assert not is_http_url(url)
