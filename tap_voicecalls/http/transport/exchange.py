"""One try of a request: by when it must be through, how much may come, and who may end it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import ReadCancelled

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket
    from threading import Event

LOOK = 0.5
"""Seconds between two looks at whether anybody still waits: a run that is over ends that soon."""


class TooSlow(Exception):  # noqa: N818 - reads as what it is
    """Bytes come, but the whole answer does not come in time."""


class TooLarge(Exception):  # noqa: N818 - reads as what it is
    """More comes than any right answer has; its text says how much that is."""


class Paused(Exception):  # noqa: N818 - reads as what it is
    """The server asked for a pause before anything of this request was sent."""


def mebibytes(count: int) -> str:
    """Write a number of bytes for people."""
    return f"{count >> 20} MiB"


class Deadline:
    """A number of seconds that begins to run when it is told to.

    Args:
        seconds: How many.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at: float | None = None

    def begin(self) -> None:
        """Let the seconds run, if they do not yet."""
        if self._at is None:
            self._at = time.monotonic() + self._seconds

    def left(self) -> float:
        """Return how many seconds are left; negative when it is passed."""
        return self._seconds if self._at is None else self._at - time.monotonic()

    def extend(self, seconds: float) -> None:
        """Give more time."""
        self._seconds += seconds
        if self._at is not None:
            self._at += seconds


class Exchange:
    """One request and its answer, on one connection, in one thread.

    Args:
        deadline: By when all of the answer must be there.
        overall: By when all tries of the request must be through.
        most_bytes: How many may come, as they are on the wire.
        silence: Seconds to wait for the next bytes.
        cancelled: Set when nobody waits for the answer any more.
        before_send: Called when all is ready; raises what keeps the request from being sent.
    """

    def __init__(  # noqa: PLR0913 - keywords: all that bounds it
        self,
        deadline: Deadline,
        overall: Deadline,
        *,
        most_bytes: int,
        silence: float,
        cancelled: Event,
        before_send: Callable[[], None],
    ) -> None:
        self.deadline = deadline
        self.is_sent = False
        self._overall = overall
        self._bytes_left = most_bytes
        self._most_bytes = most_bytes
        self._silence = silence
        self._over = cancelled
        self._before_send = before_send

    def send(self) -> None:
        """Note that the request is being sent: from now on its outcome may be unknown."""
        if not self.is_sent:
            self._before_send()
            self.is_sent = True

    def progress(self, seconds: float) -> None:
        """Give more time, for what came is worth it."""
        self.deadline.extend(seconds)
        self._overall.extend(seconds)

    def receive(self, connection: socket, buffer: memoryview) -> int:
        """Receive what comes next; 0 at the end.

        Raises:
            ReadCancelled: Nobody waits for it any more.
            TimeoutError: Nothing comes.
            TooLarge: Too much comes.
            TooSlow: The time is up.
        """
        silent_until = time.monotonic() + self._silence
        while not self._over.is_set():
            left = self.deadline.left()
            if left <= 0:
                raise TooSlow
            wait = min(left, silent_until - time.monotonic())
            if wait <= 0:
                raise TimeoutError
            connection.settimeout(min(wait, LOOK))
            try:
                received = connection.recv_into(buffer)
            except TimeoutError:
                continue
            self._bytes_left -= received
            if self._bytes_left < 0:
                raise TooLarge(mebibytes(self._most_bytes))
            return received
        raise ReadCancelled
