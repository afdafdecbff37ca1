"""Sixteen threads observe the pauses that a server asks for, and its rate limit."""

from __future__ import annotations

import json
import logging
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pytest_httpserver import HTTPServer
from support import START, run_tap
from werkzeug import Response

from tap_voicecalls.http.rate_gate import RateGate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug import Request

    from tap_voicecalls.http.rate_gate import Rate

pytestmark = pytest.mark.usefixtures("only_calls")


NOTHING = json.dumps({"items": [], "total": 0})
WEEKS = 6
LONG = 120  # seconds after which a test that hangs fails; none of them ever waits that long


class Arrivals:
    """Records when requests arrive at a server.

    Args:
        refusal: Answers the first requests, if given.
        refused: How many requests it answers: all of them are there before the first gets it.

    Attributes:
        times: The arrival time of each request.
        refused_at: When the first request was rejected; 0 if it was not.
    """

    def __init__(self, refusal: Response | None = None, refused: int = 1) -> None:
        self.times: list[float] = []
        self.refused_at = 0.0
        self._refusal = refusal
        self._left = refused
        self._all_there = threading.Barrier(refused)
        self._lock = threading.Lock()

    def __call__(self, _: Request) -> Response:
        """Respond to a request."""
        with self._lock:
            self.times.append(time.monotonic())
            self._left -= 1
            refusal = self._refusal if self._left >= 0 else None
        if refusal:
            self._all_there.wait(LONG)
            self.refused_at = self.refused_at or time.monotonic()
            return refusal
        return Response(NOTHING, mimetype="application/json")


@pytest.fixture(scope="module")
def shared_server() -> Iterator[HTTPServer]:
    """A server with a thread for each connection: to stop one takes half a second."""
    with HTTPServer(threaded=True) as made:
        yield made


@pytest.fixture
def server(shared_server: HTTPServer) -> HTTPServer:
    """The server, without what an earlier test expected."""
    shared_server.clear()
    return shared_server


@pytest.fixture
def departures(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When each request left the tap, noted before it asks whether it may."""
    times = list[float]()
    confirm_turn = RateGate.confirm_turn

    def noting(gate: RateGate, also: Rate | None = None) -> None:
        now = time.monotonic()
        confirm_turn(gate, also)
        times.append(now)

    monkeypatch.setattr(RateGate, "confirm_turn", noting)
    return times


def config_of(server: HTTPServer, *, weeks: int, rate: float | None = None) -> dict[str, Any]:
    """Return a configuration with one request per week, sixteen at once."""
    burki = {"api_key": "key", "base_url": server.url_for(""), "requests_per_second": rate}
    return {
        "start_date": START.isoformat(),
        "end_date": (START + timedelta(weeks=weeks)).isoformat(),
        "concurrency": 16,
        "burki": {name: value for name, value in burki.items() if value is not None},
    }


@contextmanager
def noted(words: str) -> Iterator[list[float]]:
    """Note when the tap logs a line with some words."""
    times = list[float]()

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if words in record.getMessage():
                times.append(time.monotonic())

    handler = Noting()
    logger = logging.getLogger("tap-voicecalls")
    logger.addHandler(handler)
    try:
        yield times
    finally:
        logger.removeHandler(handler)


def test_a_rate_is_kept_by_all_threads(server: HTTPServer) -> None:
    """Clients of several threads, each with a rate of its own, send many times what is allowed."""
    arrivals = Arrivals()
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)
    began = time.monotonic()

    run_tap(config_of(server, weeks=WEEKS, rate=20))

    # Requests may be late on a busy machine, but never early.
    assert len(arrivals.times) == WEEKS
    assert all(came >= began + number / 20 for number, came in enumerate(arrivals.times))


@pytest.mark.parametrize("status", [429, 403, 503])
def test_nothing_goes_out_during_a_pause(
    server: HTTPServer, status: int, departures: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    """Threads that waited for their turn when the pause was asked for must not take it."""
    pause = 0.5
    arrivals = Arrivals(Response(status=status, headers={"Retry-After": str(pause)}))
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)

    with caplog.at_level(logging.WARNING), noted("trying again") as known:
        run_tap(config_of(server, weeks=WEEKS, rate=20))

    assert len(known) == 1
    assert len(arrivals.times) == WEEKS + 1
    until = arrivals.refused_at + pause
    assert [left for left in departures if known[0] < left < until] == []
    # A busy machine notes late what left before the tap knew of the pause.
    assert sum(came < until for came in arrivals.times) <= sum(t <= known[0] for t in departures)


def test_a_pause_is_logged_once(server: HTTPServer, caplog: pytest.LogCaptureFixture) -> None:
    """Eight threads that wait for one pause are one line in the log, not eight."""
    refused = 8
    arrivals = Arrivals(Response(status=429, headers={"Retry-After": "0.5"}), refused)
    server.expect_request("/api/v1/calls/").respond_with_handler(arrivals)

    with caplog.at_level(logging.WARNING), noted("trying again") as waits:
        run_tap(config_of(server, weeks=refused))

    assert len(arrivals.times) == 2 * refused
    # On a busy machine a thread may learn of the pause when it is nearly over.
    assert 1 <= len(waits) < refused


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
