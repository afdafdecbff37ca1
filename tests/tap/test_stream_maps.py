"""Stream maps, flattening and batches: records match their SCHEMA, and amounts are exact."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import registry
from jsonschema import validate
from singer_sdk.exceptions import ConfigValidationError
from support import Output, catalog_of, run_tap

from tap_voicecalls.output.stream_maps import MapError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

    Record = dict[str, Any]

DETAILS = {"tts_characters": 12, "llm_prompt_tokens": 7}
CALLS: list[Record] = [
    {"id": "o-1", "agent": {"name": "Ann"}, "costs": {"total": 0.1, "details": DETAILS}},
    {"id": "o-2", "agent": None, "costs": {"total": None, "details": None}, "metadata": None},
    {"id": "o-3", "agent": {}, "costs": None, "metadata": {"rule_id": "r", "odd": [1]}},
    {"id": "o-4", "agent": ["odd"], "costs": {"llm": 0.01, "details": "odd"}, "metadata": {}},
]


@pytest.fixture
def config(httpserver: HTTPServer) -> Record:
    """Serve four calls of Ovia whose nested objects are there, empty, null or something else."""
    calls = [call | {"started_at": "2026-01-05T08:00:00Z", "duration": 60} for call in CALLS]
    httpserver.expect_request("/api/v1/calls").respond_with_json(calls)
    address = httpserver.url_for("").rstrip("/")
    return {"start_date": "2026-01-01", "ovia": {"api_key": "k", "base_url": address}}


def schemas(output: Output) -> dict[str, Any]:
    """Return the SCHEMA of each stream."""
    return {message["stream"]: message["schema"] for message in output.of_type("SCHEMA")}


def assert_fits(record: Record, schema: Record) -> None:
    """Check that a record has exactly the fields of its SCHEMA, with their types."""
    assert set(record) == set(schema["properties"])
    validate(record, schema)


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize(
    "maps",
    [
        {},
        {"ovia_calls": {"cost": "duration and 1", "agent_id": None}, "calls": {"x": "cost"}},
        {
            "ovia_calls": {
                "account": "account",
                "id": "id",
                "agent": "agent",
                "__else__": "__NULL__",
            }
        },
        {"ovia_calls": {"__alias__": "other"}},
    ],
    ids=["none", "fields", "few", "alias"],
)
def test_flattened_records_have_the_fields_of_their_schema(
    config: Record, depth: int, maps: Record
) -> None:
    """Targets that write CSV take fields in order: a missing one shifts the columns."""
    output = run_tap(
        config
        | {"flattening_enabled": True, "flattening_max_depth": depth, "stream_maps": dict(maps)}
    )

    found = output.of_type("RECORD")
    assert len([message for message in found if message["stream"] != "call_costs"]) == 8
    for message in found:
        assert_fits(message["record"], schemas(output)[message["stream"]])


def test_flattened_records_keep_their_values(config: Record) -> None:
    """Filling missing fields with null must not overwrite values."""
    output = run_tap(config | {"flattening_enabled": True, "flattening_max_depth": 5})

    names = ("agent__name", "costs__total", "costs__details__tts_characters", "metadata__rule_id")
    assert [[record[name] for name in names] for record in output.records("ovia_calls")] == [
        ["Ann", Decimal("0.1"), 12, None],
        [None, None, None, None],
        [None, None, None, "r"],
        [None, None, None, None],
    ]
    odd = [json.loads(each["additional_fields"] or "{}") for each in output.records("ovia_calls")]
    assert odd == [
        {},
        {},
        {"metadata": {"odd": [1]}},
        {"agent": ["odd"], "costs": {"details": "odd"}},
    ]


@pytest.mark.parametrize("flat", [{}, {"flattening_enabled": True, "flattening_max_depth": 5}])
def test_batches_match_their_schema(config: Record, flat: Record, tmp_path: Path) -> None:
    """Without stream maps, batches would contain fields that the user removed."""
    mine = {"duration": None, "minutes": "duration / 60", "__filter__": "id != 'o-2'"}
    maps: Record = {"ovia_calls": mine}
    batches = {"encoding": {"format": "jsonl"}, "storage": {"root": f"file://{tmp_path}"}}
    output = run_tap(config | flat | {"batch_config": batches, "stream_maps": maps})

    found = {
        message["stream"]: [
            json.loads(line)
            for file in message["manifest"]
            for line in gzip.decompress(
                Path(file.removeprefix("file://")).read_bytes()
            ).splitlines()
        ]
        for message in output.of_type("BATCH")
    }
    assert [record["id"] for record in found["ovia_calls"]] == ["o-1", "o-3", "o-4"]
    assert len(found["calls"]) == 4
    for stream, records in found.items():
        for record in records:
            assert_fits(record, schemas(output)[stream])


@pytest.mark.parametrize(
    ("maps", "expected"),
    [
        ({"ovia_calls": "__NULL__"}, set()),
        ({"copy": {"__source__": "ovia_calls", "x": "1"}}, {"ovia_calls", "copy"}),
    ],
    ids=["removed", "copied"],
)
def test_streams_with_several_maps_or_none_have_no_batches(
    config: Record, maps: Record, expected: set[str], tmp_path: Path
) -> None:
    """The SDK announces the same file for each map of a stream, even for one that removes it."""
    batches = {"encoding": {"format": "jsonl"}, "storage": {"root": f"file://{tmp_path}"}}
    output = run_tap(config | {"batch_config": batches, "stream_maps": maps})

    assert {message["stream"] for message in output.of_type("BATCH")} == {"calls", "call_costs"}
    assert set(schemas(output)) == {*registry.COMMON, *expected}
    assert {message["stream"] for message in output.of_type("RECORD")} == expected


@pytest.mark.parametrize("unselected", ["ovia_calls", "calls"])
def test_a_map_of_a_deselected_stream_is_ignored(config: Record, unselected: str) -> None:
    """One configuration may be used with several catalogs, so such a map must not end the run."""
    maps = {name: {"x": "1", "account": "'a'"} for name in ("ovia_calls", "calls", "burki_calls")}
    others = dict.fromkeys((*registry.COMMON, "ovia_calls"), False)
    (selected,) = {"ovia_calls", "calls"} - {unselected}
    catalog = catalog_of(config, **(others | {selected: True}))
    output = run_tap(config | {"stream_maps": maps}, catalog=catalog)

    assert {message["stream"] for message in output.of_type("RECORD")} == {selected}
    assert [record["x"] for record in output.records(selected)] == [1] * 4


def test_a_map_of_no_stream_is_refused(config: Record) -> None:
    """The fields of a misspelt stream would not be hashed."""
    maps: Record = {"call": {"x": "1"}, "burki_calls": {"x": "1"}, "*_calls": {"x": "1"}}
    maps["mine"] = {"__source__": "calls"}
    with pytest.raises(ConfigValidationError) as caught:
        TapVoiceCalls(config=config | {"stream_maps": maps})

    assert caught.value.errors == [
        "`stream_maps.call`: there is no stream 'call'; did you mean `calls`?"
    ]


def test_amounts_in_a_map_are_exact(config: Record) -> None:
    """An amount times a float is an exact decimal, and null stays null."""
    maps = {"calls": {"euros": "cost * 0.92", "__filter__": "duration_seconds > 0.5"}}
    output = run_tap(config | {"stream_maps": maps})

    euros = [record["euros"] for record in output.records("calls")]
    assert euros == [Decimal("0.092"), None, None, None]
    assert schemas(output)["calls"]["properties"]["euros"] == {"type": ["number", "null"]}


@pytest.mark.parametrize(
    ("maps", "line"),
    [
        (
            {"calls": {"x": "2 / 0"}},
            "`stream_maps.calls.x` cannot be evaluated: ZeroDivisionError in: 2 / 0",
        ),
        (
            {"ovia_calls": {"x": "(("}},
            "`stream_maps.ovia_calls` cannot be parsed: Failed to parse expression ((.",
        ),
    ],
)
def test_an_invalid_map_ends_the_run(config: Record, maps: Record, line: str) -> None:
    """It is a wrong setting, reported in one line before more is read."""
    with pytest.raises(MapError) as caught:
        run_tap(config | {"stream_maps": maps})

    assert str(caught.value) == line


@pytest.mark.parametrize(
    "maps",
    [{"ovia_calls": {"__else__": "x"}}, {"ovia_calls": 5}, {"ovia_calls": {"x": 5}}, [], "x"],
    ids=str,
)
def test_maps_of_the_wrong_type_are_refused(config: Record, maps: object) -> None:
    """The SDK's schema of maps is invalid, and would make wrong maps a traceback."""
    with pytest.raises(ConfigValidationError) as caught:
        TapVoiceCalls(config=config | {"stream_maps": maps})

    (line,) = caught.value.errors
    assert line.startswith("`stream_maps")
