"""The rate of requests, in a time that passes only when someone sleeps."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tap_voicecalls.rate_limit import rate_limiter


@dataclass
class Clock:
    """A clock that sleeping moves on, and nothing else."""

    seconds: float = 1000.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds

    def nanoseconds(self) -> int:
        """Tell the time."""
        return round(self.seconds * 1_000_000_000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the limiter looks at, and sleeps by."""
    clock = Clock()
    monkeypatch.setattr("pyrate_limiter.clocks.monotonic_ns", clock.nanoseconds)
    monkeypatch.setattr("pyrate_limiter.limiter.sleep", clock.sleep)
    return clock


@pytest.mark.parametrize(
    ("per_second", "requests", "period"),
    [(10, 10, 1.0), (2.5, 2, 1.0), (1, 1, 1.0), (0.5, 1, 2.0), (0.3, 1, 3.333)],
)
def test_no_period_holds_more_requests_than_allowed(
    clock: Clock, per_second: float, requests: int, period: float
) -> None:
    """Whichever second one looks at, the provider got no more than its rate in it."""
    take_turn = rate_limiter(per_second)
    sent = []
    for _ in range(4 * requests + 1):
        take_turn()
        sent.append(clock.seconds)

    apart = [later - earlier for earlier, later in zip(sent, sent[requests:], strict=False)]
    assert min(apart) >= period
    assert sent[-1] - sent[0] == pytest.approx(4 * period, abs=0.1)


def test_a_pause_saves_nothing_up(clock: Clock) -> None:
    """After an hour of quiet the first second holds no more than its rate."""
    take_turn = rate_limiter(2)
    take_turn()
    clock.seconds += 3600
    before = clock.seconds
    for _ in range(3):
        take_turn()

    assert clock.seconds - before >= 1


def test_without_a_rate_nobody_waits(clock: Clock) -> None:
    """A provider without a published rate is not slowed down."""
    take_turn = rate_limiter(None)
    before = clock.seconds
    for _ in range(1000):
        take_turn()

    assert before == clock.seconds
