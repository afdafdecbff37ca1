"""The simulated Vonage Reports API behaves as documented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import requests

    from tap_voicecalls.simulator import Simulator

PRODUCTS = ("VOICE-CALL", "VOICE-FAILED", "VOICE-TTS", "IN-APP-VOICE", "WEBSOCKET-CALL")
DAY = {"date_start": "2026-04-29T00:00:00+0000", "date_end": "2026-04-30T00:00:00Z"}


def get(session: requests.Session, simulator: Simulator, **params: str) -> requests.Response:
    """Request records with the right key; a parameter "" is omitted."""
    settings = simulator.configuration()["vonage"]
    basic = (str(settings["api_key"]), str(settings["api_secret"]))
    query = {"product": "VOICE-CALL", "account_id": str(settings["account_id"]), **DAY, **params}
    return session.get(
        f"{settings['base_url']}/v2/reports/records",
        params={name: value for name, value in query.items() if value},
        auth=basic,
        timeout=10,
    )


def pages(session: requests.Session, simulator: Simulator, **params: str) -> list[dict[str, Any]]:
    """Return all pages of a query, continued with cursor and iv."""
    answer = get(session, simulator, **params).json()
    found = [answer]
    while answer["request_status"] == "TRUNCATED":
        assert len(found) < 1000, "the pages do not end"
        paging = {"cursor": answer["cursor"], "iv": answer["iv"]}
        answer = get(session, simulator, **params, **paging).json()
        found.append(answer)
    return found


def ids(simulator: Simulator, product: str, day: str = "2026-04-29") -> list[str]:
    """Return the true ids of a product's records of a day, sorted."""
    records = simulator.records("vonage_voice_reports", products=[product])
    start = "start_time" if product == "VOICE-TTS" else "date_start"
    return sorted(str(one["id"]) for one in records if str(one[start]).startswith(day))


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"product": ""}, "product"),
        ({"product": "SIP"}, "product"),
        ({"account_id": ""}, "account_id"),
        ({"date_start": ""}, "date_start"),
        ({"date_end": "tomorrow"}, "date_end"),
        ({"date_end": "2026-04-30T00:00:00"}, "date_end"),
        ({"date_start": "2026-04-29T00:00:00 0000"}, "date_start"),
        ({"date_end": "2026-04-30T00:00:00.001Z"}, "date_end"),
        ({"date_end": "2026-04-28T00:00:00Z"}, "date_end"),
        ({"date_start": "2026-04-29T00:00:00.000000Z"}, "date_start"),
        ({"date_start": "2026-05-01T12:00:00Z", "date_end": "2026-05-02T12:00:00Z"}, "date_end"),
        ({"date_start": "2026-05-01T12:00:00Z", "date_end": "2026-05-01T23:59:59Z"}, "date_end"),
        ({"date_start": "2025-04-01T23:59:59Z", "date_end": "2025-04-02T12:00:00Z"}, "date_start"),
        ({"limit": "5"}, "limit"),
        ({"product": "VOICE-TTS", "direction": "inbound"}, "direction"),
        ({"product": "IN-APP-VOICE", "direction": "inbound"}, "direction"),
        ({"product": "WEBSOCKET-CALL", "direction": "inbound"}, "direction"),
        ({"direction": "mo"}, "direction"),
        ({"cursor": "abc"}, "iv"),
        ({"iv": "abc"}, "cursor"),
        ({"cursor": "abc", "iv": "abc"}, "iv"),
        ({"id": "x"}, "date_start"),
        ({"id": ",".join(map(str, range(21))), "date_start": "", "date_end": ""}, "id"),
    ],
)
def test_a_wrong_parameter_is_named_in_a_422(
    session: requests.Session, simulator: Simulator, params: dict[str, str], name: str
) -> None:
    """Undocumented queries are refused, so that the tap cannot depend on them."""
    answer = get(session, simulator, **params)
    assert answer.status_code == 422
    assert answer.json()["invalid_parameters"][0]["name"] == name
    assert {"type", "title", "detail", "instance"} <= set(answer.json())


def test_wrong_secret_and_foreign_account_are_refused(
    session: requests.Session, simulator: Simulator
) -> None:
    """A wrong secret gets 401, and an account of another key 403."""
    settings = simulator.configuration()["vonage"]
    url = f"{settings['base_url']}/v2/reports/records"
    answer = session.get(url, auth=(str(settings["api_key"]), "wrong"), timeout=10)
    assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized")
    assert get(session, simulator, account_id="00000000").status_code == 403


