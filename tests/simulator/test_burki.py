"""The simulated Burki API behaves as documented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import requests

    from tap_voicecalls.simulator import Simulator

TEN = datetime(2026, 4, 29, 10, tzinfo=UTC)


def get(
    session: requests.Session, simulator: Simulator, path: str = "", **params: object
) -> requests.Response:
    """Request the list, or a path below it."""
    settings = simulator.configuration()["burki"]
    return session.get(
        f"{settings['base_url']}/api/v1/calls/{path}",
        params={name: str(value) for name, value in params.items()},
        headers={"Authorization": f"Bearer {settings['api_key']}"},
        timeout=10,
    )


def add(simulator: Simulator, start: datetime, duration: float = 60) -> int:
    """Add an answered phone call, return its id."""
    call = simulator.world.make_call("burki", start=start, duration=duration)
    simulator.world.calls("burki").append(call)
    return call.number


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", 1001),
        ("limit", 0),
        ("limit", "all"),
        ("skip", -1),
        ("date_from", "yesterday"),
        ("assistant_id", "x"),
    ],
)
def test_wrong_parameters_are_refused(
    session: requests.Session, simulator: Simulator, name: str, value: object
) -> None:
    """A limit outside 1 to 1000 gets the framework's error, instead of being reduced."""
    answer = get(session, simulator, "", **{name: value})
    (error,) = answer.json()["detail"]
    assert answer.status_code == 422
    assert error["loc"] == ["query", name]
    assert set(error) == {"loc", "msg", "type"}


def test_wrong_key_is_401_and_unknown_call_is_404(
    session: requests.Session, simulator: Simulator
) -> None:
    """A wrong key gets 401, an unknown call 404."""
    url = f"{simulator.configuration()['burki']['base_url']}/api/v1/calls/"
    answer = session.get(url, headers={"Authorization": "Bearer wrong"}, timeout=10)
    assert (answer.status_code, list(answer.json())) == (401, ["detail"])
    assert get(session, simulator, "1").status_code == 404


def test_the_path_without_slash_is_redirected(
    session: requests.Session, simulator: Simulator
) -> None:
    """The path without a slash gets 307 with an absolute URL and the same query."""
    url = f"{simulator.url}/burki/api/v1/calls"
    answer = session.get(url, params={"limit": 3}, allow_redirects=False, timeout=10)
    assert answer.status_code == 307
    assert answer.headers["Location"] == f"{url}/?limit=3"


def test_pages_contain_every_call_once(session: requests.Session, simulator: Simulator) -> None:
    """Pages that do not split equal starts contain each call once, newest first."""
    truth = simulator.records("burki_calls")
    starts = [call.start for call in simulator.world.ordered("burki")][::-1]
    limit = next(
        size
        for size in range(7, 60)
        if all(starts[cut - 1] != starts[cut] for cut in range(size, len(starts), size))
    )
    found = []
    for skip in range(0, len(truth), limit):
        answer = get(session, simulator, skip=skip, limit=limit).json()
        assert (answer["total"], answer["skip"], answer["limit"]) == (len(truth), skip, limit)
        found += answer["items"]
    assert sorted(one["id"] for one in found) == sorted(one["id"] for one in truth)  # type: ignore[type-var]
    times = [one["started_at"].removesuffix("Z") for one in found]
    assert times == sorted(times, reverse=True)


def test_only_calls_with_equal_starts_change_order(
    session: requests.Session, simulator: Simulator
) -> None:
    """Calls with the same start change their order between requests; all others do not."""
    tied = {add(simulator, TEN) for _ in range(6)}
    answers = [get(session, simulator, limit=1000).json()["items"] for _ in range(5)]
    orders = [tuple(one["id"] for one in items if one["id"] in tied) for items in answers]
    times = [[one["started_at"].removesuffix("Z") for one in items] for items in answers]
    assert len(set(orders)) > 1
    assert all(moments == times[0] for moments in times)


