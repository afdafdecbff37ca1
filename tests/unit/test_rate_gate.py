"""The pace of an account, kept by all its threads."""

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
    """A clock that a test moves."""

    now = 100.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the pace goes by."""
    made = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: made.now)
    return made


def test_waits_that_overlap_are_logged_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """Threads that wait together are one line, but an outage that goes on is told again."""
    rate_gate = RateGate(None)

    with caplog.at_level(logging.WARNING):
        for now in (100.0, 100.5, 101.5, 102.5):
            clock.now = now
            rate_gate.log_wait(f"at {now}", 2)

    assert [record.message for record in caplog.records] == ["at 100.0", "at 102.5"]


def test_a_wait_that_is_too_long_is_not_begun(clock: Clock) -> None:
    """A server that asks for a day is told of at once, not after a day."""
    rate_gate = RateGate(None)
    rate_gate.pause_all(86_400, "429 Too Many Requests")

    with pytest.raises(
        ApiError, match="429 Too Many Requests: the server asked for a pause, 86400 s"
    ):
        rate_gate.await_turn(Event(), "somebody", longest_wait=10)
    assert clock.now == 100.0


def test_a_wait_ends_when_nobody_needs_it(clock: Clock) -> None:
    """A thread that waits for a server does not outlive the reading that it is part of."""
    rate_gate = RateGate(None)
    rate_gate.pause_all(30, "503 Service Unavailable")
    cancelled = Event()
    cancelled.set()

    with pytest.raises(ReadCancelled):
        rate_gate.await_turn(cancelled, "somebody", longest_wait=60)
    assert clock.now == 100.0


def test_a_shorter_wait_does_not_cut_a_longer_one(clock: Clock) -> None:
    """The longest pause that was asked for counts, whichever answer came last."""
    rate_gate = RateGate(None)
    rate_gate.pause_all(30, "503 Service Unavailable")
    rate_gate.pause_all(1, "200 OK")
    clock.now += 5

    with pytest.raises(
        ApiError, match="503 Service Unavailable: the server asked for a pause, 25 s"
    ):
        rate_gate.await_turn(Event(), "somebody", longest_wait=10)


def test_a_request_that_is_about_to_go_out_is_held_by_a_pause(clock: Clock) -> None:
    """A thread that connects while another is told to pause must not send once it is connected."""
    rate_gate = RateGate(None)
    rate_gate.await_turn(Event(), "somebody", longest_wait=60)
    rate_gate.pause_all(6, "429 Too Many Requests")

    with pytest.raises(Paused):
        rate_gate.confirm_turn()
    clock.now += 6
    rate_gate.confirm_turn()


@pytest.mark.parametrize("per_second", [10, 2.5, 1.5, 1, 0.5, 0.3])
def test_no_period_holds_more_requests_than_allowed(per_second: float) -> None:
    """Whichever second one looks at, the provider got no more than its rate in it."""
    rate, sent = Rate(per_second), list[float]()
    for _ in range(20):
        sent.append(rate.next_at)
        rate.take(rate.next_at)

    apart = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert min(apart) == pytest.approx(1 / per_second)


def test_quiet_saves_nothing_up() -> None:
    """After an hour of quiet the first second holds no more than its rate."""
    rate = Rate(2)
    rate.take(0)
    rate.take(3600)

    assert rate.next_at == 3600.5


def test_a_request_that_is_late_puts_off_the_next(clock: Clock) -> None:
    """One that took long to connect would else meet the next one at the server."""
    rate_gate, rate = RateGate(None), Rate(1)
    rate_gate.await_turn(Event(), "somebody", longest_wait=60, also=rate)
    clock.now += 0.7
    rate_gate.confirm_turn(rate)

    assert rate.next_at == pytest.approx(101.7)


def test_without_a_rate_nobody_waits(clock: Clock) -> None:
    """A provider without a published rate is not slowed down."""
    rate_gate = RateGate(None)
    for _ in range(1000):
        rate_gate.await_turn(Event(), "somebody", longest_wait=60)

    assert clock.now == 100.0
