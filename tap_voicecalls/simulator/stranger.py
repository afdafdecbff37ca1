"""An origin that is no provider's: it must not get any key."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.messages import Response
from tap_voicecalls.simulator.server import Server

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A list without anything in it, whatever the provider: who follows a link to here loses calls.
_NOTHING: Mapping[str, Sequence[object]] = {"calls": [], "data": [], "items": [], "records": []}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that came to the stranger, with everything in it.

    Attributes:
        method: "GET", "POST" and so on.
        target: Path and query as they were sent.
        headers: Header names in lower case.
        payload: The body.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    payload: bytes


class Stranger:
    """A server on a port of its own, started when somebody first asks where it is.

    Args:
        secrets: The keys that it must not get.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = secrets
        self._visits: list[Visit] = []
        self._lock = threading.Lock()
        self._server = Server(self._serve, 0)
        self._running = False

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`; from now on somebody listens there."""
        with self._lock:
            if not self._running:
                self._server.start()
                self._running = True
        return self._server.url

    @property
    def visits(self) -> list[Visit]:
        """A copy of every request so far, in order."""
        with self._lock:
            return list(self._visits)

    @property
    def got_key(self) -> bool:
        """Whether any request had an Authorization header, or a key anywhere in it."""
        return any(self._betrays(visit) for visit in self.visits)

    def stop(self) -> None:
        """Close the port; asking for the URL opens it again."""
        with self._lock:
            running, self._running = self._running, False
        if running:
            self._server.stop()

    def _betrays(self, visit: Visit) -> bool:
        text = f"{visit.target}\n{dict(visit.headers)}\n{visit.payload.decode(errors='replace')}"
        return "authorization" in visit.headers or any(key in text for key in self._secrets)

    def _serve(
        self, method: str, target: str, headers: Mapping[str, str], payload: bytes
    ) -> Response:
        with self._lock:
            self._visits.append(Visit(method, target, headers, payload))
        return Response(200, _NOTHING)
