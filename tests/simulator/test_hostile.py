"""Hostile responses are sent as requested, within bounds, and are repeatable."""

from __future__ import annotations

import json
import math
import socket
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

from tap_voicecalls.simulator import HOSTILE, KINDS, Faults, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT = 300  # seconds after which a hanging test fails
DAY = "2026-04-29T00:00:00+00:00"
NEXT = "2026-04-30T00:00:00+00:00"
MEGABYTE = 1 << 20


def request_of(simulator: Simulator, provider: str) -> tuple[str, dict[str, Any]]:
    """Return the URL and the options of a request for a page of a provider's calls."""
    settings = simulator.configuration()[provider]
    base, key = str(settings["base_url"]), str(settings["api_key"])
    bearer = {"Authorization": f"Bearer {key}"}
    match provider:
        case "vonage":
            query = {"product": "VOICE-CALL", "account_id": str(settings["account_id"])}
            query |= {"date_start": DAY, "date_end": NEXT}
            auth = (key, str(settings["api_secret"]))
            return f"{base}/v2/reports/records", {"params": query, "auth": auth}
        case "voicy":
            times = {"lower_threshold": 1777420800000, "upper_threshold": 1777507200000}
            body = {"filter_criteria": {"start_timestamp": times}}
            return f"{base}/call-list", {"json": body, "headers": bearer}
        case "telnyx":
            query = {"filter[record_type]": "webrtc", "filter[started_at][gte]": DAY}
            query["filter[started_at][lt]"] = NEXT
            return f"{base}/detail_records", {"params": query, "headers": bearer}
        case "burki":
            query = {"date_from": DAY, "date_to": NEXT}
            return f"{base}/api/v1/calls/", {"params": query, "headers": bearer}
        case _:
            return f"{base}/api/v1/calls", {"headers": bearer}


def ask(simulator: Simulator, provider: str = "burki", **options: Any) -> requests.Response:  # noqa: ANN401 - options of requests
    """Request a page of a provider's calls."""
    url, arguments = request_of(simulator, provider)
    arguments |= {"allow_redirects": False} | options
    return requests.request(
        "POST" if "json" in arguments else "GET", url, timeout=TIMEOUT, **arguments
    )


def raw_response(simulator: Simulator) -> Iterator[bytes]:
    """Request a page of Burki over a socket, and yield the received bytes."""
    url, options = request_of(simulator, "burki")
    parts = urlsplit(requests.Request("GET", url, params=options["params"]).prepare().url or "")
    target, key = f"{parts.path}?{parts.query}", options["headers"]["Authorization"]
    head = f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port), TIMEOUT) as connection:
        connection.sendall(head.encode())
        while piece := connection.recv(MEGABYTE):
            yield piece


LISTS = {
    "vonage": "records",
    "voicy": "calls",
    "telnyx": "data",
    "burki": "items",
    "ovia": "",
}


def records(answer: Any, provider: str) -> Any:  # noqa: ANN401 - JSON is any value
    """Return the list of a response."""
    return answer[LISTS[provider]] if LISTS[provider] else answer


def started(record: dict[str, Any]) -> str:
    """Return the start of a call as text."""
    if "start_timestamp" in record:
        return datetime.fromtimestamp(record["start_timestamp"] / 1000, UTC).isoformat()
    names = ("date_start", "start_time", "started_at")
    return next(str(record[name]) for name in names if name in record)


def total(answer: dict[str, Any]) -> object:
    """Return the total of a response."""
    counted = answer.get("meta", answer)
    names = ("total_results", "total_count", "items_count", "total")
    return next(counted[name] for name in names if name in counted)


@pytest.mark.parametrize("kind", ["drip", "continue"])
def test_a_response_in_small_pieces_is_complete(simulator: Simulator, kind: str) -> None:
    """A client that waits can read the whole response."""
    correct = ask(simulator).json()
    simulator.script("burki", kind)

    answer = ask(simulator)

    assert answer.status_code == 200
    assert answer.json()["total"] == correct["total"] > 0
    assert simulator.injected == {kind: 1}


def test_100_continue_is_sent_as_often_as_configured(simulator: Simulator) -> None:
    """A single one would not test a client that reads two status lines."""
    simulator.options |= {"continue_count": 50, "continue_seconds": 0}
    simulator.script("burki", "continue")

    answer = b"".join(raw_response(simulator))

    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + b"HTTP/1.1 200 OK\r\n")


