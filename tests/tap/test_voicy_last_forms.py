"""Voicy: what a run does not know of a call takes nothing from what is known, or will be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scripted_calls import Voicy, ago
from support import Output, run_tap

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

DETAILS = "voicy_call_details"


@pytest.fixture
def voicy(httpserver: HTTPServer) -> Voicy:
    """A Voicy without calls."""
    return Voicy(httpserver)


def statuses(output: Output) -> dict[str, str]:
    """Return the status of each call, as it was written last."""
    return {call["call_id"]: call["status"] for call in output.records("calls")}


def test_a_running_call_whose_details_are_refused_gets_its_end(voicy: Voicy) -> None:
    """Its details stay refused, so only the list tells how it ended: it is not to be passed."""
    for number in range(3):
        voicy.add(f"c-{number}", ago(hours=3 - number))
    voicy.calls[0] |= {"call_status": "ongoing", "duration_ms": None}
    voicy.gets["c-0"] = (422, {"error": "broken"})
    config = voicy.config(start_date=ago(hours=20).isoformat(), lookback_hours=0)

    first = run_tap(config)
    voicy.calls[0] |= {"call_status": "agent_hangup", "duration_ms": 9000}
    second = run_tap(config, state=first.state)

    assert statuses(first)["c-0"] == "in_progress"
    assert statuses(second)["c-0"] == "completed"
    assert "c-0" not in {row["call_id"] for row in second.records(DETAILS)}


def test_many_calls_without_a_start_do_not_replace_details(
    voicy: Voicy, caplog: pytest.LogCaptureFixture
) -> None:
    """Details are asked for a hundred of them: a row without them takes another's place."""
    for number in range(100, 190):
        voicy.add(f"c-{number}", None)
    voicy.calls.append({**voicy.calls[0], "call_id": "c-999", "call_status": "busy"})
    config = voicy.config(start_date=ago(hours=20).isoformat())

    first = run_tap(config)
    for number in range(30):
        voicy.add(f"c-0{number}", None)
    second = run_tap(config, state=first.state)

    def rows(output: Output) -> dict[str, Any]:
        return {row["call_id"]: row["summary"] for row in output.records(DETAILS)}

    assert sum(map(bool, rows(first).values())) == 90
    landed = rows(first) | rows(second)
    assert [call_id for call_id, summary in landed.items() if not summary] == ["c-999"]
    assert len(second.records("calls")) == 121
    assert "120 calls without a start may have details" in caplog.text
