"""The stream `calls`: all calls of all providers, without a request of its own."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import registry
from jsonschema import Draft202012Validator
from support import Output, catalog_of, configuration, parsed, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator

# The stream of each provider that lists its calls, one record a call.
LISTS = {
    "vonage": "vonage_voice_reports",
    "voicy": "voicy_calls",
    "telnyx": "telnyx_detail_records",
    "burki": "burki_calls",
    "ovia": "ovia_calls",
}
DETAILS_ONLY = {
    "stream",
    "has_recording",
    "has_transcript",
    "cost",
    "currency",
    "agent_id",
    "summary",
    "turns",
    "response_seconds",
}


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """A simulator of all providers."""
    with simulator() as made:
        yield made


@pytest.fixture(scope="module")
def output(served: Simulator) -> Output:
    """What a run with everything selected writes."""
    return run_tap(configuration(served))


def calls_alone(served: Simulator) -> Output:
    """Run with `calls` selected and nothing else."""
    config = configuration(served)
    others = dict.fromkeys((*registry.STREAMS, *registry.COMMON), False)
    return run_tap(config, catalog=catalog_of(config, **(others | {"calls": True})))


def by_key(calls: list[dict[str, Any]]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Index calls by their key."""
    return {(call["provider"], call["account"], call["call_id"]): call for call in calls}


