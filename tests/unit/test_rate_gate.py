"""The rate limit and the pauses of an account, shared by its threads."""

from __future__ import annotations

import itertools
import logging
import time
from threading import Event

import pytest

from tap_voicecalls.common.errors import ApiError, ReadCancelled
from tap_voicecalls.http.rate_gate import Rate, RateGate
from tap_voicecalls.http.transport.exchange import Paused


class Clock:
    """A clock that the test sets."""

    now = 100.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the rate gate."""
    made = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: made.now)
    return made


def test_overlapping_waits_are_logged_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """Threads that wait together log one line, but a long outage is logged again."""
    rate_gate = RateGate(None)

    with caplog.at_level(logging.WARNING):
        for now in (100.0, 100.5, 101.5, 102.5):
            clock.now = now
            rate_gate.log_wait(f"at {now}", 2)

    assert [record.message for record in caplog.records] == ["at 100.0", "at 102.5"]


def test_a_pause_above_the_limit_fails_immediately(clock: Clock) -> None:
    """A server that asks for a day is an error now, not after a day."""
    rate_gate = RateGate(None)
    rate_gate.pause_all(86_400, "429 Too Many Requests")

    with pytest.raises(
        ApiError, match="429 Too Many Requests: the server asked for a pause, 86400 s"
    ):
        rate_gate.await_turn(Event(), "the stream", longest_wait=10)
    assert clock.now == 100.0


def test_cancellation_ends_a_wait(clock: Clock) -> None:
    """A waiting thread does not keep a cancelled read alive."""
    rate_gate = RateGate(None)
    rate_gate.pause_all(30, "503 Service Unavailable")
    cancelled = Event()
    cancelled.set()

    with pytest.raises(ReadCancelled):
        rate_gate.await_turn(cancelled, "the stream", longest_wait=60)
    assert clock.now == 100.0


def test_a_shorter_pause_does_not_replace_a_longer_one(clock: Clock) -> None:
    """The longest requested pause counts, in any order of responses."""
    rate_gate = RateGate(None)
    rate_gate.pause_all(30, "503 Service Unavailable")
    rate_gate.pause_all(1, "200 OK")
    clock.now += 5

    with pytest.raises(
        ApiError, match="503 Service Unavailable: the server asked for a pause, 25 s"
    ):
        rate_gate.await_turn(Event(), "the stream", longest_wait=10)


def test_a_pause_stops_a_request_that_is_about_to_be_sent(clock: Clock) -> None:
    """A thread that is still connecting when another is told to pause must not send."""
    rate_gate = RateGate(None)
    rate_gate.await_turn(Event(), "the stream", longest_wait=60)
    rate_gate.pause_all(6, "429 Too Many Requests")

    with pytest.raises(Paused):
        rate_gate.confirm_turn()
    clock.now += 6
    rate_gate.confirm_turn()


@pytest.mark.parametrize("per_second", [10, 2.5, 1.5, 1, 0.5, 0.3])
def test_no_period_exceeds_the_rate(per_second: float) -> None:
    """In any second, the provider gets no more requests than its rate."""
    rate, sent = Rate(per_second), list[float]()
    for _ in range(20):
        sent.append(rate.next_at)
        rate.take(rate.next_at)

    apart = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert min(apart) == pytest.approx(1 / per_second)


def test_an_idle_time_allows_no_burst() -> None:
    """After an hour without requests, the rate is still kept."""
    rate = Rate(2)
    rate.take(0)
    rate.take(3600)

    assert rate.next_at == 3600.5


def test_a_late_request_delays_the_next_one(clock: Clock) -> None:
    """Otherwise, a request that connects slowly reaches the server with the next one."""
    rate_gate, rate = RateGate(None), Rate(1)
    rate_gate.await_turn(Event(), "the stream", longest_wait=60, also=rate)
    clock.now += 0.7
    rate_gate.confirm_turn(rate)

    assert rate.next_at == pytest.approx(101.7)


def test_without_a_rate_no_request_waits(clock: Clock) -> None:
    """A provider without a published rate is not slowed down."""
    rate_gate = RateGate(None)
    for _ in range(1000):
        rate_gate.await_turn(Event(), "the stream", longest_wait=60)

    assert clock.now == 100.0
