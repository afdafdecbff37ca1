"""The simulated Voicy API behaves as documented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import requests

    from tap_voicecalls.simulator import Simulator

TEN = datetime(2026, 4, 29, 10, tzinfo=UTC)
DETAILS = {
    *("transcript", "detected_gender", "recording_url", "summary"),
    *("vars_provided", "vars_extracted", "vars_collected"),
}


def send(
    session: requests.Session, simulator: Simulator, body: object, path: str = "call-list"
) -> requests.Response:
    """Request a list, or another path."""
    settings = simulator.configuration()["voicy"]
    method = "POST" if path == "call-list" else "GET"
    headers = {"Authorization": f"Bearer {settings['api_key']}"}
    url = f"{settings['base_url']}/{path}"
    return session.request(method, url, json=body, headers=headers, timeout=10)


def walk(session: requests.Session, simulator: Simulator, **query: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return the items of all pages of 7, until a page is empty."""
    found: list[dict[str, Any]] = []
    page = send(session, simulator, {"limit": 7, **query}).json()["calls"]
    while page:
        found += page
        assert len(found) < 1000, "the pages do not end"
        key = page[-1]["call_id"]
        page = send(session, simulator, {"limit": 7, "pagination_key": key, **query}).json()[
            "calls"
        ]
    return found


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"limit": 1001}, 400),
        ({"limit": 0}, 400),
        ({"limit": "50"}, 400),
        ({"sort_order": "up"}, 400),
        ({"filter_criteria": {"start_timestamp": {"lower_threshold": "2026"}}}, 400),
        ({"pagination_key": "unknown"}, 400),
        ([], 400),
    ],
)
def test_wrong_bodies_are_refused(
    session: requests.Session, simulator: Simulator, body: object, status: int
) -> None:
    """A limit outside 1 to 1000, and a key of no call, get an error with a text."""
    answer = send(session, simulator, body)
    assert answer.status_code == status
    assert isinstance(answer.json()["error"], str)


def test_wrong_key_is_401_and_unknown_call_is_404(
    session: requests.Session, simulator: Simulator
) -> None:
    """A wrong key gets 401, an unknown call 404."""
    url = f"{simulator.configuration()['voicy']['base_url']}/call-list"
    answer = session.post(url, json={}, headers={"Authorization": "Bearer wrong"}, timeout=10)
    assert (answer.status_code, list(answer.json())) == (401, ["error"])
    assert send(session, simulator, None, "call-get/unknown").status_code == 404


@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_pages_contain_every_call_once_and_in_order(
    session: requests.Session, simulator: Simulator, order: str
) -> None:
    """Paging by the last call id returns each call once, sorted by start."""
    found = walk(session, simulator, sort_order=order)
    starts = [item["start_timestamp"] for item in found]
    truth = [str(item["call_id"]) for item in simulator.records("voicy_calls")]
    assert sorted(item["call_id"] for item in found) == sorted(truth)
    assert starts == sorted(starts, reverse=order == "descending")


def test_defaults_are_fifty_newest_first(session: requests.Session, simulator: Simulator) -> None:
    """An empty query returns the 50 newest calls and the total, without has_more."""
    answer = send(session, simulator, {}).json()
    starts = [item["start_timestamp"] for item in answer["calls"]]
    assert set(answer) == {"calls", "total_count"}
    assert answer["total_count"] == len(simulator.records("voicy_calls"))
    assert (len(starts), starts) == (50, sorted(starts, reverse=True))


@pytest.mark.parametrize(
    ("inclusive", "expected"),
    [(True, [0, 1, 2]), (False, [1]), ((True, False), [0, 1]), ((False, True), [1, 2])],
)
def test_thresholds_are_inclusive_as_configured(
    session: requests.Session, simulator: Simulator, inclusive: object, expected: list[int]
) -> None:
    """The option decides whether calls exactly at a threshold are listed, for each end."""
    simulator.options["voicy_inclusive"] = inclusive
    calls = [
        simulator.world.make_call("voicy", start=TEN + timedelta(milliseconds=offset))
        for offset in (0, 5, 9)
    ]
    simulator.world.calls("voicy").extend(calls)
    first = int(TEN.timestamp() * 1000)
    thresholds = {"lower_threshold": first, "upper_threshold": first + 9}
    found = walk(session, simulator, filter_criteria={"start_timestamp": thresholds})
    assert {item["call_id"] for item in found} == {calls[index].key for index in expected}


def test_test_calls_are_listed_only_on_request(
    session: requests.Session, simulator: Simulator
) -> None:
    """Lists and `records` omit test calls unless the query includes them."""
    call = simulator.world.make_call("voicy", start=TEN, is_test=True)
    simulator.world.calls("voicy").append(call)
    plain = walk(session, simulator)
    asked = walk(session, simulator, filter_criteria={"include_test_calls": True})
    assert call.key not in {item["call_id"] for item in plain}
    assert call.key in {item["call_id"] for item in asked}
    assert len(simulator.records("voicy_calls", include_test_calls=True)) == len(asked)


def test_filters_by_status_direction_and_agent(
    session: requests.Session, simulator: Simulator
) -> None:
    """Each filter takes a list of values and keeps the calls with one of them."""
    busy = walk(session, simulator, filter_criteria={"call_status": ["busy", "no_answer"]})
    outgoing = walk(session, simulator, filter_criteria={"direction": ["outgoing"]})
    agent = next(item["agent"]["id"] for item in busy if (item["agent"] or {}).get("id"))
    handled = walk(session, simulator, filter_criteria={"agent_id": [agent]})
    assert {item["call_status"] for item in busy} == {"busy", "no_answer"}
    assert {item["direction"] for item in outgoing} == {"outgoing"}
    assert {item["agent"].get("id", agent) for item in handled} == {agent}


def test_details_extend_the_list_item_and_the_signature_changes(
    session: requests.Session, simulator: Simulator
) -> None:
    """Details have the values of the list; the recording's signed URL is new each time."""
    call = next(
        one for one in simulator.records("voicy_call_details") if one["recording_url"] is not None
    )
    path = f"call-get/{call['call_id']}"
    first, second = (send(session, simulator, None, path).json() for _ in range(2))
    item = next(one for one in walk(session, simulator) if one["call_id"] == call["call_id"])
    assert first.items() >= item.items()
    assert not DETAILS & set(item)
    assert first["recording_url"] != second["recording_url"]
    assert first["recording_url"].split("?")[0] == second["recording_url"].split("?")[0]


def test_the_list_may_be_a_bare_array(session: requests.Session, simulator: Simulator) -> None:
    """With the option the list is an array, as in the API's first version."""
    simulator.options["voicy_bare_array"] = True
    assert len(send(session, simulator, {"limit": 3}).json()) == 3


def test_a_running_call_gets_its_final_values(
    session: requests.Session, simulator: Simulator
) -> None:
    """A call is initiated, ringing, ongoing without details, and then has all values."""
    call = simulator.world.make_call("voicy", start=TEN, duration=60)
    simulator.world.calls("voicy").append(call)
    seen = []
    for seconds in (1, 4, 30, 60):
        simulator.now = TEN + timedelta(seconds=seconds)
        seen.append(send(session, simulator, None, f"call-get/{call.key}").json())
    assert [one["call_status"] for one in seen[:3]] == ["initiated", "ringing", "ongoing"]
    running = seen[2]
    assert running["duration_ms"] is running["call_cost"] is running["transcript"] is None
    assert seen[3]["call_status"] in {"user_hangup", "agent_hangup"}
    assert seen[3]["duration_ms"] == 60_000
    assert seen[3]["transcript"]
