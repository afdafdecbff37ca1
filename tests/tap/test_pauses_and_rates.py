"""Pauses that a server asks for and rates that it publishes, kept by sixteen threads."""

from __future__ import annotations

import json
import logging
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pytest_httpserver import HTTPServer
from support import START, run_tap
from werkzeug import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug import Request

NOTHING = json.dumps({"items": [], "total": 0})
WEEKS = 6


class Arrivals:
    """What a server got, by its own clock.

    Attributes:
        times: When each request came.
        refused_at: When the first was refused, if it was.
    """

    def __init__(self, first: Response | None = None) -> None:
        self.times: list[float] = []
        self.refused_at = 0.0
        self._first = first
        self._lock = threading.Lock()

    def __call__(self, _: Request) -> Response:
        """Answer a request."""
        with self._lock:
            self.times.append(time.monotonic())
            first, self._first = self._first, None
        if first:
            self.refused_at = time.monotonic()
            return first
        return Response(NOTHING, mimetype="application/json")


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A server with a thread for each connection."""
    with HTTPServer(threaded=True) as made:
        yield made


def config_of(server: HTTPServer, *, weeks: int, rate: float | None = None) -> dict[str, Any]:
    """Return a configuration that asks for each week by itself, sixteen at once."""
    burki = {"api_key": "key", "base_url": server.url_for(""), "requests_per_second": rate}
    return {
        "start_date": START.isoformat(),
        "end_date": (START + timedelta(weeks=weeks)).isoformat(),
        "concurrency": 16,
        "burki": {name: value for name, value in burki.items() if value is not None},
    }


def test_a_rate_is_kept_by_all_threads(server: HTTPServer) -> None:
    """Clients of several threads, each with a rate of its own, send many times what is allowed."""
    arrivals = Arrivals()
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)
    began = time.monotonic()

    run_tap(config_of(server, weeks=WEEKS, rate=2))

    # What a busy machine notes late is late; too early is what no server allows.
    assert len(arrivals.times) == WEEKS
    assert all(came >= began + number / 2 for number, came in enumerate(arrivals.times))


@pytest.mark.parametrize("status", [429, 403, 503])
def test_nothing_goes_out_during_a_pause(
    server: HTTPServer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Threads that waited for their turn when the pause was asked for must not take it."""
    pause, known = 3, list[float]()
    arrivals = Arrivals(Response(status=status, headers={"Retry-After": str(pause)}))
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "trying again" in record.getMessage():
                known.append(time.monotonic())

    handler = Noting()
    logging.getLogger("tap-voicecalls").addHandler(handler)
    try:
        with caplog.at_level(logging.WARNING):
            run_tap(config_of(server, weeks=WEEKS, rate=2))
    finally:
        logging.getLogger("tap-voicecalls").removeHandler(handler)

    assert len(known) == 1
    assert len(arrivals.times) == WEEKS + 1
    until = arrivals.refused_at + pause
    assert [came for came in arrivals.times if known[0] < came < until] == []


def test_a_refusal_without_a_pause_is_not_repeated(server: HTTPServer) -> None:
    """A wrong key is wrong the next time, too, whatever is left of the limit."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}
    arrivals = Arrivals(Response(status=401, headers=headers))
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)

    with pytest.raises(Exception, match="401 Unauthorized"):
        run_tap(config_of(server, weeks=1))

    assert len(arrivals.times) == 1


def test_a_pause_longer_than_allowed_is_named(server: HTTPServer) -> None:
    """An answer that asks for half an hour says so, and which setting allows it."""
    headers = {"Retry-After": "1800"}
    arrivals = Arrivals(Response(status=429, headers=headers))
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)

    with pytest.raises(Exception, match="asked for a pause of 1800 s, more than `max_retry_sec"):
        run_tap(config_of(server, weeks=1))
