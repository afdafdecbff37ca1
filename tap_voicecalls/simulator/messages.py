"""What passes between clients and the simulated APIs: requests, answers, refusals, the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

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
"""How an answer is sent: as HTTP wants it; that, but late; half of it and then nothing; half of it
and then the end; a reset of the connection instead; the end of the connection instead.

Then: byte by byte; after many times "100 Continue"; with a length, or as a chunk of a size, that no
machine holds; without an end."""

# Amounts are decimals, written as numbers with their digits as they are: 0.0700 stays 0.0700.
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request, decoded.

    Attributes:
        method: "GET", "POST" and so on.
        path: Path below the provider's mount point, for instance "/api/v1/calls/".
        query: Decoded pairs in the order they were sent.
        headers: Header names in lower case.
        body: The decoded JSON, None without a body.
        malformed: Whether there was a body that is no JSON.
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
        """Return the first value of a query parameter, None when it was not sent."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True, slots=True)
class Response:
    """One answer.

    Attributes:
        status: The HTTP status, 0 when nothing is sent.
        body: Bytes as they are; anything else is encoded as JSON, decimals with their exact digits.
        headers: Beside Content-Length and the default Content-Type.
        manner: How it is sent.
        seconds: How long "slow" and "stall" take, and one step of "drip" and "continue".
        count: How many steps there are: bytes of "drip" (the rest comes at once), answers of
            "continue", megabytes of "endless".
        quiet_until: Until when it asks the client to send nothing more, as Unix time.
        fault: The kind of the fault that it is, "" for an honest answer.
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
        """Return the body as it is sent."""
        return self.body if isinstance(self.body, bytes) else encoded(self.body)


def encoded(value: object) -> bytes:
    """Return JSON, with the exact digits of decimals."""
    return _ENCODER.encode(value)


class Refusal(Exception):  # noqa: N818 - an answer like any other, not an error of the program
    """Raised anywhere below `Api.answer` to answer with an error."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True, slots=True)
class Request:
    """One request that was served. It never holds the Authorization header.

    Attributes:
        provider: Name of the API, "" for a path that belongs to none.
        method: "GET", "POST" and so on.
        path: The whole decoded path, for instance "/burki/api/v1/calls/".
        query: Decoded pairs in the order they were sent.
        body: The decoded JSON body, or None.
        status: The HTTP status of the answer; 0 before there is one, and when none is sent.
        fault: The kind of fault that it was answered with, "rate limit" beyond the rate limit, ""
            for an honest answer.
    """

    provider: str
    method: str
    path: str
    query: list[tuple[str, str]]
    body: object
    status: int
    fault: str = ""
