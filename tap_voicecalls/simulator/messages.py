"""Requests and responses of the simulated APIs, and the entries of the request log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

Manner = Literal[
    "whole",
    "slow",
    "stall",
    "cut",
    "reset",
    "close",
    "drip",
    "continue",
    "length",
    "chunk",
    "endless",
]
"""How a response is sent.

* whole: as HTTP defines it. slow: the same, after a delay.
* stall: half of the body, then nothing. cut: half of the body, then the connection is closed.
* reset, close: no response; the connection is reset or closed.
* drip: byte by byte. continue: after many "100 Continue" responses.
* length, chunk: with a Content-Length, or a chunk size, larger than any memory.
* endless: a body without an end.
"""

# Decimals are written as numbers with all their digits: 0.0700 stays 0.0700.
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request, decoded.

    Attributes:
        method: "GET", "POST" and so on.
        path: Path below the provider's mount point, for instance "/api/v1/calls/".
        query: Decoded pairs, in the order sent.
        headers: Header names in lower case.
        body: The decoded JSON, None without a body.
        malformed: Whether the body is not valid JSON.
        mount: Absolute URL of the provider's mount point, as the client addressed it.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: object = None
    malformed: bool = False
    mount: str = ""

    def first(self, name: str) -> str | None:
        """Return the first value of a query parameter, None if it was not sent."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True, slots=True)
class Response:
    """One response.

    Attributes:
        status: The HTTP status, 0 when nothing is sent.
        body: Bytes are sent unchanged; anything else is encoded as JSON, with exact decimals.
        headers: In addition to Content-Length and the default Content-Type.
        manner: How it is sent.
        seconds: The duration of "slow" and "stall", and of one step of "drip" and "continue".
        count: The number of steps: single bytes of "drip" (the rest is sent at once), "100
            Continue" responses of "continue", megabytes of "endless".
        quiet_until: The Unix time until which the client is asked to send no request.
        fault: The kind of fault, "" for a correct response.
    """

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = "whole"
    seconds: float = 0.0
    count: int = 0
    quiet_until: float | None = None
    fault: str = ""

    def encoded(self) -> bytes:
        """Return the bytes of the body."""
        return self.body if isinstance(self.body, bytes) else encoded(self.body)


def encoded(value: object) -> bytes:
    """Encode a value as JSON, with the exact digits of decimals."""
    return _ENCODER.encode(value)


class Refusal(Exception):  # noqa: N818 - a normal response, not an error of the program
    """Raised anywhere below `Api.answer` to answer with an error."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True, slots=True)
class Request:
    """One entry of the request log. It never holds the Authorization header.

    Attributes:
        provider: Name of the API, "" for a path of no provider.
        method: "GET", "POST" and so on.
        path: The whole decoded path, for instance "/burki/api/v1/calls/".
        query: Decoded pairs, in the order sent.
        body: The decoded JSON body, or None.
        status: The HTTP status of the response; 0 before it, and if none is sent.
        fault: The kind of fault that was sent, "rate limit" above the rate limit, "" for a
            correct response.
    """

    provider: str
    method: str
    path: str
    query: list[tuple[str, str]]
    body: object
    status: int
    fault: str = ""


def decode_request(
    method: str, target: str, headers: Mapping[str, str], payload: bytes, authority: str
) -> tuple[str, str, Incoming]:
    """Decode an HTTP request.

    Args:
        method: "GET", "POST" and so on.
        target: Path and query, as sent.
        headers: Header names in lower case.
        payload: The body.
        authority: Host and port of the server, for a request without a Host header.

    Returns:
        The first segment of the path, which names the provider; the whole path; the request.
    """
    parts = urlsplit(target)
    path = unquote(parts.path)
    provider, _, rest = path.lstrip("/").partition("/")
    query = parse_qsl(parts.query, keep_blank_values=True)
    body, malformed = _decode_body(payload)
    mount = f"http://{headers.get('host') or authority}/{provider}"
    return provider, path, Incoming(method, f"/{rest}", query, headers, body, malformed, mount)


def _decode_body(payload: bytes) -> tuple[object, bool]:
    """Return the JSON of a request body, and whether it is malformed."""
    if not payload:
        return None, False
    try:
        return msgspec.json.decode(payload), False
    except msgspec.DecodeError:
        return None, True
