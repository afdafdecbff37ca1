"""A server whose answers are bytes, right or wrong, told one by one."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from support import START

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support import MovedClock

NO_CALLS = b'{"items": [], "total": 0}'


def ok(body: bytes = NO_CALLS, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """Return an answer as it should be."""
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join([b"HTTP/1.1 " + status, length, *headers, b"", body])


class RawServer:
    """Answers the connections it gets, one after the other, each in a thread.

    Args:
        answers: What to do with each request; the last again and again. Bytes are sent.
        tls: What makes a connection secure, if it is to be.

    Attributes:
        asked: The head of each request, and when it came.
    """

    def __init__(
        self,
        *answers: bytes | Callable[[socket.socket], object],
        tls: Callable[[socket.socket], socket.socket] | None = None,
    ) -> None:
        self._answers = answers
        self._tls = tls
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.asked: list[tuple[float, bytes]] = []

    @property
    def url(self) -> str:
        """Where it is."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._listening.getsockname()[1]}"

    def start(self) -> None:
        """Begin to answer."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Accept no more."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Whoever breaks off is right to do so: that is what most tests are for.
        with suppress(OSError), connection:
            if self._tls:
                connection = self._tls(connection)
            with connection:
                while head := _head(connection):
                    with self._lock:
                        self.asked.append((time.monotonic(), head))
                        number = min(len(self.asked), len(self._answers)) - 1
                    answer = self._answers[number]
                    if not isinstance(answer, bytes):
                        answer(connection)
                        return
                    connection.sendall(answer)


def _head(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        received += piece
    return received


@contextmanager
def serving(
    *answers: bytes | Callable[[socket.socket], object],
    tls: Callable[[socket.socket], socket.socket] | None = None,
) -> Iterator[RawServer]:
    """Run a server."""
    server = RawServer(*answers, tls=tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def for_ever(beginning: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    """Return an answer that has no end."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while True:
            connection.sendall(piece)

    return answer


def dribbling(beginning: bytes, piece: bytes, clock: MovedClock) -> Callable[[socket.socket], None]:
    """Return an answer that has no end, of which a piece comes each second of a clock."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while True:
            connection.sendall(piece)
            time.sleep(0.005)  # the reader looks at the clock meanwhile
            clock.move(1)

    return answer


def config_of(base_url: str, **settings: Any) -> dict[str, Any]:  # noqa: ANN401 - any setting
    """Return a configuration that reads half a day of a server as Burki's, in one request."""
    day = START.date().isoformat()
    burki = {"api_key": "the-key", "base_url": base_url}
    return {
        "start_date": day,
        "end_date": f"{day}T12:00:00Z",
        "concurrency": 1,
        "max_tries": 1,
        "burki": burki,
        **settings,
    }
