"""A server of no provider, to which the tap must never send a key."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.messages import Response
from tap_voicecalls.simulator.server import Server

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# An empty list in the form of every provider: a client that follows a link to it loses calls.
_EMPTY_LISTS: Mapping[str, Sequence[object]] = {"calls": [], "data": [], "items": [], "records": []}


@dataclass(frozen=True, slots=True)
class ForeignRequest:
    """One request that came to the foreign_url, with everything in it.

    Attributes:
        method: "GET", "POST" and so on.
        target: Path and query, as sent.
        headers: Header names in lower case.
        payload: The body.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    payload: bytes


class ForeignOrigin:
    """A server on its own port, started when its URL is first read.

    Args:
        secrets: The keys that it must not receive.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = secrets
        self._requests: list[ForeignRequest] = []
        self._lock = threading.Lock()
        self._server = Server(self._serve, 0)
        self._running = False

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`; reading it starts the server."""
        with self._lock:
            if not self._running:
                self._server.start()
                self._running = True
        return self._server.url

    @property
    def requests(self) -> list[ForeignRequest]:
        """A copy of every request so far, in order."""
        with self._lock:
            return list(self._requests)

    @property
    def got_key(self) -> bool:
        """Whether any request had an Authorization header, or a key anywhere in it."""
        return any(self._holds_key(request) for request in self.requests)

    def stop(self) -> None:
        """Close the port; reading `url` opens it again."""
        with self._lock:
            running, self._running = self._running, False
        if running:
            self._server.stop()

    def _holds_key(self, request: ForeignRequest) -> bool:
        text = (
            f"{request.target}\n{dict(request.headers)}\n{request.payload.decode(errors='replace')}"
        )
        return "authorization" in request.headers or any(key in text for key in self._secrets)

    def _serve(
        self, method: str, target: str, headers: Mapping[str, str], payload: bytes
    ) -> Response:
        with self._lock:
            self._requests.append(ForeignRequest(method, target, headers, payload))
        return Response(200, _EMPTY_LISTS)