@pytest.mark.parametrize("product", PRODUCTS)
def test_pages_contain_every_id_of_the_window_once(
    session: requests.Session, simulator: Simulator, product: str
) -> None:
    """Paging by cursor and iv returns each record of the day exactly once."""
    simulator.page_sizes["vonage"] = 3
    found = pages(session, simulator, product=product)
    listed = [record["id"] for page in found for record in page["records"]]
    assert sorted(listed) == ids(simulator, product)
    assert listed
    assert all(page["items_count"] == len(page["records"]) <= 3 for page in found)
    assert [page["request_status"] for page in found[:-1]] == ["TRUNCATED"] * (len(found) - 1)


def test_the_next_link_leads_to_the_same_page(
    session: requests.Session, simulator: Simulator
) -> None:
    """The link is absolute, on the same origin, and returns the page of cursor and iv."""
    simulator.page_sizes["vonage"] = 5
    first, second, *_ = pages(session, simulator)
    settings = simulator.configuration()["vonage"]
    basic = (str(settings["api_key"]), str(settings["api_secret"]))
    href = first["_links"]["next"]["href"]
    assert href.startswith(f"{simulator.url}/vonage/v2/reports/records?")
    assert session.get(href, auth=basic, timeout=10).json()["records"] == second["records"]


def test_a_cursor_belongs_to_one_query(session: requests.Session, simulator: Simulator) -> None:
    """A cursor of another window is refused, instead of silently omitting records."""
    simulator.page_sizes["vonage"] = 5
    first = get(session, simulator).json()
    paging = {"cursor": first["cursor"], "iv": first["iv"]}
    answer = get(session, simulator, date_end="2026-04-29T12:00:00Z", **paging)
    assert answer.status_code == 422


def test_the_order_is_random_but_fixed_for_a_query(
    session: requests.Session, simulator: Simulator
) -> None:
    """The order is not that of the start, and is the same for the same query."""
    records = get(session, simulator).json()["records"]
    starts = [record["date_start"] for record in records]
    assert starts not in (sorted(starts), sorted(starts, reverse=True))
    assert get(session, simulator).json()["records"] == records


def test_the_window_is_half_open_and_compares_whole_seconds(
    session: requests.Session, simulator: Simulator
) -> None:
    """A call at 10:00:00.7 has the start 10:00:00 in its record, and is in a window from 10:00."""
    ten = datetime(2026, 4, 29, 10, tzinfo=UTC)
    late = simulator.world.make_call("vonage", start=ten + timedelta(milliseconds=700))
    simulator.world.calls("vonage").append(late)
    before = get(session, simulator, date_end="2026-04-29T10:00:00Z").json()["records"]
    after = get(session, simulator, date_start="2026-04-29T12:00:00+02:00").json()["records"]
    between = get(session, simulator, date_end="2026-04-29T10:00:00.500Z").json()["records"]
    assert late.key not in {record["id"] for record in before}
    assert late.key in {record["id"] for record in after}
    assert late.key in {record["id"] for record in between}


def test_every_value_is_a_string_or_null(simulator: Simulator) -> None:
    """Numbers are strings with varying digits, and there are nulls and empty strings."""
    records = simulator.records("vonage_voice_reports")
    values = [value for record in records for value in record.values()]
    assert all(value is None or isinstance(value, str) for value in values)
    assert None in values
    assert "" in values
    prices = [str(record["total_price"]) for record in records if "total_price" in record]
    assert len({len(price.partition(".")[2]) for price in prices}) > 1


def test_products_have_different_fields(simulator: Simulator) -> None:
    """VOICE-TTS has start_time in place of date_start and no call_id; VOICE-FAILED has no price."""
    one = {name: simulator.records("vonage_voice_reports", products=[name])[0] for name in PRODUCTS}
    assert {"start_time", "end_time", "creation_date"} <= set(one["VOICE-TTS"])
    assert not {"call_id", "date_start"} & set(one["VOICE-TTS"])
    assert not {"duration", "price", "total_price", "currency"} & set(one["VOICE-FAILED"])
    assert "leg_id" in one["IN-APP-VOICE"]
    assert set(one["WEBSOCKET-CALL"]) == {
        *("account_id", "id", "call_id", "date_start", "date_end", "duration"),
        *("status", "currency", "price", "total_price"),
    }


