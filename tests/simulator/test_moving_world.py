"""Calls appear, end, change, get their costs and are deleted while clients read."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import requests

    from tap_voicecalls.simulator import Request, Simulator

TEN = datetime(2026, 4, 29, 10, tzinfo=UTC)
COSTS = {
    "voicy": ("voicy_calls", "call_id", "call_cost"),
    "telnyx": ("telnyx_detail_records", "call_id", "cost"),
    "burki": ("burki_calls", "id", "total_cost"),
    "ovia": ("ovia_calls", "started_at", "costs"),
}


def page(session: requests.Session, simulator: Simulator, skip: int, limit: int) -> dict[str, Any]:
    """Return one page of Burki's list."""
    key = simulator.configuration()["burki"]["api_key"]
    answer = session.get(
        f"{simulator.url}/burki/api/v1/calls/",
        params={"skip": skip, "limit": limit},
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )
    result: dict[str, Any] = answer.json()
    return result


def test_calls_appear_while_a_client_pages(session: requests.Session, simulator: Simulator) -> None:
    """New calls shift the pages of a list with offsets."""
    before = simulator.records("burki_calls")

    def arrive(request: Request) -> None:
        assert request.status == 0
        if ("skip", "0") not in request.query:
            simulator.world.add("burki", start=simulator.world.end)

    stop = simulator.on_request(arrive)
    pages = [page(session, simulator, skip, 10) for skip in (0, 10, 20)]
    assert [one["total"] for one in pages] == [len(before) + more for more in (0, 1, 2)]
    last_of_first, first_of_second = pages[0]["items"][-1], pages[1]["items"][0]
    assert last_of_first["id"] == first_of_second["id"]
    stop()
    assert page(session, simulator, 30, 10)["total"] == len(before) + 2


def test_a_call_is_deleted_while_a_client_pages(
    session: requests.Session, simulator: Simulator
) -> None:
    """A deletion shifts the following calls, so a client may skip one."""
    listed = [one["id"] for one in page(session, simulator, 0, 20)["items"]]
    newest = simulator.world.ordered("burki")[-1]
    simulator.world.change(newest, deleted_at=simulator.now)
    assert page(session, simulator, 10, 1)["items"][0]["id"] in listed[11:]


def test_a_call_ends_between_two_requests(session: requests.Session, simulator: Simulator) -> None:
    """A test can set the time at any request, and a call gets its final values then."""
    simulator.world.calls("burki")[:] = []
    call = simulator.world.add("burki", start=TEN, duration=60)
    simulator.now = TEN + timedelta(seconds=30)
    running = page(session, simulator, 0, 1)["items"][0]

    def pass_time(_: Request) -> None:
        simulator.now = call.end

    simulator.on_request(pass_time)
    ended = page(session, simulator, 0, 1)["items"][0]
    assert (running["status"], ended["status"]) == ("ongoing", "completed")
    (truth,) = simulator.records("burki_calls")
    assert truth["status"] == "completed"


@pytest.mark.parametrize("provider", COSTS)
def test_costs_arrive_after_the_end(simulator: Simulator, provider: str) -> None:
    """Late costs test that ended calls are read again."""
    stream, key, field = COSTS[provider]
    later = TEN + timedelta(hours=5)
    # Some calls never get costs: enough of them that most do.
    added = [
        simulator.world.add(provider, start=TEN + timedelta(seconds=index), costs_at=later)
        for index in range(20)
    ]
    wanted = {call.key for call in added} | {call.number for call in added}
    wanted |= {f"2026-04-29T10:00:{index:02d}.000Z" for index in range(20)}

    def costs() -> list[object]:
        return [one[field] for one in simulator.records(stream) if one[key] in wanted]

    simulator.now = later - timedelta(seconds=1)
    assert costs() == [None] * 20
    simulator.now = later
    assert sum(cost is not None for cost in costs()) > 10


def test_vonage_has_no_late_costs(simulator: Simulator) -> None:
    """Vonage bills a call when it lists it: the documentation has no call without a price."""
    call = simulator.world.add("vonage", start=TEN, costs_at=datetime(2030, 1, 1, tzinfo=UTC))
    records = {one["id"]: one for one in simulator.records("vonage_voice_reports")}
    assert records[call.key]["total_price"]


def test_late_costs_change_updated_at(simulator: Simulator) -> None:
    """Late costs are a change, so Ovia updates `updated_at`."""
    simulator.world.calls("ovia")[:] = []
    call = simulator.world.add("ovia", start=TEN, costs_at=TEN + timedelta(hours=1))
    seen = []
    for moment in (call.end, TEN + timedelta(hours=1)):
        simulator.now = moment
        seen.append(simulator.records("ovia_calls")[0]["updated_at"])
    assert seen == ["2026-04-29T10:01:00.000Z", "2026-04-29T11:00:00.000Z"]


def test_a_call_is_replaced_by_its_key(simulator: Simulator) -> None:
    """A changed call can be changed again with its earlier version."""
    call = simulator.world.add("burki", start=TEN)
    simulator.world.change(call, duration=90.0)
    changed = simulator.world.change(call, outcome="failed")
    assert (changed.duration, changed.outcome) == (90.0, "failed")
    records = {one["id"]: one for one in simulator.records("burki_calls")}
    assert (records[call.number]["duration"], records[call.number]["status"]) == (90, "failed")
    with pytest.raises(KeyError):
        simulator.world.change(simulator.world.make_call("burki", start=TEN), duration=1.0)


def test_request_hooks_are_called_one_at_a_time(
    session: requests.Session, simulator: Simulator
) -> None:
    """Hooks of tests have no locks, so two requests must not call them at once."""
    inside = threading.Lock()
    clashes: list[int] = []

    def watch(_: Request) -> None:
        if not inside.acquire(blocking=False):
            clashes.append(1)
            return
        simulator.world.add("burki", start=simulator.world.end)
        inside.release()

    before = len(simulator.records("burki_calls"))
    simulator.on_request(watch)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda skip: page(session, simulator, skip, 5), range(40)))
    assert not clashes
    assert len(simulator.records("burki_calls")) == before + 40
