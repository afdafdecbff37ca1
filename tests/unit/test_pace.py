"""The pace of an account, kept by all its threads."""

from __future__ import annotations

import logging
import time
from threading import Event

import pytest

from tap_voicecalls.errors import ApiError, ReadingOver
from tap_voicecalls.pace import Pace


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
    pace = Pace(None, 60)

    with caplog.at_level(logging.WARNING):
        for now in (100.0, 100.5, 101.5, 102.5):
            clock.now = now
            pace.log_wait(f"at {now}", 2)

    assert [record.message for record in caplog.records] == ["at 100.0", "at 102.5"]


def test_a_wait_that_is_too_long_is_not_begun(clock: Clock) -> None:
    """A server that asks for a day is told of at once, not after a day."""
    pace = Pace(None, 60)
    pace.be_quiet(86_400, "429 Too Many Requests")

    with pytest.raises(ApiError, match="429 Too Many Requests asks to wait 86400 s"):
        pace.await_turn(Event(), "somebody")
    assert clock.now == 100.0


def test_a_wait_ends_when_nobody_needs_it(clock: Clock) -> None:
    """A thread that waits for a server does not outlive the reading that it is part of."""
    pace = Pace(None, 60)
    pace.be_quiet(30, "503 Service Unavailable")
    over = Event()
    over.set()

    with pytest.raises(ReadingOver):
        pace.await_turn(over, "somebody")
    assert clock.now == 100.0


def test_a_shorter_wait_does_not_cut_a_longer_one(clock: Clock) -> None:
    """The longest pause that was asked for counts, whichever answer came last."""
    pace = Pace(None, 10)
    pace.be_quiet(30, "503 Service Unavailable")
    pace.be_quiet(1, "200 OK")
    clock.now += 5

    with pytest.raises(ApiError, match="503 Service Unavailable asks to wait 25 s"):
        pace.await_turn(Event(), "somebody")
