"""The simulated Telnyx API behaves as documented."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import requests

    from tap_voicecalls.simulator import Simulator

REPORTS = "voice_sdk_call_reports"
TEN = datetime(2026, 4, 29, 10, tzinfo=UTC)


def get(
    session: requests.Session, simulator: Simulator, path: str, params: dict[str, str] | None = None
) -> requests.Response:
    """Send a GET request with the right key."""
    settings = simulator.configuration()["telnyx"]
    headers = {"Authorization": f"Bearer {settings['api_key']}"}
    url = f"{settings['base_url']}/{path}"
    return session.get(url, params=params, headers=headers, timeout=10)


def walk(
    session: requests.Session, simulator: Simulator, path: str, params: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the data of all pages."""
    found: list[dict[str, Any]] = []
    for number in range(1, 1000):
        query = {"page[number]": str(number), **params}
        answer = get(session, simulator, path, query).json()
        found += answer["data"]
        if number >= answer["meta"]["total_pages"]:
            break
    assert len(found) == answer["meta"]["total_results"]
    return found


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (REPORTS, {"page[size]": "101"}),
        (REPORTS, {"page[size]": "0"}),
        (REPORTS, {"page[number]": "0"}),
        (REPORTS, {"page[number]": "first"}),
        (REPORTS, {"sort": "stored_at"}),
        ("detail_records", {}),
        ("detail_records", {"filter[record_type]": "smoke-signal"}),
        ("detail_records", {"filter[record_type]": "webrtc", "page[size]": "51"}),
        ("detail_records", {"filter[record_type]": "webrtc", "filter[started_at][lt]": "now"}),
        ("detail_records", {"filter[record_type]": "webrtc", "filter[created_at][gte]": "2026"}),
        ("detail_records", {"filter[record_type]": "webrtc", "sort": "created_at"}),
        ("detail_records", {"filter[record_type]": "text-to-speech", "sort": "started_at"}),
        ("detail_records/options", {}),
    ],
)
def test_wrong_parameters_are_refused(
    session: requests.Session, simulator: Simulator, path: str, params: dict[str, str]
) -> None:
    """A page above the documented size, or a missing record type, gets 400."""
    answer = get(session, simulator, path, params)
    assert answer.status_code == 400
    assert set(answer.json()["errors"][0]) == {"code", "title", "detail"}


def test_wrong_key_is_401_and_unknown_call_is_404(
    session: requests.Session, simulator: Simulator
) -> None:
    """A wrong key gets the code 10009; a call without a report gets 404."""
    url = f"{simulator.configuration()['telnyx']['base_url']}/{REPORTS}"
    answer = session.get(url, headers={"Authorization": "Bearer wrong"}, timeout=10)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "10009")
    assert get(session, simulator, f"{REPORTS}/unknown").status_code == 404


@pytest.mark.parametrize("sort", ["asc", "created_at", "desc", "-created_at"])
def test_pages_contain_every_report_once(
    session: requests.Session, simulator: Simulator, sort: str
) -> None:
    """All pages together are the expected records, in order of creation or its reverse."""
    found = walk(session, simulator, REPORTS, {"sort": sort, "page[size]": "9"})
    truth = simulator.records("telnyx_call_reports")
    assert found == (truth if sort in {"asc", "created_at"} else truth[::-1])
    times = [str(one.get("stored_at") or one["created_at"]) for one in truth]
    assert times == sorted(times)


def test_the_default_is_twenty_newest_first(
    session: requests.Session, simulator: Simulator
) -> None:
    """Without parameters the first page has the 20 newest reports."""
    answer = get(session, simulator, REPORTS).json()
    assert answer["data"] == simulator.records("telnyx_call_reports")[:-21:-1]
    assert answer["meta"]["page_size"] == 20


def test_reports_vary_as_documented(simulator: Simulator) -> None:
    """Some have several segments, missing times or numbers, shared group ids or the other shape."""
    truth = simulator.records("telnyx_call_reports")
    per_call = Counter(one["call_id"] for one in truth)
    groups = Counter(one["call_report_id"] for one in truth)
    assert {1, 2, 3} == set(per_call.values())
    assert len(groups) < len(per_call)
    for name in ("created_at", "stored_at", "segment", "user_agent"):
        assert 0 < sum(name in one for one in truth) < len(truth)
    assert {type(one["stats"]) for one in truth} == {list, dict}
    assert {type(one["logs"]) for one in truth} == {list, dict, type(None)}


def test_one_call_is_a_bare_array_of_its_segments(
    session: requests.Session, simulator: Simulator
) -> None:
    """A request by call id returns exactly the call's reports of the list."""
    truth = simulator.records("telnyx_call_reports")
    key = next(str(one["call_id"]) for one in truth if one.get("segment") == 1)
    found = get(session, simulator, f"{REPORTS}/{key}").json()
    assert found == [one for one in truth if one["call_id"] == key]
    assert [one["segment"] for one in found] == list(range(len(found)))


