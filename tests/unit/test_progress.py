"""How far a run is, in words; and when they are written."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest

from tap_voicecalls.common.progress import Progress, Reading
from tap_voicecalls.common.windows import Window
from tap_voicecalls.output.progress_report import LOGGER, LogLines, shown

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NAME = "burki (account berlin), burki_calls"


class Clock:
    """A clock that stands still unless it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the reads of this test."""
    return Clock()


@pytest.fixture
def reading(clock: Clock) -> Reading:
    """A read of a hundred days that has just begun."""
    found = Reading(NAME, "calls", clock)
    found.covers(Window(START, START + 100 * DAY))
    return found


def test_a_read_tells_all_that_was_asked_for(reading: Reading, clock: Clock) -> None:
    """Catches a share, rate or rest that is counted from something else."""
    reading.received(5_120)
    reading.written(5_120, START + 38 * DAY)
    clock.now += 76

    assert reading.describe() == (
        "complete to 2026-02-08 00:00 (38 %), 5,120 calls, 67 a second, about 2 min left"
    )


def test_before_the_first_window_it_tells_what_was_received(reading: Reading, clock: Clock) -> None:
    """Catches a long first window that looks as if nothing happened."""
    assert reading.describe() == "no time complete yet, 0 calls"
    reading.received(100)
    clock.now += 40

    assert reading.describe() == "no time complete yet, 100 calls received, 2.5 a second"


def test_a_read_that_goes_on_is_never_at_100_percent(reading: Reading, clock: Clock) -> None:
    """Catches late changes, which come after the last window, told as done."""
    reading.received(10)
    reading.written(10, START + 100 * DAY)
    clock.now += 5

    assert reading.describe() == "complete to 2026-04-11 00:00 (99 %), 10 calls, 2.0 a second"
    assert reading.share == 1


def test_an_older_window_does_not_move_it_back(reading: Reading) -> None:
    """Catches chunks of a window, which carry its start, told as a step back."""
    reading.written(1, START + 2 * DAY)
    reading.written(1, START + DAY)

    assert reading.share == pytest.approx(0.02)


def test_the_first_of_several_spans_is_where_it_begins(clock: Clock) -> None:
    """Catches a share that jumps back when parts that lagged behind have caught up."""
    reading = Reading(NAME, "calls", clock)
    reading.covers(Window(START, START + 10 * DAY))
    reading.covers(Window(START + 5 * DAY, START + 10 * DAY))
    reading.written(0, START + 6 * DAY)

    assert reading.share == pytest.approx(0.6)


def test_reports_and_recordings_are_told(reading: Reading, clock: Clock) -> None:
    """Catches minutes of silence while reports are made and recordings stored."""
    reading.awaits(3, "report")
    clock.now += 90
    reading.awaits(-1, "report")
    reading.stores(1_200)
    reading.stored()

    assert reading.describe() == (
        "no time complete yet, 0 calls, recordings: 1 of 1,200, waiting for 2 reports for 90 s"
    )
    reading.awaits(-2, "report")
    assert "waiting" not in reading.describe()
    reading.awaits(1, "report")
    assert reading.describe().endswith("waiting for 1 report for 0 s")


@pytest.mark.parametrize(
    ("seconds", "left"),
    [(10, "10 s"), (119, "119 s"), (600, "10 min"), (7200, "2.0 h"), (200_000, "2 days")],
)
def test_the_rest_has_a_unit_that_suits_it(
    reading: Reading, clock: Clock, seconds: float, left: str
) -> None:
    """Catches a backfill of days told in seconds."""
    reading.written(1, START + 50 * DAY)
    clock.now += seconds

    assert reading.describe().endswith(f"about {left} left")


def test_many_threads_lose_no_count(reading: Reading) -> None:
    """Catches an addition without the lock."""

    def tell() -> None:
        for _ in range(2_000):
            reading.received(1)

    threads = [threading.Thread(target=tell) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert reading.describe() == "no time complete yet, 16,000 calls received"


def test_lines_are_written_while_a_read_advances(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches lines between reads, and the same line every ten seconds through a long pause."""
    caplog.set_level(logging.INFO)
    progress = Progress(clock)
    lines = LogLines(progress)
    lines.show()
    assert caplog.messages == []

    reading = progress.reading(NAME, "calls")
    progress.begin(reading)
    lines.show()
    assert caplog.messages == [f"{NAME}: no time complete yet, 0 calls"]
    for _ in range(5):
        lines.show()
    assert len(caplog.messages) == 1
    lines.show()
    assert len(caplog.messages) == 2
    reading.received(5)
    lines.show()
    assert caplog.messages[2:] == [f"{NAME}: no time complete yet, 5 calls received"]
    progress.end()
    lines.show()
    assert len(caplog.messages) == 3


@pytest.mark.parametrize("level", [logging.INFO, logging.WARNING])
def test_nothing_is_shown_when_the_log_is_quiet(
    level: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches progress that the log level does not silence; and a thread that outlives the run."""
    caplog.set_level(level)
    with shown(Progress()):
        names = [thread.name for thread in threading.enumerate()]
    assert ("progress" in names) == LOGGER.isEnabledFor(logging.INFO) == (level == logging.INFO)
    assert "progress" not in [thread.name for thread in threading.enumerate()]