def test_a_drip_is_one_byte_at_a_time(simulator: Simulator) -> None:
    """Bytes that arrive together would not extend the read time-out of a client."""
    simulator.options |= {"drip_bytes": 40, "drip_seconds": 0.01}
    simulator.script("burki", "drip")

    pieces = list(raw_response(simulator))

    # A busy machine may join some of them in the client's buffer, but not nearly all.
    assert sum(len(piece) == 1 for piece in pieces) > 5


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("length", b"Content-Length: 1000000000000000\r\n"),
        ("chunk", b"\r\n\r\n400000000000000000\r\n{"),
    ],
)
def test_announced_sizes_are_larger_than_any_memory(
    simulator: Simulator, kind: str, expected: bytes
) -> None:
    """A size that fits into memory would not be a fault."""
    simulator.script("burki", kind)

    assert expected in b"".join(raw_response(simulator))
    assert ask(simulator).status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("bomb", 200), ("bomb-404", 404), ("bomb-302", 302)])
def test_a_bomb_is_small_when_compressed_and_bounded(
    simulator: Simulator, kind: str, status: int
) -> None:
    """A bomb without a bound would use up the memory of the test."""
    simulator.options["bomb_mb"] = 3
    simulator.script("burki", kind)

    answer = ask(simulator)

    assert answer.status_code == status
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < 100_000
    assert 3 * MEGABYTE <= len(answer.content) < 4 * MEGABYTE
    assert ("Location" in answer.headers) is (status == 302)


def test_an_endless_body_ends_at_its_bound(simulator: Simulator) -> None:
    """A body without a bound would fill the disk of a test that does not stop it."""
    simulator.options["endless_mb"] = 3
    simulator.script("burki", "endless")

    assert 3 * MEGABYTE < sum(map(len, raw_response(simulator))) < 4 * MEGABYTE


def test_stopping_ends_an_endless_body(simulator: Simulator) -> None:
    """Stopping the simulator must not wait for an endless body."""
    simulator.options["endless_mb"] = 10**6
    simulator.script("burki", "endless")
    with ask(simulator, stream=True) as answer:
        answer.raw.read(10)

        simulator.stop()

        with pytest.raises(requests.exceptions.RequestException):
            list(answer.iter_content(MEGABYTE))


@pytest.mark.parametrize(("kind", "status"), [("600", 600), ("206", 206), ("403-seconds", 403)])
def test_unusual_statuses_are_sent(simulator: Simulator, kind: str, status: int) -> None:
    """The response has the requested status and its headers."""
    whole = ask(simulator).json()["items"]
    simulator.script("burki", kind)

    answer = ask(simulator)

    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 403)
    assert ("Content-Range" in answer.headers) is (status == 206)
    if status == 206:
        assert 0 < len(answer.json()["items"]) < len(whole)


@pytest.mark.parametrize("provider", LISTS)
def test_text_in_another_encoding_is_not_utf8(simulator: Simulator, provider: str) -> None:
    """The text is invalid UTF-8, and the rest is unchanged."""
    simulator.script(provider, "not-utf8")

    content = ask(simulator, provider).content

    with pytest.raises(UnicodeDecodeError):
        content.decode()
    assert records(json.loads(content.decode("latin-1")), provider)


@pytest.mark.parametrize("provider", LISTS)
def test_each_record_has_the_unusual_value(simulator: Simulator, provider: str) -> None:
    """Each record has a NaN, or an integer of 5,000 digits, in addition to its own fields."""
    correct = records(ask(simulator, provider).json(), provider)
    simulator.script(provider, "nan", "huge-integer")

    nan = records(json.loads(ask(simulator, provider).text), provider)
    text = ask(simulator, provider).text
    huge = records(json.loads(text, parse_int=str), provider)

    assert len(nan) == len(huge) == len(correct) > 0
    assert all(math.isnan(record["x_sim_value"]) for record in nan)
    assert {record["x_sim_value"] for record in huge} == {"9" * 5000}
    sent = Counter(frozenset({*record, "x_sim_value"}) for record in correct)
    assert Counter(map(frozenset, nan)) == Counter(map(frozenset, huge)) == sent


