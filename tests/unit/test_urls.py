"""Addresses: whether one is usable, and which server it leads to."""

from __future__ import annotations

import pytest
import requests
from urllib3.util import parse_url

from tap_voicecalls.common.urls import is_http_url, origin

API = origin("https://api.example")


def contacted(url: str) -> tuple[str | None, str | None, int]:
    """Return the server that `requests` would connect to."""
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
    """Links to the same server are followed, whatever their spelling."""
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
    """Keys are only sent to the same scheme, host and port."""
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
def test_the_origin_is_the_server_that_requests_connects_to(url: str) -> None:
    """Two parsers may see different hosts in one address; keys go to the right one only."""
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
def test_complete_addresses_are_usable(url: str) -> None:
    """All addresses of APIs and of the simulator are accepted."""
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
def test_other_text_is_not_usable(url: object) -> None:
    """A wrong `base_url` is refused at the start; credentials in it would get into logs."""
    assert not is_http_url(url)
