"""Retell's calls: ranges, keys of pages, calls without a start, cents, details, secrets."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support import START, catalog_of, configuration, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.records.secrets import REMOVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_httpserver import HTTPServer

    from tap_voicecalls.simulator import Simulator

STREAM, DETAILS = "retell_calls", "retell_call_details"
# Retell's Python SDK, call_list_params.py.
ALLOWED = {"filter_criteria", "sort_order", "limit", "pagination_key", "skip", "include_total"}
PLANTED = "s3cr3t-of-a-call"


@pytest.fixture
def served() -> Iterator[Simulator]:
    """Simulate all providers."""
    with simulator() as made:
        yield made


def ids(records: list[dict[str, Any]]) -> Counter[str]:
    """Count the ids of calls."""
    return Counter(str(record["call_id"]) for record in records)


def up_to_now(served: Simulator) -> dict[str, Any]:
    """Return a configuration of a scheduled run: only those look for calls without a start."""
    return {key: v for key, v in configuration(served, "retell").items() if key != "end_date"}


@pytest.mark.parametrize("place", ["first", "mixed", "last"])
@pytest.mark.parametrize("shows", [True, False])
@pytest.mark.parametrize("inclusive", [True, False])
def test_each_call_comes_once_with_a_start_or_without(
    served: Simulator, place: str, *, shows: bool, inclusive: bool
) -> None:
    """Whether a range shows calls without a start, and where they are sorted, is not documented."""
    served.options |= {
        "retell_unstarted": True,
        "retell_unstarted_place": place,
        "retell_filter_shows_unstarted": shows,
        "retell_inclusive": inclusive,
    }
    served.page_sizes["retell"] = 4
    for seconds in (-0.001, 0, 0.001):
        start = START + timedelta(days=1, seconds=seconds)
        served.world.add("retell", start=start, outcome="completed")

    output = run_tap(up_to_now(served))

    truth = served.records(STREAM)
    unstarted = [record for record in truth if record["start_timestamp"] is None]
    assert len(unstarted) > len(truth) / 50
    assert ids(output.records(STREAM)) == ids(truth)
    bodies: list[Any] = [request.body for request in served.requests]
    assert {name for body in bodies for name in body} <= ALLOWED
    statuses = [body["filter_criteria"].get("call_status") for body in bodies]
    assert {"type": "enum", "op": "in", "value": ["not_connected", "error"]} in statuses


def test_a_run_with_nothing_new_sends_two_requests(served: Simulator) -> None:
    """A scheduled run must not read the list of years for calls without a start."""
    config = up_to_now(served)
    first = run_tap(config)
    before = len(served.requests)

    again = run_tap(config, state=first.state)

    assert len(served.requests) - before == 2
    assert set(ids(again.records(STREAM))) <= set(ids(first.records(STREAM)))


def test_a_key_on_the_last_page_is_not_followed(served: Simulator) -> None:
    """Only `has_more` counts; a request after the last page would tell nothing."""
    run_tap(configuration(served, "retell"))

    bodies: list[Any] = [request.body for request in served.requests]
    assert bodies
    assert {body.get("pagination_key") for body in bodies} == {None}


def test_details_are_requested_once(served: Simulator) -> None:
    """Each costs a request, and the analysis comes after the end."""
    config = configuration(served, "retell", lookback_hours=240)
    catalog = catalog_of(config, retell_call_details=True)
    first = run_tap(config, catalog=catalog)
    before = len(served.requests)
    again = run_tap(config, catalog=catalog, state=first.state)

    paths = [request.path for request in served.requests]
    assert ids(first.records(DETAILS)) == ids(served.records(DETAILS))
    assert sum("/get-call/" in path for path in paths[:before]) == len(served.records(DETAILS))
    assert not any("/get-call/" in path for path in paths[before:])
    assert again.records(DETAILS) == []


def test_a_call_in_all_common_streams(served: Simulator) -> None:
    """Amounts are cents, and a discount is a line of its own; a tool stands where it was called."""
    config = configuration(served, "retell")
    output = run_tap(config, catalog=catalog_of(config, retell_call_details=True))

    calls = {call["call_id"]: call for call in output.records("calls")}
    sent: dict[str, Any] = {
        str(r["call_id"]): r for r in served.records(DETAILS) if r.get("call_cost")
    }
    assert sent
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in output.records("call_costs"):
        lines.setdefault(line["call_id"], []).append(line)
    for key, record in sent.items():
        total = sum((Decimal(line["amount"]) for line in lines[key]), Decimal(0))
        assert calls[key]["cost"] == record["call_cost"]["combined_cost"] / 100 == total
        rest = {line["line"]: line["amount"] for line in lines[key]}["other"]
        assert rest in {0, Decimal("-0.005")}
    components = {line["component"] for of_call in lines.values() for line in of_call}
    assert components == {"tts", "llm", "platform", "telephony", "analysis", "transfer", "other"}
    key = next(iter(sent))
    turns = [turn for turn in output.records("call_turns") if turn["call_id"] == key]
    assert [turn["provider_role"] for turn in turns[:4]] == [
        "agent",
        "user",
        "tool_call_invocation",
        "tool_call_result",
    ]
    assert [turn["role"] for turn in turns[:4]] == ["agent", "caller", "tool", "tool"]
    assert turns[0]["duration_seconds"] > 0
    assert turns[2]["tool_arguments"] == '{"day": "Tuesday"}'
    assert (turns[3]["tool_result"], turns[3]["tool_failed"]) == ('{"ok": true}', False)


@pytest.mark.parametrize("name", ["access_token", "accessToken", "ACCESS-TOKEN"])
def test_access_tokens_are_removed(
    served: Simulator, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Who has the token of a web call can join it."""

    def plant(_: str, record: dict[str, Any]) -> None:
        record |= {name: PLANTED, "metadata": {"web": [{name: PLANTED}]}, "x": {name: PLANTED}}
        record["custom_sip_headers"] = {"X-Key": PLANTED}
        record["recording_url"] = "https://files.example/a.wav?X-Amz-Signature=abc"

    served.on_record(plant)
    config = configuration(served, "retell")
    output = run_tap(config, catalog=catalog_of(config, retell_call_details=True))

    assert PLANTED not in str(output.messages) + caplog.text
    record = output.records(STREAM)[0]
    assert record["metadata"] == {"web": [{name: REMOVED}]}
    assert record["recording_url"].endswith("X-Amz-Signature=abc")


def test_a_repeated_key_is_an_error(httpserver: HTTPServer) -> None:
    """A server that goes in circles must not be read for ever."""
    body = {"items": [{"call_id": "c1", "start_timestamp": 1767600000000}], "has_more": True}
    httpserver.expect_request("/v3/list-calls").respond_with_json(body | {"pagination_key": "k"})
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}

    with pytest.raises(RunError, match="repeated a page"):
        run_tap({"start_date": "2026-01-05", "end_date": "2026-01-06", "retell": own})
