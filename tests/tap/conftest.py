"""Tests of the tap wait for the tap, and not for its pauses."""

from __future__ import annotations

import pytest
from support import MovedClock

from tap_voicecalls.http.retry import RetryPolicy
from tap_voicecalls.providers.vonage.reports.api import ReportApi
from tap_voicecalls.providers.vonage.reports.lifecycle import Reports
from tap_voicecalls.providers.vonage.reports.request import Pauses


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pauses that the tap chooses itself; those that a server asks for stay as long.

    They are as long as ever in a process that a test starts.
    """
    monkeypatch.setattr(RetryPolicy, "first_wait", 0.01)
    monkeypatch.setattr(RetryPolicy, "longest_wait", 0.1)
    monkeypatch.setattr(Reports, "pauses", Pauses(first=0.001, longest=0.01))
    monkeypatch.setattr(ReportApi, "requests_per_second", None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    """The monotonic clock, which the test moves."""
    return MovedClock(monkeypatch)