@pytest.mark.parametrize("provider", LISTS)
def test_each_call_is_there_once(served: Simulator, output: Output, provider: str) -> None:
    """A call that a provider lists and `calls` lacks makes every sum wrong."""
    products = {"products": ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS"]}
    truth = served.records(LISTS[provider], **(products if provider == "vonage" else {}))

    calls = [call for call in output.records("calls") if call["provider"] == provider]

    assert len(calls) == len(by_key(calls)) == len(truth) > 100


def test_each_call_is_valid(output: Output) -> None:
    """A target that validates accepts every call."""
    (schema,) = (each for each in output.of_type("SCHEMA") if each["stream"] == "calls")
    validator = Draft202012Validator(schema["schema"])

    calls = output.records("calls")
    errors = [e.message for call in calls for e in validator.iter_errors(call)]

    assert len(calls) > 500
    assert errors == []
    assert schema["key_properties"] == ["provider", "account", "call_id"]


@pytest.mark.parametrize("provider", LISTS)
def test_each_normalized_field_is_known_for_some_call(output: Output, provider: str) -> None:
    """A mapping of values that no record has would leave a whole column unknown."""
    calls = [call for call in output.records("calls") if call["provider"] == provider]

    fields = {"direction", "status", "channel"}
    known = {name for name in fields for call in calls if call[name] != "unknown"}

    never_sent = {"telnyx": {"status"}}.get(provider, set())
    assert known == fields - never_sent


def test_calls_cost_no_request() -> None:
    """With and without the common streams the same requests are sent."""
    asked = []
    for selected in (True, False):
        with simulator() as own:
            config = configuration(own)
            run_tap(config, catalog=catalog_of(config, **dict.fromkeys(registry.COMMON, selected)))
            asked.append(Counter((r.provider, r.method, r.path) for r in own.requests))

    assert asked[0] == asked[1]
    assert asked[0].keys()


def test_calls_add_one_schema_and_no_state(served: Simulator, output: Output) -> None:
    """A STATE for each call, or a SCHEMA for each window, would slow every target down."""
    config = configuration(served)
    none = dict.fromkeys(registry.COMMON, False)
    without = run_tap(config, catalog=catalog_of(config, **none))

    schemas = Counter(message["stream"] for message in output.of_type("SCHEMA"))
    bookmarks = output.state["bookmarks"]
    assert {schemas[name] for name in none} == {1}
    assert len(output.of_type("STATE")) <= len(without.of_type("STATE")) + len(none)
    assert [bookmarks[name] for name in none] == [{}] * len(none)
    assert bookmarks.keys() - none.keys() == without.state["bookmarks"].keys()


def test_calls_alone_are_the_same(served: Simulator, output: Output) -> None:
    """Selected alone, `calls` is complete; Voicy's come from the list alone."""
    already = len(served.requests)

    alone = calls_alone(served)

    together, apart = by_key(output.records("calls")), by_key(alone.records("calls"))
    assert {message["stream"] for message in alone.of_type("SCHEMA")} == {"calls"}
    assert together.keys() == apart.keys()
    assert len(apart) > 500
    for key, call in apart.items():
        skipped = DETAILS_ONLY if key[0] == "voicy" else set()
        assert {n: v for n, v in call.items() if n not in skipped} == {
            n: v for n, v in together[key].items() if n not in skipped
        }
    assert not any("call-get" in request.path for request in served.requests[already:])


def test_calls_alone_resume_from_the_bookmark(served: Simulator) -> None:
    """The bookmarks are those of the streams that feed `calls`; their records are not written."""
    state = calls_alone(served).state
    config = configuration(served, lookback_hours=1)

    again = run_tap(
        config, catalog=catalog_of(config, **dict.fromkeys(registry.STREAMS, False)), state=state
    )

    assert 0 < len(again.records("calls")) < 100


def without_fields(config: dict[str, Any], stream: str, *fields: str) -> dict[str, Any]:
    """Return a catalog with some fields of a stream deselected."""
    catalog = catalog_of(config)
    (entry,) = (each for each in catalog["streams"] if each["stream"] == stream)
    for item in entry["metadata"]:
        if list(item["breadcrumb"])[-1:] and item["breadcrumb"][-1] in fields:
            item["metadata"]["selected"] = False
    return catalog


def test_fields_of_calls_can_be_deselected(served: Simulator, output: Output) -> None:
    """A user who must not keep phone numbers can leave them out of `calls` too."""
    config = configuration(served)
    catalog = without_fields(config, "calls", "from_number", "to_number")

    calls = run_tap(config, catalog=catalog).records("calls")

    numbers = {"from_number", "to_number"}
    kept = [{n: v for n, v in c.items() if n not in numbers} for c in output.records("calls")]
    assert kept == calls
    assert len(calls) > 500


def test_fields_deselected_in_the_source_are_still_used(served: Simulator, output: Output) -> None:
    """A field that is deselected in a provider's stream is still used in `calls`."""
    config = configuration(served)
    catalog = without_fields(config, "burki_calls", "status", "total_cost", "started_at")

    again = run_tap(config, catalog=catalog)

    assert again.records("calls") == output.records("calls")
    assert "status" not in again.records("burki_calls")[0]


def test_stream_maps_are_applied_to_calls(served: Simulator) -> None:
    """Fields can be dropped and calls filtered, as in any stream."""
    maps = {"calls": {"from_number": None, "__filter__": "status == 'failed'"}}

    output = run_tap(configuration(served, stream_maps=maps))

    calls = output.records("calls")
    assert {call["status"] for call in calls} == {"failed"}
    assert not any("from_number" in call for call in calls)


def test_a_call_is_written_before_the_state_that_covers_it(output: Output) -> None:
    """A crash between the two would lose it: the next run does not read it again."""
    written: set[str] = set()
    for message in output.messages:
        if message["type"] == "RECORD" and message["stream"] == "calls":
            written.add(message["record"]["call_id"])
        elif message["type"] == "RECORD" and message["stream"] == "burki_calls":
            assert str(message["record"]["id"]) in written
    assert len(written) > 500


def test_one_provider_that_fails_leaves_the_others_complete(
    served: Simulator, output: Output, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A wrong key of one provider costs the others no call."""
    config = configuration(served)
    config["burki"]["api_key"] = "wrong"
    whole = [call for call in output.records("calls") if call["provider"] != "burki"]

    with pytest.raises(RunError, match="401"):
        TapVoiceCalls(config=config).sync_all()

    calls = parsed(capsysbinary.readouterr().out).records("calls")
    assert len(calls) > 400
    assert Counter(c["provider"] for c in whole) == Counter(c["provider"] for c in calls)


def test_two_accounts_do_not_mix(served: Simulator) -> None:
    """The same number of two accounts is two calls."""
    config = configuration(served, "burki")
    config["burki"]["accounts"] = [{"account": "one"}, {"account": "two"}]

    calls = run_tap(config).records("calls")

    assert Counter(c["account"] for c in calls) == dict.fromkeys(("one", "two"), len(calls) // 2)


def test_an_unmapped_status_is_logged_once(
    served: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """A status that is not in the mapping is unknown, kept as sent, and counted in the log."""

    def invent(_: str, record: dict[str, object]) -> None:
        if record.get("status") == "completed":
            record["status"] = "teleported"

    undo = served.on_record(invent)
    with caplog.at_level(logging.WARNING):
        calls = run_tap(configuration(served, "burki")).records("calls")
    undo()

    unknown = [call["provider_status"] for call in calls if call["status"] == "unknown"]
    lines = [record.message for record in caplog.records if "reported as unknown" in record.message]
    assert set(unknown) == {"teleported"}
    assert len(lines) == 1
    assert f"burki 'teleported' {len(unknown)} times" in lines[0]


def test_every_provider_feeds_calls() -> None:
    """A provider whose streams feed no calls would be missing from `calls` silently."""
    assert all(set(each.calls_from) <= set(each.streams) and each.calls_from for each in PROVIDERS)