def test_segments_are_stored_while_the_call_runs(
    session: requests.Session, simulator: Simulator
) -> None:
    """A call at midnight has a report at its start, and another after its end."""
    start = datetime(2026, 4, 29, tzinfo=UTC)
    call = simulator.world.make_call("telnyx", start=start, duration=600)
    simulator.world.calls("telnyx").append(call)
    counts = []
    for seconds in (0, 599, 700):
        simulator.now = start + timedelta(seconds=seconds)
        answer = get(session, simulator, f"{REPORTS}/{call.key}")
        assert answer.status_code == 200
        counts.append(len(answer.json()))
    assert counts == [1, 1, 2]


@pytest.mark.parametrize("sort", ["started_at", "-started_at"])
def test_detail_records_contain_every_call_once(
    session: requests.Session, simulator: Simulator, sort: str
) -> None:
    """All pages of all windows of the start together have each ended call once."""
    found = []
    for day in (28, 29, 30):
        lower = datetime(2026, 4, day, tzinfo=UTC)
        params = {
            "filter[record_type]": "webrtc",
            "filter[started_at][gte]": lower.isoformat(),
            "filter[started_at][lt]": (lower + timedelta(days=2 if day == 30 else 1)).isoformat(),
            "page[size]": "13",
            "sort": sort,
        }
        found += walk(session, simulator, "detail_records", params)
    truth = [one["id"] for one in simulator.records("telnyx_detail_records")]
    assert sorted(one["id"] for one in found) == sorted(truth)  # type: ignore[type-var]
    assert len(set(truth)) == len(truth)


def test_detail_records_appear_after_the_end(
    session: requests.Session, simulator: Simulator
) -> None:
    """A call's detail record appears seconds after its end, in the window of its start."""
    call = simulator.world.make_call("telnyx", start=TEN, duration=60)
    simulator.world.calls("telnyx").append(call)
    query = {"filter[record_type]": "webrtc", "page[size]": "1"}
    query["filter[started_at][gte]"] = call.start.isoformat()
    simulator.now = call.end
    assert get(session, simulator, "detail_records", query).json()["data"] == []
    simulator.now = call.end + timedelta(seconds=30)
    (record,) = get(session, simulator, "detail_records", {**query, "sort": "started_at"}).json()[
        "data"
    ]
    assert (record["call_id"], record["call_sec"]) == (call.key, 60)
    assert isinstance(record["cost"], str)
    assert "created_at" not in record


def test_a_record_type_without_records_is_an_empty_list(
    session: requests.Session, simulator: Simulator
) -> None:
    """A known record type without records gets an empty page."""
    answer = get(session, simulator, "detail_records", {"filter[record_type]": "messaging"})
    assert answer.json()["data"] == []


def test_a_record_type_that_the_account_does_not_have_is_refused(
    session: requests.Session, simulator: Simulator
) -> None:
    """The response is 400, not an empty list."""
    simulator.options["telnyx_record_types"] = ["webrtc"]
    answer = get(session, simulator, "detail_records", {"filter[record_type]": "sip-trunking"})
    assert answer.status_code == 400
    assert "No matching record type" in answer.json()["errors"][0]["detail"]


def test_options_name_the_time_field(session: requests.Session, simulator: Simulator) -> None:
    """The options of a type have its time field, also if it differs from the documented one."""
    simulator.options["telnyx_time_fields"] = {"webrtc": "created_at"}
    query = {"filter[record_type]": "webrtc"}
    answer = get(session, simulator, "detail_records/options", query)
    assert "created_at" in answer.json()["data"]["sorts"]
    sorted_by = {**query, "sort": "created_at"}
    assert get(session, simulator, "detail_records", sorted_by).status_code == 200


def test_a_call_has_several_records_of_one_session(simulator: Simulator) -> None:
    """The tap adds the records of a session, so some sessions need several."""
    kinds = ["webrtc", "sip-trunking", "call-control", "text-to-speech", "recording"]
    truth = simulator.records("telnyx_detail_records", record_types=kinds)
    sessions = Counter(one.get("telnyx_session_id") or one["call_session_id"] for one in truth)
    ids = Counter(one["id"] for one in truth)
    assert {1, 2, 5} <= set(sessions.values())
    assert set(ids.values()) == {1, 2}


def test_the_list_of_reports_may_be_capped(session: requests.Session, simulator: Simulator) -> None:
    """A capped list has the first records of its order, and a total of only these."""
    simulator.options["telnyx_cap"] = 7
    truth = simulator.records("telnyx_call_reports")
    oldest = walk(session, simulator, REPORTS, {"sort": "created_at", "page[size]": "3"})
    newest = walk(session, simulator, REPORTS, {"sort": "-created_at", "page[size]": "3"})
    assert (oldest, newest) == (truth[:7], truth[:-8:-1])


def test_reports_join_detail_records(simulator: Simulator) -> None:
    """A detail record has the leg id of the call's reports."""
    legs = {
        one["call_id"]: one["telnyx_leg_id"] for one in simulator.records("telnyx_call_reports")
    }
    details = simulator.records("telnyx_detail_records")
    assert {one["call_id"]: one["telnyx_leg_id"] for one in details} == legs
