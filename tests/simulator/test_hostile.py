"""The simulator misbehaves as no server should: as told, within bounds, and repeatably."""

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

PATIENCE = 300  # seconds after which a test that hangs fails; none of them ever waits that long
DAY = "2026-04-29T00:00:00+00:00"
NEXT = "2026-04-30T00:00:00+00:00"
MEGABYTE = 1 << 20


def asked(simulator: Simulator, provider: str) -> tuple[str, dict[str, Any]]:
    """Return the address and the options of a request for a page of a provider's calls."""
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


def ask(simulator: Simulator, provider: str = "burki", **options: Any) -> requests.Response:  # noqa: ANN401 - requests' own
    """Ask a provider for a page of its calls."""
    url, own = asked(simulator, provider)
    own |= {"allow_redirects": False} | options
    return requests.request("POST" if "json" in own else "GET", url, timeout=PATIENCE, **own)


def raw_answer(simulator: Simulator) -> Iterator[bytes]:
    """Ask Burki for a page over a bare socket, and yield what comes."""
    url, options = asked(simulator, "burki")
    parts = urlsplit(requests.Request("GET", url, params=options["params"]).prepare().url or "")
    target, key = f"{parts.path}?{parts.query}", options["headers"]["Authorization"]
    head = f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port), PATIENCE) as connection:
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
    """Return the list of an answer."""
    return answer[LISTS[provider]] if LISTS[provider] else answer


def started(record: dict[str, Any]) -> str:
    """Return when a call started, as text."""
    if "start_timestamp" in record:
        return datetime.fromtimestamp(record["start_timestamp"] / 1000, UTC).isoformat()
    names = ("date_start", "start_time", "started_at")
    return next(str(record[name]) for name in names if name in record)


def total(answer: dict[str, Any]) -> object:
    """Return what an answer counts."""
    counted = answer.get("meta", answer)
    names = ("total_results", "total_count", "items_count", "total")
    return next(counted[name] for name in names if name in counted)


@pytest.mark.parametrize("kind", ["drip", "continue"])
def test_what_comes_in_small_pieces_comes_whole(simulator: Simulator, kind: str) -> None:
    """An answer that a patient client could not read would be another fault than it says."""
    honest = ask(simulator).json()
    simulator.script("burki", kind)

    answer = ask(simulator)

    assert answer.status_code == 200
    assert answer.json()["total"] == honest["total"] > 0
    assert simulator.injected == {kind: 1}


def test_the_storm_of_100_continue_is_as_long_as_told(simulator: Simulator) -> None:
    """A storm of one would pass a client that reads two status lines."""
    simulator.options |= {"continue_count": 50, "continue_seconds": 0}
    simulator.script("burki", "continue")

    answer = b"".join(raw_answer(simulator))

    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + b"HTTP/1.1 200 OK\r\n")


def test_a_drip_is_one_byte_at_a_time(simulator: Simulator) -> None:
    """Bytes that came together would not keep a client past its time between two of them."""
    simulator.options |= {"drip_bytes": 40, "drip_seconds": 0.01}
    simulator.script("burki", "drip")

    pieces = list(raw_answer(simulator))

    # A busy machine may join some of them in the client's buffer, but not nearly all.
    assert sum(len(piece) == 1 for piece in pieces) > 5


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("length", b"Content-Length: 1000000000000000\r\n"),
        ("chunk", b"\r\n\r\n400000000000000000\r\n{"),
    ],
)
def test_sizes_that_no_machine_holds(simulator: Simulator, kind: str, told: bytes) -> None:
    """A size that fits into memory would test nothing."""
    simulator.script("burki", kind)

    assert told in b"".join(raw_answer(simulator))
    assert ask(simulator).status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("bomb", 200), ("bomb-404", 404), ("bomb-302", 302)])
