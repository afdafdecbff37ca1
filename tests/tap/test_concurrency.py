"""Concurrent requests: as many as allowed, the same ones, and none after the run has failed."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from support import START, catalog_of, configuration, reading_threads, run_tap, simulator

from tap_voicecalls.common.concurrency import Concurrency
from tap_voicecalls.common.run import RunError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("only_calls")


LONG = 120  # seconds after which a test that hangs fails; none of them ever waits that long
PAGE = 5


class Calls(ThreadingHTTPServer):
    """A list of Burki's calls, one a minute, that holds requests until enough are in flight.

    Attributes:
        records: How many calls each window holds.
        awaited: How many requests must be in flight before the second and all later ones go on.
        most: The highest number of requests in flight.
        refused_from: The offset from which the key is refused.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, records: int, awaited: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.records = records
        self.awaited = awaited
        self.refused_from = records
        self.most = 0
        self.asked = 0
        self._under_way = 0
        self._lock = threading.Condition()

    @contextmanager
    def under_way(self, *, first: bool) -> Iterator[None]:
        """Count a request in, hold it until the others have arrived, and count it out."""
        with self._lock:
            self.asked += 1
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            self._lock.notify_all()
            if not first:
                assert self._lock.wait_for(lambda: self.most >= self.awaited, LONG)
        yield
        with self._lock:
            self._under_way -= 1


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    server: Calls

    def do_GET(self) -> None:
        """Send a page, or refuse."""
        query = parse_qs(urlsplit(self.path).query)
        skip, since = int(query["skip"][0]), query["date_from"][0]
        with self.server.under_way(first=skip == 0):
            refused = skip >= self.server.refused_from > 0
            body = json.dumps({} if refused else self._page(since, skip)).encode()
        self.send_response(403 if refused else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _page(self, since: str, skip: int) -> dict[str, Any]:
        day = int(re.sub(r"\D", "", since[:10]))
        numbers = range(skip, min(skip + PAGE, self.server.records))
        items = [
            {"id": day * 1000 + number, "started_at": f"{since[:11]}00:{number // 60:02}:00Z"}
            for number in numbers
        ]
        return {"items": items, "total": self.server.records}

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serving(records: int, awaited: int) -> Iterator[Calls]:
    """Run a server."""
    with Calls(records, awaited) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def config_of(server: Calls, days: int, concurrency: int) -> dict[str, Any]:
    """Return a configuration that reads so many days of a server."""
    return {
        "start_date": START.isoformat(),
        "end_date": (START + timedelta(days=days)).isoformat(),
        "concurrency": concurrency,
        "burki": {"api_key": "key", "base_url": f"http://127.0.0.1:{server.server_address[1]}"},
    }


@pytest.mark.parametrize(
    ("days", "windows", "concurrency"), [(1, 1, 6), (7, 1, 1), (28, 4, 6), (70, 10, 3)]
)
def test_as_many_requests_are_in_flight_as_allowed(
    days: int, windows: int, concurrency: int
) -> None:
    """Pages of one window or of several are requested at once, and never more than allowed."""
    with serving(records=100, awaited=concurrency) as server:
        output = run_tap(config_of(server, days, concurrency))

    assert server.most == concurrency
    assert len(output.records("burki_calls")) == windows * 100
    assert server.asked == windows * 100 / PAGE


class Two(Concurrency):
    """A concurrency limit of two, whatever the processor does."""

    def __call__(self) -> int:
        """Return two."""
        return 2


@pytest.mark.parametrize(("days", "windows"), [(1, 1), (28, 4)])
def test_the_adaptive_limit_is_kept(
    days: int, windows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the processor is the bottleneck, fewer requests are in flight than the user allows."""
    monkeypatch.setattr(TapVoiceCalls, "concurrency_class", Two)
    with serving(records=100, awaited=2) as server:
        output = run_tap(config_of(server, days, concurrency=6))

    assert server.most == 2
    assert len(output.records("burki_calls")) == windows * 100


def test_the_first_refusal_stops_all_requests() -> None:
    """Pages that were planned are not requested once the key is refused."""
    concurrency, pages = 4, 200
    with serving(records=pages * PAGE, awaited=1) as server:
        server.refused_from = 2 * PAGE
        with pytest.raises(RunError, match="403"):
            run_tap(config_of(server, 1, concurrency))
        assert no_thread_reads_on()

    assert server.asked <= 3 * concurrency < pages


def no_thread_reads_on() -> bool:
    """Return whether all reading threads end."""
    readers = reading_threads()
    for reader in readers:
        reader.join(LONG)
    return not any(reader.is_alive() for reader in readers)


def test_one_request_at_a_time_reads_the_same_as_eight() -> None:
    """All streams send the same requests and write the same records, whatever the concurrency."""
    asked, wrote = [], []
    for concurrency in (1, 8):
        with simulator() as served:
            # Not Burki's: calls with one start swap places there, and then pages are read again.
            served.page_sizes.update(dict.fromkeys(served.page_sizes.keys() - {"burki"}, 7))
            config = configuration(served, concurrency=concurrency)
            output = run_tap(config, catalog=catalog_of(config))
            asked.append(Counter(str((r.method, r.path, r.query, r.body)) for r in served.requests))
            wrote.append(
                [
                    (message["stream"], stable(message["record"]))
                    for message in output.of_type("RECORD")
                ]
            )
        assert no_thread_reads_on()

    assert asked[0] == asked[1]
    assert wrote[0] == wrote[1]
    assert wrote[0]


def stable(record: dict[str, Any]) -> dict[str, Any]:
    """Leave out the URL of a recording: each response signs it again."""
    return {name: value for name, value in record.items() if name not in ("recording_url", "url")}
