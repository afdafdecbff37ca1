"""A server that is never the bottleneck: it sends parts of a file, with a thread per connection.

It serves the lists of Burki and Voicy. The base URL contains the parameters of a case, so one
process serves all cases: ``/<data set>/<largest page>/<milliseconds of latency>``.

Run it with ``python -m benchmarks.server FOLDER``. It prints its port and ends with its stdin.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from benchmarks.data import START, DataSet, Store, voicy_call

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "benchmark"
_CHUNK = 1 << 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Request(NamedTuple):
    """A request."""

    method: str
    target: str
    authorised: bool
    body: bytes


class Answer(NamedTuple):
    """A response: the parts of its body are sent without copying them together."""

    status: str
    parts: tuple[bytes | memoryview, ...]


class Case(NamedTuple):
    """The parameters in the base URL."""

    calls: DataSet
    page_size: int
    latency: float


class Server:
    """Serves on 127.0.0.1 until the process ends.

    Args:
        root: The folder with the data sets.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._store = cache(lambda name: Store(root / name))

    def start(self) -> None:
        """Accept connections in a thread."""
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(ConnectionError):
            for request in _requests(connection):
                _send(connection, self._answer(request))

    def _answer(self, request: Request) -> Answer:
        address = urlsplit(request.target)
        _, name, size, latency, *path = address.path.split("/")
        case = Case(DataSet.named(name), int(size), int(latency) / 1000)
        if case.latency:
            time.sleep(case.latency)
        if not request.authorised:
            return Answer("401 Unauthorized", (b'{"detail":"Not authenticated"}',))
        match request.method, path:
            case "GET", ["api", "v1", "calls", ""]:
                return self._burki_calls(case, parse_qs(address.query))
            case "POST", ["call-list"]:
                return _voicy_calls(case, json.loads(request.body))
            case "GET", ["call-get", call_id]:
                call = voicy_call(case.calls, int(call_id.rpartition("-")[2]), details=True)
                return Answer("200 OK", (json.dumps(call).encode(),))
        return Answer("404 Not Found", (b'{"detail":"Not Found"}',))

    def _burki_calls(self, case: Case, query: dict[str, list[str]]) -> Answer:
        skip = int(query.get("skip", ["0"])[0])
        limit = min(int(query.get("limit", ["100"])[0]), case.page_size)
        since, until = (
            datetime.fromisoformat(query[name][0]) if name in query else None
            for name in ("date_from", "date_to")
        )
        records, total = self._store(case.calls.name).page(since, until, skip, limit)
        tail = f'],"total":{total},"skip":{skip},"limit":{limit}}}'
        return Answer("200 OK", (b'{"items":[', records, tail.encode()))


def _voicy_calls(case: Case, query: dict[str, Any]) -> Answer:
    thresholds = query["filter_criteria"]["start_timestamp"]
    after = int(query.get("pagination_key", "-0").rpartition("-")[2])
    step = timedelta(days=case.calls.days) / case.calls.records
    # The calls are evenly spread, so those of a window are computed.
    first, last = (
        int((_EPOCH + timedelta(milliseconds=thresholds[name]) - START) / step)
        for name in ("lower_threshold", "upper_threshold")
    )
    numbers = [
        number
        for number in range(max(first - 1, 1), min(last + 2, case.calls.records) + 1)
        if thresholds["lower_threshold"]
        <= voicy_call(case.calls, number, details=False)["start_timestamp"]
        <= thresholds["upper_threshold"]
    ]
    wanted = [number for number in numbers if number > after]
    listed = [
        voicy_call(case.calls, number, details=False)
        for number in wanted[: min(query["limit"], case.page_size)]
    ]
    return Answer("200 OK", (json.dumps({"calls": listed, "total_count": len(numbers)}).encode(),))


def _requests(connection: socket.socket) -> Iterator[Request]:
    """Yield the requests of a connection, until the client closes it."""
    received = b""
    while True:
        while b"\r\n\r\n" not in received:
            if not (chunk := connection.recv(_CHUNK)):
                return
            received += chunk
        head, _, received = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        length = int(headers.get("content-length", "0"))
        while len(received) < length:
            if not (chunk := connection.recv(_CHUNK)):
                return
            received += chunk
        body, received = received[:length], received[length:]
        method, target, _ = first.split(" ")
        yield Request(method, target, headers.get("authorization") == f"Bearer {KEY}", body)


def _send(connection: socket.socket, answer: Answer) -> None:
    length = sum(len(part) for part in answer.parts)
    head = (
        f"HTTP/1.1 {answer.status}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    parts = [memoryview(part) for part in (head.encode(), *answer.parts)]
    sent = connection.sendmsg(parts)
    for part in parts:
        if sent < len(part):
            connection.sendall(part[sent:])
        sent = max(sent - len(part), 0)


@contextlib.contextmanager
def started(root: Path) -> Iterator[int]:
    """Start the server as a process, and yield its port."""
    root.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", root],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout  # noqa: S101 - it is a pipe
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def main() -> None:
    """Serve until stdin ends."""
    server = Server(Path(sys.argv[1]))
    server.start()
    print(server.port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
