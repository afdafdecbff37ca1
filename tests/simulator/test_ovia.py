"""The simulated Ovia API behaves as documented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests

    from tap_voicecalls.simulator import Simulator

TEN = datetime(2026, 4, 29, 10, tzinfo=UTC)


def get(session: requests.Session, simulator: Simulator, key: str = "") -> requests.Response:
    """Request the list, by default with the right key."""
    settings = simulator.configuration()["ovia"]
    headers = {"Authorization": f"Bearer {key or settings['api_key']}"}
    return session.get(f"{settings['base_url']}/api/v1/calls", headers=headers, timeout=10)


def position(call: dict[str, Any]) -> tuple[str, str]:
    """Return what puts calls in one order, whether they have an id or not."""
    return call["started_at"], repr(sorted(call.items()))


def test_a_wrong_key_is_refused(session: requests.Session, simulator: Simulator) -> None:
    """A wrong key gets 401."""
    assert get(session, simulator, "wrong").status_code == 401


def test_the_array_has_every_call_in_a_new_order(
    session: requests.Session, simulator: Simulator
) -> None:
    """Each response has all calls once, in a new order."""
    first, second = (get(session, simulator).json() for _ in range(2))
    starts = [one["started_at"] for one in simulator.records("ovia_calls")]
    assert first != second
    assert sorted(first, key=position) == sorted(second, key=position)
    assert sorted(one["started_at"] for one in first) == starts


def test_ids_may_be_missing(simulator: Simulator) -> None:
    """Most calls have an id, some have only metadata.call_id_full, and a few have neither."""
    call_ids = set()
    without = {True: 0, False: 0}
    simulator.world.calls("ovia").extend(
        simulator.world.make_call("ovia", start=TEN + timedelta(seconds=index))
        for index in range(500)
    )
    for one in simulator.records("ovia_calls"):
        metadata = one["metadata"]
        assert isinstance(metadata, dict)
        full = metadata.get("call_id_full")
        if "id" in one:
            call_ids.add(one["id"])
            assert one["id"] == full
        else:
            without[full is None] += 1
    assert without[False] > without[True] > 0
    assert len(call_ids) > 500


def test_costs_are_numbers_with_all_digits(session: requests.Session, simulator: Simulator) -> None:
    """Costs are JSON numbers that add up exactly and keep trailing zeros."""
    text = get(session, simulator).text
    for one in simulator.records("ovia_calls"):
        costs = one["costs"]
        if isinstance(costs, dict):
            assert costs["llm"] + costs["stt"] + costs["tts"] == costs["total"]
            assert isinstance(costs["total"], Decimal)
            assert f'"total":{costs["total"]},' in text


def test_a_running_call_gets_its_final_values(
    session: requests.Session, simulator: Simulator
) -> None:
    """A running call is in progress, without end, cost or transcript."""
    call = simulator.world.make_call("ovia", start=TEN)
    simulator.world.calls("ovia").append(call)
    seen = []
    for seconds in (30, 60):
        simulator.now = TEN + timedelta(seconds=seconds)
        answer = get(session, simulator).json()
        seen.append(next(one for one in answer if one["started_at"] == "2026-04-29T10:00:00.000Z"))
    running, final = seen
    assert running["status"] == "in_progress"
    assert running["ended_at"] is running["costs"] is running["transcript"] is None
    assert set(running) == set(final)
    assert (final["status"], final["duration"]) == ("completed", 60)
    assert final["transcript_objects"]
    assert final["updated_at"] == final["ended_at"] == "2026-04-29T10:01:00.000Z"


def test_a_cap_keeps_the_newest_calls(session: requests.Session, simulator: Simulator) -> None:
    """With the option the list has only the newest calls, and does not say so."""
    simulator.options["ovia_cap"] = 5
    newest = [one["started_at"] for one in simulator.records("ovia_calls")][-5:]
    assert sorted(one["started_at"] for one in get(session, simulator).json()) == newest