def test_a_bomb_is_small_on_the_wire_and_bounded(
    simulator: Simulator, kind: str, status: int
) -> None:
    """A bomb that filled the machine's memory would take the tests down with the client."""
    simulator.options["bomb_mb"] = 3
    simulator.script("burki", kind)

    answer = ask(simulator)

    assert answer.status_code == status
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < 100_000
    assert 3 * MEGABYTE <= len(answer.content) < 4 * MEGABYTE
    assert ("Location" in answer.headers) is (status == 302)


def test_an_endless_body_ends_at_its_bound(simulator: Simulator) -> None:
    """A body without any end would fill the disk of a test that forgot to stop it."""
    simulator.options["endless_mb"] = 3
    simulator.script("burki", "endless")

    assert 3 * MEGABYTE < sum(map(len, raw_answer(simulator))) < 4 * MEGABYTE


def test_stopping_ends_an_endless_body(simulator: Simulator) -> None:
    """A simulator that went on sending would hold up the test that stops it."""
    simulator.options["endless_mb"] = 10**6
    simulator.script("burki", "endless")
    with ask(simulator, stream=True) as answer:
        answer.raw.read(10)

        simulator.stop()

        with pytest.raises(requests.exceptions.RequestException):
            list(answer.iter_content(MEGABYTE))


@pytest.mark.parametrize(("kind", "status"), [("600", 600), ("206", 206), ("403-seconds", 403)])
def test_odd_statuses(simulator: Simulator, kind: str, status: int) -> None:
    """A status other than the one that was asked for would hide a client that takes it."""
    whole = ask(simulator).json()["items"]
    simulator.script("burki", kind)

    answer = ask(simulator)

    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 403)
    assert ("Content-Range" in answer.headers) is (status == 206)
    if status == 206:
        assert 0 < len(answer.json()["items"]) < len(whole)


@pytest.mark.parametrize("provider", LISTS)
def test_text_of_another_encoding(simulator: Simulator, provider: str) -> None:
    """Text that a decoder takes for UTF-8 all the same would be no fault."""
    simulator.script(provider, "not-utf8")

    content = ask(simulator, provider).content

    with pytest.raises(UnicodeDecodeError):
        content.decode()
    assert records(json.loads(content.decode("latin-1")), provider)


@pytest.mark.parametrize("provider", LISTS)
def test_values_that_json_does_not_know(simulator: Simulator, provider: str) -> None:
    """A NaN, and an integer of 5,000 digits, must be in each record, beside all else."""
    honest = records(ask(simulator, provider).json(), provider)
    simulator.script(provider, "nan", "huge-integer")

    nan = records(json.loads(ask(simulator, provider).text), provider)
    text = ask(simulator, provider).text
    huge = records(json.loads(text, parse_int=str), provider)

    assert len(nan) == len(huge) == len(honest) > 0
    assert all(math.isnan(record["x_sim_value"]) for record in nan)
    assert {record["x_sim_value"] for record in huge} == {"9" * 5000}
    sent = Counter(frozenset({*record, "x_sim_value"}) for record in honest)
    assert Counter(map(frozenset, nan)) == Counter(map(frozenset, huge)) == sent


