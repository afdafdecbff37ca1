"""Calls without a start time: they are in no window, and are read all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scripted_calls import Burki, Voicy, ago
from support import Output, catalog_of, run_tap

from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

LISTS = {"burki": ("burki_calls", "id"), "voicy": ("voicy_calls", "call_id")}
PAGE = 1000
each_list = pytest.mark.parametrize("provider", LISTS)


@pytest.fixture
def burki(httpserver: HTTPServer) -> Burki:
    """A Burki without calls."""
    return Burki(httpserver)


@pytest.fixture
def voicy(httpserver: HTTPServer) -> Voicy:
    """A Voicy without calls."""
    return Voicy(httpserver)


def unfiltered(asked: list[Any]) -> list[Any]:
    """Return the list requests without a time filter."""
    return [
        query
        for query in asked
        if isinstance(query, dict) and not {"filter_criteria", "date_from"} & query.keys()
    ]


def listed(provider: str, config: dict[str, Any], **options: object) -> list[dict[str, Any]]:
    """Read a provider's list alone, and return its records."""
    stream, _ = LISTS[provider]
    catalog = catalog_of(config, voicy_call_details=False)
    return run_tap(config, catalog=catalog, **options).records(stream)


def bookmark(output: Output, stream: str) -> str:
    """Return a stream's bookmark."""
    (partition,) = output.state["bookmarks"][stream]["partitions"]
    return str(partition["replication_key_value"])


def test_burki_calls_without_start_are_found(burki: Burki) -> None:
    """A call that failed before it began would be missing from every run."""
    burki.add(1, ago(hours=5))
    burki.add(2, None, status="failed")

    output = run_tap(burki.config(start_date=ago(hours=20).isoformat()))

    assert [(r["id"], r["started_at"]) for r in output.records("burki_calls")][1:] == [(2, None)]
    (call,) = (each for each in output.records("calls") if each["call_id"] == "2")
    assert (call["started_at"], call["status"]) == (None, "failed")
    assert bookmark(output, "burki_calls") > ago(hours=1).isoformat()
    assert len(unfiltered(burki.asked)) == 1


def test_voicy_calls_without_start_are_found(voicy: Voicy) -> None:
    """A call that was canceled before it began would be missing, and so would its details."""
    voicy.add("c-1", ago(hours=5))
    voicy.add("c-2", None, call_status="canceled", duration_ms=None)
    voicy.add("c-3", None, call_status="ended")

    output = run_tap(voicy.config(start_date=ago(hours=20).isoformat()))

    for stream in ("voicy_calls", "voicy_call_details", "calls"):
        assert sorted(record["call_id"] for record in output.records(stream)) == [
            "c-1",
            "c-2",
            "c-3",
        ]
        assert bookmark(output, "voicy_calls") > ago(hours=1).isoformat()
    # Nobody can have spoken in a call that was canceled before it began.
    assert voicy.details == ["c-1", "c-3"]


@pytest.mark.parametrize("nulls_first", [True, False])
def test_both_ends_of_a_long_list_are_read(burki: Burki, *, nulls_first: bool) -> None:
    """Databases sort nulls first or last: reading one end alone may miss them."""
    burki.nulls_first = nulls_first
    for number in range(PAGE + 200):
        burki.add(number, ago(hours=5, seconds=number))
    burki.add(5000, None)

    records = listed("burki", burki.config(start_date=ago(days=3).isoformat()))

    assert sorted(record["id"] for record in records) == [*range(PAGE + 200), 5000]
    assert len(unfiltered(burki.asked)) == 2


def test_both_ends_of_voicys_list_are_read(voicy: Voicy) -> None:
    """Where nulls are sorted last, the oldest page has no call without a start."""
    for number in range(PAGE + 200):
        voicy.add(f"c-{number}", ago(hours=5, seconds=number))
    voicy.add("odd", None)

    records = listed("voicy", voicy.config(start_date=ago(days=3).isoformat()))

    assert len(records) == PAGE + 201
    assert [record["call_id"] for record in records if not record["started_at"]] == ["odd"]
    assert len(unfiltered(voicy.asked)) == 2


@each_list
def test_more_than_a_page_of_calls_without_start_is_read(
    httpserver: HTTPServer, provider: str
) -> None:
    """A campaign that fails leaves thousands of calls that never began."""
    served: Any = {"burki": Burki, "voicy": Voicy}[provider](httpserver)
    many = 2 * PAGE + 300
    for number in range(many):
        served.add(number if provider == "burki" else f"c-{number:04}", None)
    served.add(9999 if provider == "burki" else "c-9999", ago(hours=5))

    records = listed(provider, served.config(start_date=ago(days=3).isoformat()))

    assert len(records) == len({record[LISTS[provider][1]] for record in records}) == many + 1


@each_list
def test_a_run_with_an_end_date_skips_calls_without_start(
    httpserver: HTTPServer, provider: str
) -> None:
    """If two shards of a backfill both wrote such a call, they would collide in the target."""
    served: Any = {"burki": Burki, "voicy": Voicy}[provider](httpserver)
    served.add(1 if provider == "burki" else "c-1", ago(hours=5))
    served.add(2 if provider == "burki" else "c-2", None)
    bounds = {"start_date": ago(days=3).isoformat(), "end_date": ago(hours=1).isoformat()}

    records = listed(provider, served.config(**bounds))

    assert len(records) == 1
    assert unfiltered(served.asked) == []


def test_a_server_that_requires_a_filter_is_logged(
    voicy: Voicy, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that refuses requests without a filter does not end the run."""
    voicy.add("c-1", ago(hours=5))
    voicy.refuses_unfiltered = True

    records = listed("voicy", voicy.config(start_date=ago(hours=20).isoformat()))

    assert len(records) == 1
    assert "calls without a start could not be read in this run" in caplog.text


def test_a_connection_test_does_not_read_calls_without_start(burki: Burki) -> None:
    """`--test` asks for one record, not for pages."""
    burki.add(1, ago(hours=5))
    config = burki.config(start_date=ago(hours=20).isoformat())

    TapVoiceCalls(config=config).run_connection_test()

    assert burki.asked
    assert unfiltered(burki.asked) == []