def test_a_call_is_listed_only_after_its_end(
    session: requests.Session, simulator: Simulator
) -> None:
    """A call is listed after its end, however long ago it started."""
    start = datetime(2026, 4, 29, 10, tzinfo=UTC)
    call = simulator.world.make_call("vonage", start=start, duration=3600)
    simulator.world.calls("vonage").append(call)
    simulator.now = call.end - timedelta(seconds=1)
    ended = "2026-04-29T10:30:00Z"
    records = get(session, simulator, date_end=ended).json()["records"]
    assert call.key not in {record["id"] for record in records}
    simulator.now = call.end
    records = get(session, simulator, date_end=ended).json()["records"]
    assert call.key in {record["id"] for record in records}


def test_a_query_by_ids_returns_records_and_missing_ids(
    session: requests.Session, simulator: Simulator
) -> None:
    """A query by id needs no window and lists the ids it did not find."""
    wanted = ids(simulator, "VOICE-CALL")[:2]
    joined = ",".join([*wanted, "nowhere"])
    answer = get(session, simulator, id=joined, date_start="", date_end="").json()
    assert sorted(record["id"] for record in answer["records"]) == wanted
    assert answer["ids_not_found"] == "nowhere"


def test_direction_filters_phone_calls(session: requests.Session, simulator: Simulator) -> None:
    """Inbound and outbound calls together are all calls of VOICE-CALL."""
    both = [get(session, simulator, direction=word).json() for word in ("inbound", "outbound")]
    found = [record["id"] for answer in both for record in answer["records"]]
    assert sorted(found) == ids(simulator, "VOICE-CALL")


def test_a_range_may_start_at_the_retention_limit(
    session: requests.Session, simulator: Simulator
) -> None:
    """The retention is in calendar months; a limit in days would differ."""
    edge = {"date_start": "2025-04-02T00:00:00Z", "date_end": "2025-04-02T12:00:00Z"}

    assert get(session, simulator, **edge).status_code == 200


def test_the_last_page_may_have_its_own_cursor(
    session: requests.Session, simulator: Simulator
) -> None:
    """A tap that follows every cursor and ignores the status would loop."""
    simulator.options["vonage_last_page_has_cursor"] = True
    simulator.page_sizes["vonage"] = 5

    last = pages(session, simulator)[-1]

    assert last["request_status"] == "SUCCESS"
    assert last["cursor"]
    assert last["iv"]


def test_a_next_link_without_dates_is_refused_alone(
    session: requests.Session, simulator: Simulator
) -> None:
    """Without the dates the link gets 422; with them it returns the second page."""
    simulator.page_sizes["vonage"] = 5
    second = pages(session, simulator)[1]["records"]
    simulator.options["vonage_bare_next_link"] = True
    first = get(session, simulator).json()
    href = first["_links"]["next"]["href"]
    settings = simulator.configuration()["vonage"]
    basic = (str(settings["api_key"]), str(settings["api_secret"]))

    assert "cursor" not in first
    assert session.get(href, auth=basic, timeout=10).status_code == 422
    assert session.get(href, auth=basic, params=DAY, timeout=10).json()["records"] == second


def test_records_have_the_documented_ids(simulator: Simulator) -> None:
    """Two products have only a call_id; all others have their own id."""
    simulator.options["vonage_no_ids"] = True

    for product in PRODUCTS:
        records = simulator.records("vonage_voice_reports", products=[product])
        has_id = product not in {"VOICE-CALL", "WEBSOCKET-CALL"}
        assert {"id" in record for record in records} == {has_id}
        assert has_id or all(record["call_id"] for record in records)


def test_ranges_in_the_future_are_allowed_by_option(
    session: requests.Session, simulator: Simulator
) -> None:
    """A client with a real clock may request times after the simulated time."""
    simulator.options["vonage_checks_ranges"] = False

    for day in ("2020-04-29", "2026-05-02"):
        edges = {"date_start": f"{day}T00:00:00Z", "date_end": f"{day}T23:00:00Z"}
        assert get(session, simulator, **edges).status_code == 200