@pytest.mark.parametrize("provider", LISTS)
def test_each_key_is_sent_twice(simulator: Simulator, provider: str) -> None:
    """Both have the same value, so that the right record is known."""
    simulator.script(provider, "duplicate-keys")

    pairs = json.loads(ask(simulator, provider).content, object_pairs_hook=list)
    found = dict(pairs)[LISTS[provider]] if LISTS[provider] else pairs

    assert found
    for record in found:
        assert record[: len(record) // 2] == record[len(record) // 2 :]


@pytest.mark.parametrize("provider", LISTS)
def test_null_replaces_only_empty_lists(simulator: Simulator, provider: str) -> None:
    """A null in place of calls would lose them in every client."""
    simulator.persistent_faults[provider] = "null-for-nothing"
    assert records(ask(simulator, provider).json(), provider)

    simulator.world.calls(provider)[:] = []

    assert records(ask(simulator, provider).json(), provider) is None


@pytest.mark.parametrize("provider", LISTS)
def test_the_list_is_null_or_missing(simulator: Simulator, provider: str) -> None:
    """A null or missing list with a total above 0 is a broken response."""
    simulator.script(provider, "null-records", "no-list")

    null, none = (ask(simulator, provider).json() for _ in range(2))

    if provider == "ovia":
        assert (null, none) == (None, {})
    else:
        assert null[LISTS[provider]] is None
        assert LISTS[provider] not in none
        assert total(null) == total(none) != 0


@pytest.mark.parametrize(("kind", "expected"), [("totals-zero", 0), ("totals-huge", 10**9)])
@pytest.mark.parametrize("provider", ["vonage", "voicy", "telnyx", "burki"])
def test_totals_are_wrong(simulator: Simulator, provider: str, kind: str, expected: int) -> None:
    """The records are correct; only the totals are wrong."""
    simulator.script(provider, kind)

    answer = ask(simulator, provider).json()

    assert total(answer) == expected
    assert records(answer, provider)
    if provider == "telnyx":
        assert answer["meta"]["total_pages"] == expected


def test_the_cursor_is_a_list(simulator: Simulator) -> None:
    """The response also says that there is another page, or no client would use the cursor."""
    simulator.script("vonage", "cursor-list")

    answer = ask(simulator, "vonage").json()

    assert answer["request_status"] == "TRUNCATED"
    assert isinstance(answer["cursor"], list)


@pytest.mark.parametrize("provider", ["vonage", "voicy", "telnyx", "burki"])
def test_pages_do_not_end(simulator: Simulator, provider: str) -> None:
    """Empty pages, or pages with new records, continue for as long as a client requests them."""
    correct = records(ask(simulator, provider).json(), provider)
    simulator.persistent_faults[provider] = "empty-for-ever"
    empty = [ask(simulator, provider).json() for _ in range(2)]
    simulator.persistent_faults[provider] = "new-for-ever"
    new = [ask(simulator, provider).json() for _ in range(2)]

    ids = [
        record.get("id") or record.get("call_id")
        for answer in new
        for record in records(answer, provider)
    ]
    assert [records(answer, provider) for answer in empty] == [[], []]
    assert len(set(ids)) == len(ids) == 2 * len(correct) > 0
    assert {total(answer) for answer in empty + new} == {10**9}
    if provider == "vonage":
        assert len({answer["cursor"] for answer in empty + new}) == 4


@pytest.mark.parametrize("provider", ["vonage", "voicy", "telnyx", "burki"])
def test_the_time_filter_is_ignored(simulator: Simulator, provider: str) -> None:
    """The response has calls outside the requested window."""
    correct = records(ask(simulator, provider).json(), provider)
    simulator.script(provider, "unfiltered")

    found = records(ask(simulator, provider).json(), provider)

    assert correct
    assert {started(record)[:10] for record in found} - {started(one)[:10] for one in correct}


def test_a_persistent_fault_lasts_until_it_is_deleted(simulator: Simulator) -> None:
    """Scripted faults come first, and other providers send correct responses."""
    simulator.persistent_faults["burki"] = "null-records"
    simulator.faults = Faults(rate=0)
    simulator.script("burki", "500")

    statuses = [ask(simulator).status_code for _ in range(3)]
    others = ask(simulator, "ovia").json()
    del simulator.persistent_faults["burki"]

    assert statuses == [500, 200, 200]
    assert simulator.injected == {"500": 1, "null-records": 2}
    assert others
    assert ask(simulator).json()["items"]


def test_a_misspelled_persistent_fault_is_refused(
    simulator: Simulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """An unknown kind must not give a correct response."""
    simulator.persistent_faults["burki"] = "bom"
    with pytest.raises(requests.ConnectionError):
        ask(simulator)
    assert "unknown fault: bom" in capfd.readouterr().err


@pytest.mark.parametrize("kind", KINDS)
def test_every_provider_supports_every_kind(simulator: Simulator, kind: str) -> None:
    """An error of the simulator would look like the fault itself."""
    simulator.options |= {"bomb_mb": 1, "endless_mb": 1, "slow_seconds": 0, "stall_seconds": 0}
    for provider in LISTS:
        simulator.script(provider, kind)
        try:
            ask(simulator, provider)
        except (requests.RequestException, OverflowError, MemoryError):
            assert kind in {"reset", "close", "cut", "stall", "length", "chunk", "endless"}
        assert simulator.requests[-1].fault == kind


def test_hostile_kinds_can_be_scheduled(simulator: Simulator) -> None:
    """The same seed gives the same faults."""
    drawn = [
        [Faults(seed=seed, rate=0.5, kinds=HOSTILE).draw("burki", number) for number in range(50)]
        for seed in (3, 3, 4)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    simulator.faults = Faults(rate=1, kinds=("null-records",))
    assert ask(simulator).json()["items"] is None
