"""A server whose responses are given as bytes, valid or not."""

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
    """Return a valid response."""
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join([b"HTTP/1.1 " + status, length, *headers, b"", body])


class RawServer:
    """Accepts connections, and serves each in a thread.

    Args:
        answers: The response to each request; the last one is repeated. Bytes are sent, and a
            function gets the connection.
        tls: Wraps a connection in TLS, if given.

    Attributes:
        asked: When each request arrived, and its head.
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
        """Its base URL."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._listening.getsockname()[1]}"

    def start(self) -> None:
        """Accept connections."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Accept no more connections."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # In most tests the client is right to close the connection early.
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
    """Return a response that has no end."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while True:
            connection.sendall(piece)

    return answer


def dribbling(beginning: bytes, piece: bytes, clock: MovedClock) -> Callable[[socket.socket], None]:
    """Return a response that has no end, and sends a piece each second of a clock."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while True:
            connection.sendall(piece)
            time.sleep(0.005)  # the reader looks at the clock meanwhile
            clock.move(1)

    return answer


def config_of(base_url: str, **settings: Any) -> dict[str, Any]:  # noqa: ANN401 - any setting
    """Return a configuration that reads half a day from a server, as Burki, in one request."""
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
