"""Lists with errors: wrong totals, and pages that repeat, loop or are empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import requests

    from tap_voicecalls.simulator import Simulator

VONAGE_DAY = {
    "product": "VOICE-CALL",
    "date_start": "2026-04-29T00:00:00Z",
    "date_end": "2026-04-30T00:00:00Z",
}


def send(
    session: requests.Session,
    simulator: Simulator,
    provider: str,
    path: str,
    sent: dict[str, Any] | None = None,
) -> Any:  # noqa: ANN401 - any JSON
    """Return what a provider answers to a GET with a query, or to a POST with a body."""
    settings = simulator.configuration()[provider]
    url, key = f"{simulator.url}/{provider}/{path}", str(settings["api_key"])
    if provider == "vonage":
        basic = (key, str(settings["api_secret"]))
        return session.get(url, params=sent, auth=basic, timeout=60).json()
    headers = {"Authorization": f"Bearer {key}"}
    if provider == "voicy":
        return session.post(url, json=sent or {}, headers=headers, timeout=60).json()
    return session.get(url, params=sent, headers=headers, timeout=60).json()


def vonage(session: requests.Session, simulator: Simulator, **paging: str) -> Any:  # noqa: ANN401
    """Return a page of the reports of a day."""
    account = simulator.configuration()["vonage"]["account_id"]
    query = {**VONAGE_DAY, "account_id": account, **paging}
    return send(session, simulator, "vonage", "v2/reports/records", query)


def numbered(session: requests.Session, simulator: Simulator, provider: str, page: int) -> Any:  # noqa: ANN401
    """Return the list of a page of seven, for the providers whose pages have numbers."""
    if provider == "burki":
        query = {"skip": (page - 1) * 7, "limit": 7}
        return send(session, simulator, "burki", "api/v1/calls/", query)["items"]
    query = {"page[number]": page, "page[size]": 7}
    return send(session, simulator, "telnyx", "v2/voice_sdk_call_reports", query)["data"]


@pytest.mark.parametrize("off", [-3, 0, 2, -1_000_000])
def test_totals_are_off(session: requests.Session, simulator: Simulator, off: int) -> None:
    """A client must not rely on totals, so tests need wrong ones."""
    simulator.options |= {f"{name}_total_off": off for name in ("burki", "voicy", "telnyx")}
    simulator.page_sizes |= {"telnyx": 10}
    burki = send(session, simulator, "burki", "api/v1/calls/")
    voicy = send(session, simulator, "voicy", "functions/v1/call-list")
    telnyx = send(session, simulator, "telnyx", "v2/voice_sdk_call_reports")
    assert burki["items"]
    assert voicy["calls"]
    assert telnyx["data"]
    streams = ("burki_calls", "voicy_calls", "telnyx_call_reports")
    reported = [max(0, len(simulator.records(stream)) + off) for stream in streams]
    meta = telnyx["meta"]
    assert [burki["total"], voicy["total_count"], meta["total_results"]] == reported
    assert meta["total_pages"] == -(-meta["total_results"] // 10)


@pytest.mark.parametrize("reported", [1, 0, -3, True])
def test_the_number_of_pages_is_wrong(
    session: requests.Session, simulator: Simulator, reported: object
) -> None:
    """The next page exists, although the server reports a wrong number of pages."""
    simulator.options["telnyx_total_pages"] = reported
    settings = simulator.configuration()["telnyx"]
    url = f"{settings['base_url']}/voice_sdk_call_reports"
    headers = {"Authorization": f"Bearer {settings['api_key']}"}
    answer = session.get(url, params={"page[number]": 2}, headers=headers, timeout=5).json()
    assert answer["meta"]["total_pages"] is reported
    assert len(answer["data"]) == 20


def test_a_cursor_loops(session: requests.Session, simulator: Simulator) -> None:
    """The second page leads to itself, until the client detects it."""
    simulator.page_sizes["vonage"] = 7
    simulator.options["vonage_cursor_loops"] = True
    first = vonage(session, simulator)
    second = vonage(session, simulator, cursor=first["cursor"], iv=first["iv"])
    assert second["request_status"] == "TRUNCATED"
    assert (second["cursor"], second["iv"]) == (first["cursor"], first["iv"])
    assert second["records"] != first["records"]


def test_skip_is_ignored(session: requests.Session, simulator: Simulator) -> None:
    """Every page is the first one, although it reports another `skip`."""
    simulator.options["burki_ignores_skip"] = True
    first, second = (
        send(session, simulator, "burki", "api/v1/calls/", {"skip": skip, "limit": 1})
        for skip in (0, 1)
    )
    assert (first["skip"], second["skip"]) == (0, 1)
    assert first["items"] == second["items"]


@pytest.mark.parametrize("provider", ["burki", "telnyx"])
def test_a_numbered_page_is_empty(
    session: requests.Session, simulator: Simulator, provider: str
) -> None:
    """One page in the middle is empty; the pages around it are not."""
    simulator.options["empty_page_at"] = (provider, 2)
    lengths = [len(numbered(session, simulator, provider, page)) for page in (1, 2, 3)]
    assert lengths == [7, 0, 7]


def test_a_page_of_voicy_is_empty(session: requests.Session, simulator: Simulator) -> None:
    """The page after a call is empty, although the total reports more calls."""
    simulator.options["empty_page_at"] = ("voicy", 2)
    path = "functions/v1/call-list"
    first = send(session, simulator, "voicy", path, {"limit": 7})
    key = first["calls"][-1]["call_id"]
    second = send(session, simulator, "voicy", path, {"limit": 7, "pagination_key": key})
    assert (len(first["calls"]), len(second["calls"])) == (7, 0)
    assert second["total_count"] == first["total_count"] > 7


@pytest.mark.parametrize("number", [1, 2])
def test_a_page_of_vonage_is_empty_and_has_a_next_page(
    session: requests.Session, simulator: Simulator, number: int
) -> None:
    """A client that stops at an empty page loses calls; one that continues gets each call once."""
    whole = vonage(session, simulator)["records"]
    simulator.page_sizes["vonage"] = 7
    simulator.options["empty_page_at"] = ("vonage", number)
    page = vonage(session, simulator)
    pages = [page]
    while "cursor" in page:
        assert len(pages) < 100, "the pages never end"
        page = vonage(session, simulator, cursor=page["cursor"], iv=page["iv"])
        pages.append(page)
    assert [one["items_count"] for one in pages].index(0) == number - 1
    assert [one for page in pages for one in page["records"]] == whole


def test_the_array_of_ovia_is_empty(session: requests.Session, simulator: Simulator) -> None:
    """An API without pages can also send an empty list."""
    simulator.options["empty_page_at"] = ("ovia", 1)
    assert send(session, simulator, "ovia", "api/v1/calls") == []


def test_the_next_link_leads_to_another_origin(
    session: requests.Session, simulator: Simulator
) -> None:
    """The only way to the next page is a link to another origin, which must not get the key."""
    simulator.page_sizes["vonage"] = 7
    simulator.options["vonage_next_link_away"] = True
    page = vonage(session, simulator)
    assert page["request_status"] == "TRUNCATED"
    assert not {"cursor", "iv"} & set(page)
    link = page["_links"]["next"]["href"]
    assert link.startswith(f"{simulator.foreign_url}/vonage/v2/reports/records?")
    assert session.get(link, timeout=60).json()["records"] == []
    assert not simulator.foreign_got_key