@pytest.mark.parametrize("zone", ["Z", "", "+00:00"])
def test_both_ends_of_the_date_filter_are_inclusive(
    session: requests.Session, simulator: Simulator, zone: str
) -> None:
    """Calls exactly at date_from and date_to are listed; a naive time is UTC."""
    microsecond = timedelta(microseconds=1)
    later = TEN + timedelta(minutes=1)
    inside = {add(simulator, TEN), add(simulator, later)}
    outside = {add(simulator, TEN - microsecond), add(simulator, later + microsecond)}
    dates = {"date_from": f"2026-04-29T10:00:00{zone}", "date_to": f"2026-04-29T10:01:00{zone}"}
    found = {one["id"] for one in get(session, simulator, **dates).json()["items"]}
    assert inside <= found
    assert not outside & found


def test_filters_reduce_the_list(session: requests.Session, simulator: Simulator) -> None:
    """Status, assistant, a part of a phone number and durations filter the list."""
    failed = get(session, simulator, status="failed", limit=1000).json()["items"]
    short = get(session, simulator, max_duration=20, min_duration=5, limit=1000).json()["items"]
    british = get(session, simulator, customer_phone="7700900").json()["items"]
    one = get(session, simulator, assistant_id=101).json()["items"]
    assert {item["status"] for item in failed} == {"failed"}
    assert all(5 <= item["duration"] <= 20 for item in short)
    assert all("7700900" in item["customer_phone_number"] for item in british)
    assert {item["assistant_id"] for item in one} == {101}


def test_the_field_of_the_flow_was_renamed(simulator: Simulator) -> None:
    """Calls before 2026-04-29 have assistant_graph_name, later ones flow_name."""
    for one in simulator.records("burki_calls"):
        renamed = str(one["started_at"]) >= "2026-04-29"
        assert ("flow_name" in one) is renamed
        assert renamed is not ("assistant_graph_name" in one) or not one["assistant_graph_name"]


def test_amounts_and_times_have_mixed_forms(simulator: Simulator) -> None:
    """Costs are exact decimals that add up, with 2 to 6 digits; times have a Z or no zone."""
    truth = simulator.records("burki_calls")
    costed = [one for one in truth if one["total_cost"] is not None]
    digits = set()
    for one in costed:
        parts = [one[name] for name in ("llm_cost", "tts_cost", "stt_cost", "telephony_cost")]
        decimals = [part for part in parts if isinstance(part, Decimal)]
        assert sum(decimals) == one["total_cost"]
        digits |= {part.as_tuple().exponent for part in decimals}
    assert len(digits) > 2
    assert len(costed) < len(truth)
    assert {str(one["started_at"]).endswith("Z") for one in truth} == {True, False}


def test_amounts_are_sent_with_all_digits(session: requests.Session, simulator: Simulator) -> None:
    """The JSON text has each amount with the digits of the record."""
    one = next(one for one in simulator.records("burki_calls") if one["total_cost"])
    text = get(session, simulator, str(one["id"])).text
    assert f'"total_cost":{one["total_cost"]},' in text


def test_a_running_call_gets_its_final_values(
    session: requests.Session, simulator: Simulator
) -> None:
    """A running call has no end, duration or cost; after its end it is completed."""
    number = add(simulator, TEN)
    simulator.now = TEN - timedelta(seconds=1)
    assert get(session, simulator, str(number)).status_code == 404
    simulator.now = TEN + timedelta(seconds=30)
    running = get(session, simulator, str(number)).json()
    assert running["status"] == "ongoing"
    assert running["ended_at"] is running["duration"] is running["total_cost"] is None
    simulator.now = TEN + timedelta(seconds=60)
    final = get(session, simulator, str(number)).json()
    assert (final["status"], final["duration"]) == ("completed", 60)
    assert final["ended_at"].startswith("2026-04-29T10:01:00")


def test_the_lists_of_a_call_are_arrays(session: requests.Session, simulator: Simulator) -> None:
    """Transcripts, recordings and messages are arrays without an object around them."""
    number = add(simulator, TEN)
    for name in ("transcripts", "recordings", "messages"):
        answer = get(session, simulator, f"{number}/{name}").json()
        assert isinstance(answer, list)
        assert answer


def test_the_list_may_be_a_bare_array(session: requests.Session, simulator: Simulator) -> None:
    """With the option the list is an array without a total, as on older servers."""
    simulator.options["burki_bare_array"] = True
    assert len(get(session, simulator, limit=3).json()) == 3
