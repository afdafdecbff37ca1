"""A `start_date` that does not fit the state is told, with what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support import START, configuration, run_tap, simulator

from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator

EARLIER = "2025-06-01T00:00:00.000000Z"


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """Simulate a few calls."""
    with simulator(calls_per_day=3) as running:
        yield running


@pytest.fixture
def state(served: Simulator) -> dict[str, Any]:
    """The state of a first run over the first two days."""
    end = (START + timedelta(days=2)).isoformat()
    return run_tap(configuration(served, "burki", "ovia", end_date=end)).state


def warnings(
    caplog: pytest.LogCaptureFixture, config: dict[str, Any], state: dict[str, Any]
) -> list[str]:
    """Load a state and return the warnings about `start_date`."""
    TapVoiceCalls(config=config, state=state)
    return [line for line in caplog.messages if line.startswith("`start_date`")]


def test_a_start_that_was_moved_back_is_told(
    served: Simulator, state: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Catches an older year that is asked for and never read, without a word."""
    config = configuration(served, "burki", "ovia", start_date="2025-06-01", end_date=None)

    assert warnings(caplog, config, state) == [
        (
            "`start_date` was moved back: burki/'default', ovia/'default' were read from "
            "2026-01-05T00:00:00.000000Z on, and the time before is not read; read it in a run "
            "with `end_date` 2026-01-05T00:00:00.000000Z and another state (with Meltano: "
            "`--state-id-suffix=older`), then set `start_date` back, or read everything again with "
            "`--full-refresh`"
        )
    ]


def test_it_is_told_until_it_is_set_right(
    served: Simulator, state: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Catches a run that writes the new `start_date` into the state, as if it had been read."""
    config = configuration(served, "burki", "ovia", start_date="2025-06-01")
    after = run_tap(config, state=state).state
    caplog.clear()

    assert len(warnings(caplog, config, after)) == 1


def test_a_start_after_the_bookmark_is_told(
    served: Simulator, state: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Catches a gap in the tables between the last run and the new `start_date`."""
    config = configuration(served, "burki", start_date="2026-01-08", end_date=None)

    (line,) = warnings(caplog, config, state)
    assert line.startswith("`start_date` is later than the bookmark: burki/'default' was read up ")
    assert line.endswith(
        "to `start_date` is not read; set `start_date` to an earlier time to read it"
    )


@pytest.mark.parametrize("older", [False, True])
def test_a_start_that_fits_is_not_told(
    served: Simulator, state: dict[str, Any], caplog: pytest.LogCaptureFixture, *, older: bool
) -> None:
    """Catches a warning in each scheduled run, also with a state from before `read_from`."""
    given = state
    if older:
        partitions = [
            {name: value for name, value in each.items() if name != "read_from"}
            for each in state["bookmarks"]["burki_calls"]["partitions"]
        ]
        given = {"bookmarks": {"burki_calls": {"partitions": partitions}}}
    config = configuration(served, "burki")

    assert warnings(caplog, config, given) == []
    after = run_tap(config, state=given).state["bookmarks"]["burki_calls"]["partitions"]
    assert [each["read_from"] for each in after] == ["2026-01-05T00:00:00.000000Z"]


def test_a_full_refresh_reads_and_remembers_the_new_start(
    served: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches advice that does not help: without a state, the earlier time counts as read."""
    config = configuration(served, "burki", start_date="2025-06-01")
    state = run_tap(config).state

    assert warnings(caplog, config, state) == []
    (partition,) = state["bookmarks"]["burki_calls"]["partitions"]
    assert partition["read_from"] == EARLIER
