"""Burki's details, one request a call, and the lists that are read whole."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support import Output, catalog_of, configuration, parsed, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.records.secrets import REMOVED
from tap_voicecalls.simulator.apis.burki.dimensions import SECRET
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator

DETAILS = ("transcripts", "messages", "recordings", "metrics", "cost_entries")
PATHS = ("transcripts", "messages", "recordings", "metrics", "costs")
ALL = {f"burki_{name}": True for name in DETAILS}


@pytest.fixture
def served() -> Iterator[Simulator]:
    """Simulate all providers."""
    with simulator() as made:
        yield made


@pytest.fixture
def config(served: Simulator) -> dict[str, Any]:
    """Return a configuration for Burki, with a long lookback."""
    return configuration(served, "burki", lookback_hours=200)


def requested(served: Simulator, since: int = 0) -> Counter[str]:
    """Count the requests for details by their kind."""
    kinds = (request.path.rsplit("/", 1)[-1] for request in served.requests[since:])
    return Counter(kind for kind in kinds if kind in PATHS)


def test_details_cost_no_request_by_default(served: Simulator, config: dict[str, Any]) -> None:
    """A request for each call takes hours in an account that nobody asked it for."""
    output = run_tap(config)

    assert output.records("burki_calls")
    assert requested(served) == {}
    assert not {message["stream"] for message in output.of_type("SCHEMA")} & ALL.keys()


def test_each_detail_is_requested_once_for_each_call(
    served: Simulator, config: dict[str, Any]
) -> None:
    """The second run asks for the calls that changed, and for no others."""
    catalog = catalog_of(config, **ALL)
    first = run_tap(config, catalog=catalog)
    calls = len(served.records("burki_calls"))
    assert requested(served) == dict.fromkeys(PATHS, calls)

    already = len(served.requests)
    second = run_tap(config, catalog=catalog, state=first.state)
    assert requested(served, already) == {}
    assert [r for name in ALL for r in second.records(name)] == []
    assert len(second.records("burki_calls")) == calls

    changed = served.world.calls("burki")[3]
    served.world.change(changed, duration=changed.duration + 60)
    already = len(served.requests)
    third = run_tap(config, catalog=catalog, state=second.state)
    assert requested(served, already) == dict.fromkeys(PATHS, 1)
    assert {record["call_id"] for record in third.records("burki_metrics")} == {changed.number}


def test_a_call_in_all_common_streams(served: Simulator, config: dict[str, Any]) -> None:
    """What is written of a call is what the server tells of it, digit for digit."""
    output = run_tap(config, catalog=catalog_of(config, **ALL))
    call = next(call for call in served.world.calls("burki") if call.answered)
    number = str(call.number)

    def of_call(stream: str) -> list[dict[str, Any]]:
        return [row for row in output.records(stream) if row["call_id"] == number]

    said = [r for r in served.records("burki_transcripts") if r["call_id"] == call.number]
    (row,), turns = of_call("calls"), of_call("call_turns")
    assert [turn["text"] for turn in turns] == [each["content"] for each in said]
    assert {turn["role"] for turn in turns} <= {"caller", "agent"}
    assert (row["turns"], row["has_transcript"], row["stream"]) == (len(said), True, "burki_calls")
    assert row["response_seconds"] is not None
    lines = of_call("call_costs")
    entries = [line for line in lines if "/" in line["line"]]
    rests = {line["line"]: line["amount"] for line in lines if "/" not in line["line"]}
    assert [line["component"] for line in entries] == ["llm", "llm", "tts", "stt", "telephony"]
    assert {line["vendor"] for line in entries} == {"openai", "elevenlabs", "deepgram", "twilio"}
    assert set(rests) == {"llm", "tts", "stt", "telephony", "other"}
    assert {Decimal(rest) for rest in rests.values()} == {0}
    assert sum(Decimal(line["amount"]) for line in lines) == row["cost"]
    (recording,) = of_call("call_recordings")
    assert (recording["recording"], recording["media_type"]) == (number, "audio/mpeg")


def test_costs_without_entries_have_the_same_lines(config: dict[str, Any]) -> None:
    """Who selects the entries later must not find the old lines beside the new ones."""
    plain, detailed = (
        {(row["call_id"], row["line"]) for row in run.records("call_costs")}
        for run in (
            run_tap(config),
            run_tap(config, catalog=catalog_of(config, burki_cost_entries=True)),
        )
    )

    assert plain
    assert plain < detailed
    assert all("/" in line for _, line in detailed - plain)


@pytest.mark.parametrize("name", DETAILS)
def test_one_refusal_is_not_the_end(served: Simulator, config: dict[str, Any], name: str) -> None:
    """The others are read, and the refused one is requested again in the next run."""
    stream, kind = f"burki_{name}", PATHS[DETAILS.index(name)]
    call = served.world.calls("burki")[5]
    prefix = "/api/calls" if kind == "costs" else "/api/v1/calls"
    path = f"{prefix}/{call.number}/{kind}"
    served.options["burki_refused_details"] = {path: 403}
    catalog = catalog_of(config, **{stream: True})

    first = run_tap(config, catalog=catalog)
    assert call.number not in {record["call_id"] for record in first.records(stream)}
    assert len({record["call_id"] for record in first.records(stream)}) > 20
    assert str(call.number) in {row["call_id"] for row in first.records("calls")}

    served.options["burki_refused_details"] = {}
    already = len(served.requests)
    second = run_tap(config, catalog=catalog, state=first.state)
    assert requested(served, already) == {kind: 1}
    expected = [r for r in served.records(stream) if r["call_id"] == call.number]
    assert len(second.records(stream)) == len(expected)


def test_refused_details_of_all_calls_are_an_error(
    served: Simulator, config: dict[str, Any], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A key without the right to read transcripts must not look like calls without words."""
    numbers = [call.number for call in served.world.calls("burki")]
    paths = {f"/api/v1/calls/{number}/transcripts": 403 for number in numbers}
    served.options["burki_refused_details"] = paths

    with pytest.raises(RunError, match="burki_transcripts: 403"):
        TapVoiceCalls(config=config, catalog=catalog_of(config, **ALL)).sync_all()

    output: Output = parsed(capsysbinary.readouterr().out)
    assert output.records("burki_transcripts") == []
    assert output.records("burki_metrics")
    assert output.records("burki_calls")


def test_no_secret_of_an_assistant_is_written(
    config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Keys of model vendors lie inside assistants, at every depth and in undeclared fields."""
    output = run_tap(config)

    (first, *_) = output.records("burki_assistants")
    assert first["llm_provider_config"]["api_key"] == REMOVED
    assert first["llm_provider_config"]["model"] == "gpt-4o-mini"
    assert first["additional_fields"]["api_keys"] == REMOVED
    assert output.records("burki_flows")
    assert SECRET not in json.dumps(output.messages, default=str) + caplog.text


def test_lists_are_read_whole(served: Simulator, config: dict[str, Any]) -> None:
    """A server with shorter pages than requested must not end the list early."""
    served.page_sizes["burki"] = 2

    output = run_tap(config, state=run_tap(config).state)

    for stream in ("burki_assistants", "burki_flows", "burki_phone_numbers"):
        found = [record["id"] for record in output.records(stream)]
        assert found == sorted(record["id"] for record in served.records(stream))  # type: ignore[type-var]
    assert len(output.records("burki_assistants")) > 2