@pytest.mark.parametrize("provider", LISTS)
def test_each_key_comes_twice(simulator: Simulator, provider: str) -> None:
    """Keys that came twice with two values would leave no record that is the right one."""
    simulator.script(provider, "duplicate-keys")

    pairs = json.loads(ask(simulator, provider).content, object_pairs_hook=list)
    found = dict(pairs)[LISTS[provider]] if LISTS[provider] else pairs

    assert found
    for record in found:
        assert record[: len(record) // 2] == record[len(record) // 2 :]


@pytest.mark.parametrize("provider", LISTS)
def test_null_stands_for_nothing_only(simulator: Simulator, provider: str) -> None:
    """A null that stood for calls would lose them, whatever a client does."""
    simulator.persistent_faults[provider] = "null-for-nothing"
    assert records(ask(simulator, provider).json(), provider)

    simulator.world.calls(provider)[:] = []

    assert records(ask(simulator, provider).json(), provider) is None


@pytest.mark.parametrize("provider", LISTS)
def test_lists_that_are_not_there(simulator: Simulator, provider: str) -> None:
    """A null, or no list at all, beside a total that tells of records is a broken answer."""
    simulator.script(provider, "null-records", "no-list")

    null, none = (ask(simulator, provider).json() for _ in range(2))

    if provider == "ovia":
        assert (null, none) == (None, {})
    else:
        assert null[LISTS[provider]] is None
        assert LISTS[provider] not in none
        assert total(null) == total(none) != 0


@pytest.mark.parametrize(("kind", "told"), [("totals-zero", 0), ("totals-huge", 10**9)])
@pytest.mark.parametrize("provider", ["vonage", "voicy", "telnyx", "burki"])
def test_totals_that_are_wrong(simulator: Simulator, provider: str, kind: str, told: int) -> None:
    """A wrong total beside the right records is what a client must not go by."""
    simulator.script(provider, kind)

    answer = ask(simulator, provider).json()

    assert total(answer) == told
    assert records(answer, provider)
    if provider == "telnyx":
        assert answer["meta"]["total_pages"] == told


def test_a_cursor_that_is_a_list(simulator: Simulator) -> None:
    """A cursor of another type must come with the word that there is more, or nobody uses it."""
    simulator.script("vonage", "cursor-list")

    answer = ask(simulator, "vonage").json()

    assert answer["request_status"] == "TRUNCATED"
    assert isinstance(answer["cursor"], list)


@pytest.mark.parametrize("provider", ["vonage", "voicy", "telnyx", "burki"])
def test_pages_without_an_end(simulator: Simulator, provider: str) -> None:
    """Empty pages and pages of new records must go on for as long as anybody asks."""
    honest = records(ask(simulator, provider).json(), provider)
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
    assert len(set(ids)) == len(ids) == 2 * len(honest) > 0
    assert {total(answer) for answer in empty + new} == {10**9}
    if provider == "vonage":
        assert len({answer["cursor"] for answer in empty + new}) == 4


@pytest.mark.parametrize("provider", ["vonage", "voicy", "telnyx", "burki"])
def test_a_filter_that_is_ignored(simulator: Simulator, provider: str) -> None:
    """An answer that kept to the window after all would let a client pass that never looks."""
    honest = records(ask(simulator, provider).json(), provider)
    simulator.script(provider, "unfiltered")

    found = records(ask(simulator, provider).json(), provider)

    assert honest
    assert {started(record)[:10] for record in found} - {started(one)[:10] for one in honest}


def test_a_standing_fault_lasts_until_it_is_taken_away(simulator: Simulator) -> None:
    """A fault that passed by itself would not be what a hostile server is; others stay honest."""
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


def test_a_misspelt_standing_fault_is_refused(
    simulator: Simulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """A kind that nobody knows must not be taken for an honest server."""
    simulator.persistent_faults["burki"] = "bom"
    with pytest.raises(requests.ConnectionError):
        ask(simulator)
    assert "unknown fault: bom" in capfd.readouterr().err


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_had_of_every_provider(simulator: Simulator, kind: str) -> None:
    """A kind that broke the simulator would look like the fault itself, and test nothing."""
    simulator.options |= {"bomb_mb": 1, "endless_mb": 1, "slow_seconds": 0, "stall_seconds": 0}
    for provider in LISTS:
        simulator.script(provider, kind)
        try:
            ask(simulator, provider)
        except (requests.RequestException, OverflowError, MemoryError):
            assert kind in {"reset", "close", "cut", "stall", "length", "chunk", "endless"}
        assert simulator.requests[-1].fault == kind


def test_hostile_kinds_are_scheduled_as_the_others(simulator: Simulator) -> None:
    """A failing night must fail again with its seed."""
    drawn = [
        [Faults(seed=seed, rate=0.5, kinds=HOSTILE).draw("burki", number) for number in range(50)]
        for seed in (3, 3, 4)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    simulator.faults = Faults(rate=1, kinds=("null-records",))
    assert ask(simulator).json()["items"] is None
