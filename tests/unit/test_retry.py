"""How long to wait before a retry."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from threading import TIMEOUT_MAX

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.http.retry import RetryPolicy, retry_after

NOW = datetime(2026, 1, 5, 12, 0, 0, tzinfo=UTC)
UNIX = int(NOW.timestamp())
POLICY = RetryPolicy(tries=5, seconds=600, connect_timeout=10, read_timeout=300)

# ASCII only; another test covers other characters.
GARBAGE = st.text(st.characters(codec="ascii"), max_size=12)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120),
        ("0", 0),
        ("1.5", 1.5),
        ("Mon, 05 Jan 2026 12:00:30 GMT", 30),
        ("Mon, 05 Jan 2026 13:00:30 +0100", 30),
        ("Mon, 05 Jan 2026 12:00:30 -0000", 30),
        ("Mon, 05 Jan 2026 11:00:00 GMT", 0),
        ("-5", 0),
        ("", 0),
        ("soon", 0),
        ("1e3", 0),
        ("nan", 0),
        ("1.2.3", 0),
        ("Fri, 31 Feb 2026 12:00:00 GMT", 0),
    ],
)
def test_retry_after_holds_seconds_or_a_date(value: str, expected: float) -> None:
    """Both documented forms work; past times and garbage mean no wait."""
    assert expected == retry_after({"Retry-After": value}, NOW, refused=True)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Tue, 06 Jan 2026 12:00:00 GMT", 30),
        ("Sun, 04 Jan 2026 12:00:00 -0000", 172_830),
        ("noon", 86_430),
        ("", 86_430),
    ],
)
def test_a_time_is_compared_with_the_clock_of_the_server(date: str, expected: float) -> None:
    """Catches a pause of a day, or none, where the clock of this machine is wrong."""
    headers = {"Date": date, "Retry-After": "Tue, 06 Jan 2026 12:00:30 GMT"}
    assert retry_after(headers, NOW, refused=True) == expected
    reset = {"Date": date, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(UNIX + 86_430)}
    assert retry_after(reset, NOW, refused=True) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "42"}, 42),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(UNIX + 42)}, 42),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{UNIX + 42}.5"}, 42.5),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(UNIX - 42)}, 0),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "42"}, 0),
        ({"X-RateLimit-Remaining": "0"}, 0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, 0),
        ({}, 0),
    ],
)
@pytest.mark.parametrize("refused", [True, False])
def test_a_used_up_limit_waits_for_its_reset(
    headers: dict[str, str], expected: float, *, refused: bool
) -> None:
    """A reset is a Unix time or the seconds left; it only matters when no requests remain."""
    assert expected == retry_after(headers, NOW, refused=refused)


@pytest.mark.parametrize(("refused", "expected"), [(True, 42), (False, 0)])
def test_a_reset_without_remaining_only_counts_for_errors(
    *, refused: bool, expected: float
) -> None:
    """A success without `X-RateLimit-Remaining` never slows down the next request."""
    assert expected == retry_after({"X-RateLimit-Reset": "42"}, NOW, refused=refused)


def test_retry_after_overrides_the_rate_limit_headers() -> None:
    """An explicit wait counts, even if the limit resets later."""
    headers = {"Retry-After": "5", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60"}
    assert retry_after(headers, NOW, refused=True) == 5


@given(GARBAGE, GARBAGE, GARBAGE)
def test_garbage_means_no_wait(header: str, remaining: str, reset: str) -> None:
    """A broken header never raises an error, and never results in a negative wait."""
    rate = {"X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset}

    assert retry_after({"Retry-After": header}, NOW, refused=True) >= 0
    assert retry_after(rate, NOW, refused=True) >= 0


@pytest.mark.parametrize("value", ["²", "1²", "Mon, 05 Jan 99999999999 12:00:00 GMT"])
def test_rare_garbage_means_no_wait(value: str) -> None:
    """A superscript digit, or a year of eleven digits, never raises an error."""
    assert retry_after({"Retry-After": value}, NOW, refused=True) == 0


@pytest.mark.parametrize("value", ["9" * 20, "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_no_wait_is_longer_than_a_thread_can_wait(value: str) -> None:
    """A server that asks for centuries must not cause an OverflowError."""
    assert retry_after({"Retry-After": value}, NOW, refused=True) <= TIMEOUT_MAX


# How long to wait ----------------------------------------------------------------------------


def test_waits_double_up_to_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server gets time to recover, but a short outage costs less than a minute."""
    monkeypatch.setattr("random.uniform", lambda _, high: high)

    assert list(islice(POLICY.waits(), 9)) == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_jitter_is_at_most_half_of_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads retry at different times, but never immediately."""
    monkeypatch.setattr("random.uniform", lambda low, _: low)

    assert list(islice(POLICY.waits(), 8)) == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_waits_are_random() -> None:
    """Two threads that fail together do not retry together."""
    assert len(set(islice(POLICY.waits(), 20))) == 20


def test_waits_never_end() -> None:
    """With `max_tries` in the thousands, the doubling must not overflow."""
    assert list(islice(POLICY.waits(), 1100))[-1] <= 60


def test_the_longest_of_several_retry_after_headers_counts() -> None:
    """API and proxy may both send the header; they arrive joined by commas."""
    assert retry_after({"Retry-After": "1, 60"}, NOW, refused=True) == 60
