"""One try of a request: its limits (deadline, size, silence, cancellation), and the response."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import ReadCancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from socket import socket
    from threading import Event

    from tap_voicecalls.http.transport.addresses import AllowedAddresses

CANCEL_CHECK_SECONDS = 0.5
"""How often a wait checks whether the read was cancelled."""

_REDIRECTS = {301, 302, 303, 307, 308}


class TooSlow(Exception):  # noqa: N818 - reads as what it is
    """The response is not complete at the deadline, although bytes arrive."""


class TooLarge(Exception):  # noqa: N818 - reads as what it is
    """The response exceeds a size limit, which the message names."""


class Paused(Exception):  # noqa: N818 - reads as what it is
    """The server asked for a pause before this request was sent."""


def mebibytes(count: int) -> str:
    """Format a number of bytes."""
    return f"{count >> 20} MiB"


@dataclass(frozen=True, slots=True)
class Reply:
    """A response.

    Attributes:
        status: The status code.
        headers: The headers; lookup ignores case.
        body: The decompressed body; empty for a file, and for an error with a long body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_redirect(self) -> bool:
        """Whether the response points to another address."""
        return self.status in _REDIRECTS and "Location" in self.headers


class Deadline:
    """A time limit that starts to run at :meth:`begin`.

    Args:
        seconds: The time limit.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at: float | None = None

    def begin(self) -> None:
        """Start the time, unless it is running."""
        if self._at is None:
            self._at = time.monotonic() + self._seconds

    def left(self) -> float:
        """Return the seconds left; negative after the deadline."""
        return self._seconds if self._at is None else self._at - time.monotonic()

    def extend(self, seconds: float) -> None:
        """Give more time."""
        self._seconds += seconds
        if self._at is not None:
            self._at += seconds


class Exchange:
    """One request and its response, on one connection, in one thread.

    Args:
        deadline: The deadline of this try.
        overall: The deadline of all tries of the request.
        most_bytes: The maximum number of bytes to receive, as sent.
        silence: Seconds to wait for the next bytes.
        cancelled: Set when the read is cancelled.
        before_send: Called right before the request is sent; an exception stops it.
        allowed: The addresses that it may connect to; None for all.

    Attributes:
        most_bytes: As above.
        allowed: As above.
    """

    def __init__(  # noqa: PLR0913 - keywords only
        self,
        deadline: Deadline,
        overall: Deadline,
        *,
        most_bytes: int,
        silence: float,
        cancelled: Event,
        before_send: Callable[[], None],
        allowed: AllowedAddresses | None = None,
    ) -> None:
        self.deadline = deadline
        self.is_sent = False
        self._overall = overall
        self._bytes_left = most_bytes
        self.most_bytes = most_bytes
        self.allowed = allowed
        self._silence = silence
        self._cancelled = cancelled
        self._before_send = before_send

    def send(self) -> None:
        """Note that the request is being sent: from here on, the server may process it."""
        if not self.is_sent:
            self._before_send()
            self.is_sent = True

    def progress(self, seconds: float) -> None:
        """Extend both deadlines for bytes that arrived."""
        self.deadline.extend(seconds)
        self._overall.extend(seconds)

    def receive(self, connection: socket, buffer: memoryview) -> int:
        """Receive the next bytes into a buffer and return their number; 0 at the end.

        Raises:
            ReadCancelled: The read was cancelled.
            TimeoutError: No bytes arrived in time.
            TooLarge: The response exceeds the size limit.
            TooSlow: The deadline has passed.
        """
        silent_until = time.monotonic() + self._silence
        while not self._cancelled.is_set():
            left = self.deadline.left()
            if left <= 0:
                raise TooSlow
            wait = min(left, silent_until - time.monotonic())
            if wait <= 0:
                raise TimeoutError
            connection.settimeout(min(wait, CANCEL_CHECK_SECONDS))
            try:
                received = connection.recv_into(buffer)
            except TimeoutError:
                continue
            self._bytes_left -= received
            if self._bytes_left < 0:
                raise TooLarge(mebibytes(self.most_bytes))
            return received
        raise ReadCancelled
