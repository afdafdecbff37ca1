"""Short waits for the tests of the tap, and a clock that they can move."""

from __future__ import annotations

import pytest
import registry
from support import MovedClock

from tap_voicecalls.http.retry import RetryPolicy
from tap_voicecalls.providers.vonage.reports.api import ReportApi
from tap_voicecalls.providers.vonage.reports.lifecycle import Reports
from tap_voicecalls.providers.vonage.reports.request import Pauses


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits that the tap chooses itself, but not those that a server asks for.

    A process that a test starts waits as long as usual.
    """
    monkeypatch.setattr(RetryPolicy, "first_wait", 0.01)
    monkeypatch.setattr(RetryPolicy, "longest_wait", 0.1)
    monkeypatch.setattr(Reports, "pauses", Pauses(first=0.001, longest=0.01))
    monkeypatch.setattr(ReportApi, "requests_per_second", None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    """The monotonic clock, which the test moves."""
    return MovedClock(monkeypatch)


@pytest.fixture
def only_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deselect what is read beside the calls, for servers that count or script all requests."""
    for name in registry.BESIDE:
        monkeypatch.setattr(registry.STREAMS[name], "selected_by_default", False)
