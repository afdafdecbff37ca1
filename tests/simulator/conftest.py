"""Fixtures of the simulator's tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import requests

from tap_voicecalls.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulator of three days around the end of a month, one day after the last call."""
    start, end = datetime(2026, 4, 28, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    now = datetime(2026, 5, 2, tzinfo=UTC)
    with Simulator(seed=7, start=start, end=end, calls_per_day=40, now=now) as running:
        yield running


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """A session that keeps connections alive."""
    with requests.Session() as opened:
        yield opened
