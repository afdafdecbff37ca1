"""Sixteen threads observe the pauses that a server asks for, and its rate limit."""

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
    """Records when requests arrive at a server.

    Attributes:
        times: The arrival time of each request.
        refused_at: When the first request was rejected; 0 if it was not.
    """

    def __init__(self, first: Response | None = None) -> None:
        self.times: list[float] = []
        self.refused_at = 0.0
        self._first = first
        self._lock = threading.Lock()

    def __call__(self, _: Request) -> Response:
        """Respond to a request."""
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
    """Return a configuration with one request per week, sixteen at once."""
    burki = {"api_key": "key", "base_url": server.url_for(""), "requests_per_second": rate}
    return {
        "start_date": START.isoformat(),
        "end_date": (START + timedelta(weeks=weeks)).isoformat(),
        "concurrency": 16,
        "burki": {name: value for name, value in burki.items() if value is not None},
    }


def test_all_threads_share_one_rate(server: HTTPServer) -> None:
    """With a rate per thread, an account would exceed its limit many times."""
    arrivals = Arrivals()
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)
    began = time.monotonic()

    run_tap(config_of(server, weeks=WEEKS, rate=2))

    # Requests may be late on a busy machine, but never early.
    assert len(arrivals.times) == WEEKS
    assert all(came >= began + number / 2 for number, came in enumerate(arrivals.times))


@pytest.mark.parametrize("status", [429, 403, 503])
def test_no_request_is_sent_during_a_pause(
    server: HTTPServer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Threads that already wait for their turn observe the pause, too."""
    pause, known = 3, list[float]()
    arrivals = Arrivals(Response(status=status, headers={"Retry-After": str(pause)}))
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)

    class Recorder(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "trying again" in record.getMessage():
                known.append(time.monotonic())

    handler = Recorder()
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


def test_a_rejection_is_not_retried(server: HTTPServer) -> None:
    """A wrong key stays wrong, even if the rate limit is used up."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}
    arrivals = Arrivals(Response(status=401, headers=headers))
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)

    with pytest.raises(Exception, match="401 Unauthorized"):
        run_tap(config_of(server, weeks=1))

    assert len(arrivals.times) == 1


def test_a_pause_longer_than_allowed_is_named(server: HTTPServer) -> None:
    """The error names the length of the pause and the setting that allows it."""
    headers = {"Retry-After": "1800"}
    arrivals = Arrivals(Response(status=429, headers=headers))
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)

    with pytest.raises(Exception, match="asked for a pause of 1800 s, more than `max_retry_sec"):
        run_tap(config_of(server, weeks=1))
