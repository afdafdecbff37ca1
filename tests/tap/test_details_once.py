"""Details are requested for calls that are new or changed, and for no others."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest
from scripted_calls import Voicy, ago
from support import catalog_of, run_tap

from tap_voicecalls.common.run import RunError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer


@pytest.fixture
def voicy(httpserver: HTTPServer) -> Voicy:
    """A Voicy without calls."""
    return Voicy(httpserver)


@pytest.fixture
def config(voicy: Voicy) -> dict[str, Any]:
    """Return settings under which each run lists all calls again."""
    return voicy.config(start_date=ago(days=5).isoformat(), lookback_hours=200)


def known(state: dict[str, Any]) -> dict[str, str]:
    """Return what the state remembers."""
    (partition,) = state["bookmarks"]["voicy_call_details"]["partitions"]
    return dict(partition.get("details_known", {}))


def test_details_are_requested_once(voicy: Voicy, config: dict[str, Any]) -> None:
    """At 60 requests a minute, a day of calls that are requested again takes an hour."""
    for number in range(30):
        voicy.add(f"c-{number:02}", ago(days=number % 4, hours=3))

    first = run_tap(config)
    assert len(voicy.details) == 30
    second = run_tap(config, state=first.state)

    assert voicy.details == []
    assert second.records("voicy_call_details") == second.records("calls") == []
    assert second.records("voicy_calls")
    assert second.state == first.state


def test_a_changed_call_is_requested_again(voicy: Voicy, config: dict[str, Any]) -> None:
    """The length of a call that is corrected a day later belongs to the details as well."""
    call = voicy.add("c-1", ago(days=2))
    voicy.add("c-2", ago(days=2))
    first = run_tap(config)
    assert voicy.details == ["c-1", "c-2"]

    call["duration_ms"] = 32000
    second = run_tap(config, state=first.state)

    assert voicy.details == ["c-1"]
    assert [call["duration_seconds"] for call in second.records("calls")] == [32]
    run_tap(config, state=second.state)
    assert voicy.details == []


@pytest.mark.parametrize(
    ("call", "again"),
    [
        ({"call_status": "ongoing", "duration_ms": None}, True),
        ({"duration_ms": 60_000}, True),
        ({"duration_ms": 1}, True),
    ],
    ids=["running", "just ended", "a moment ago"],
)
def test_details_that_may_still_change_are_requested_again(
    voicy: Voicy, config: dict[str, Any], call: dict[str, Any], again: object
) -> None:
    """A summary is written some time after the call, and the list does not show it."""
    voicy.add("c-1", ago(minutes=10), **call)

    first = run_tap(config)
    assert voicy.details == ["c-1"]
    run_tap(config, state=first.state)

    assert (voicy.details == ["c-1"]) is again


def test_full_table_requests_all_details_again(voicy: Voicy, config: dict[str, Any]) -> None:
    """Catches a table that is rebuilt without the details that an incremental run has read."""
    voicy.add("c-1", ago(days=2))
    first = run_tap(config)
    assert voicy.details == ["c-1"]

    catalog = catalog_of(config, voicy_call_details=True)
    for entry in catalog["streams"]:
        entry["replication_method"] = "FULL_TABLE"
    second = run_tap(config, catalog=catalog, state=first.state)

    assert voicy.details == ["c-1"]
    assert [row["call_id"] for row in second.records("voicy_call_details")] == ["c-1"]


def test_the_state_is_never_ahead_of_the_rows(voicy: Voicy, config: dict[str, Any]) -> None:
    """Details that a state calls known, but that were not written, are lost in a crash."""
    for number in range(40):
        voicy.add(f"c-{number:02}", ago(hours=2 * number + 2))

    written, remembered = 0, []
    for message in run_tap(config).messages:
        if message["type"] == "RECORD":
            written += message["stream"] == "voicy_call_details"
        elif message["type"] == "STATE" and message["value"]["bookmarks"].get("voicy_call_details"):
            days = known(message["value"]).values()
            remembered.append(sum(len(b64decode(digests)) // 6 for digests in days))
            assert remembered[-1] <= written
    assert remembered[0] < remembered[-1] == written == 40


def test_the_state_forgets_days_that_are_not_listed_again(voicy: Voicy) -> None:
    """The memory of a year would make each STATE longer than the records it covers."""
    voicy.add("c-1", ago(days=4, hours=1))
    voicy.add("c-2", ago(hours=3))
    config = voicy.config(start_date=ago(days=5).isoformat(), lookback_hours=24)

    first = run_tap(config)
    assert len(known(first.state)) == 2
    voicy.add("c-3", ago(hours=2))
    second = run_tap(config, state=first.state)

    days = {ago(hours=hours).date().isoformat() for hours in (2, 3)}
    assert known(second.state).keys() == days


@pytest.mark.parametrize("stored", [[], {"2026-01-05": 7}, {"2026-01-05": "?"}, "x"])
def test_a_state_of_something_else_is_one_clear_line(
    voicy: Voicy, config: dict[str, Any], stored: object
) -> None:
    """A state that was edited by hand must not become a traceback."""
    voicy.add("c-1", ago(days=2))
    partition = {"context": {"account": "default"}, "details_known": stored}
    state = {"bookmarks": {"voicy_call_details": {"partitions": [partition]}}}

    with pytest.raises(RunError) as caught:
        TapVoiceCalls(config=config, state=state).sync_all()

    assert [line for line in caught.value.failures if "`details_known` in the state" in line]
