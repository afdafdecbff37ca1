"""The direct way of records writes the lines of the SDK, and is used only if nothing needs them."""

from __future__ import annotations

import gzip
import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from support import Output, catalog_of, configuration, run_tap, simulator

from tap_voicecalls.output.writer import MessageWriter
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator

TIME_EXTRACTED = re.compile(rb',"time_extracted":"[^"]*"')
SIGNATURE = re.compile(rb"(url\":\"[^?\"]*)\?[^\"]*")


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """Simulate records with undocumented fields."""
    with simulator(unknown_fields=True) as made:
        yield made


@pytest.fixture
def sdk_only(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Send all records through the SDK, until it is undone."""
    monkeypatch.setattr(MessageWriter, "takes_lines", False)
    return monkeypatch


def written(config: dict[str, Any], **options: Any) -> list[bytes]:  # noqa: ANN401
    """Return the lines of a run, without what differs between runs."""
    out = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(out, encoding="utf-8", write_through=True)) as text:
        TapVoiceCalls(config=config, **options).sync_all()
        text.flush()
    plain = SIGNATURE.sub(rb"\1", TIME_EXTRACTED.sub(b"", out.getvalue()))
    return plain.splitlines()


def test_both_ways_write_the_same_lines(served: Simulator, sdk_only: pytest.MonkeyPatch) -> None:
    """They are the same byte for byte; a new release of the SDK may change them."""
    config = configuration(served)
    by_the_sdk = written(config)
    sdk_only.undo()

    directly = written(config)

    assert by_the_sdk == directly
    assert sum(line.startswith(b'{"type":"RECORD"') for line in directly) > 500


def test_time_extracted_has_the_format_of_the_sdk(served: Simulator) -> None:
    """Targets get a UTC time with an offset."""
    messages = run_tap(configuration(served, "burki")).of_type("RECORD")

    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"
    assert messages
    assert all(re.fullmatch(pattern, message["time_extracted"]) for message in messages)


def test_stream_maps_are_applied(served: Simulator) -> None:
    """The direct way must not bypass stream maps."""
    maps = {"stream_maps": {"burki_calls": {"status": "'seen'", "call_meta": None}}}

    records = run_tap({**configuration(served, "burki"), **maps}).records("burki_calls")

    assert {record["status"] for record in records} == {"seen"}
    assert all("call_meta" not in record for record in records)


def test_flattening_is_applied(served: Simulator) -> None:
    """Flattened records have a field for each nested field, and none that the SCHEMA lacks."""
    config = {
        **configuration(served, "ovia"),
        "flattening_enabled": True,
        "flattening_max_depth": 2,
    }

    output = run_tap(config)

    (schema,) = (each for each in output.of_type("SCHEMA") if each["stream"] == "ovia_calls")
    records = output.records("ovia_calls")
    assert "costs__details__tts_characters" in schema["schema"]["properties"]
    columns = schema["schema"]["properties"].keys()
    assert {key for record in records for key in record if record[key] is not None} <= columns
    assert any(record["costs__total"] for record in records)


def test_deselected_fields_are_left_out(served: Simulator) -> None:
    """Records lack fields that the catalog deselects."""
    config = configuration(served, "burki")
    catalog = catalog_of(config)
    for entry in entry_of(catalog, "burki_calls")["metadata"]:
        if list(entry["breadcrumb"]) == ["properties", "call_meta"]:
            entry["metadata"]["selected"] = False

    records = run_tap(config, catalog=catalog).records("burki_calls")

    assert records
    assert all("call_meta" not in record for record in records)


def test_batches_hold_the_same_records(served: Simulator, tmp_path: Path) -> None:
    """Records are written to files, each before the state that covers it."""
    batches = {
        "batch_config": {
            "encoding": {"format": "jsonl", "compression": "gzip"},
            "storage": {"root": tmp_path.as_uri()},
            "batch_size": 50,
        }
    }
    plain = run_tap(configuration(served, "burki"))

    output = run_tap({**configuration(served, "burki"), **batches})

    for stream, key in (("burki_calls", "id"), ("calls", "call_id")):
        found = [record[key] for record in batched(output, stream)]
        assert [record[key] for record in plain.records(stream)] == found
        assert found
    assert output.messages[-1]["type"] == "STATE"


def batched(output: Output, stream: str) -> Iterator[dict[str, Any]]:
    """Read the records of a stream from the files that its BATCH messages name."""
    for message in output.of_type("BATCH"):
        if message["stream"] == stream:
            for address in message["manifest"]:
                data = gzip.decompress(Path(urlsplit(address).path).read_bytes())
                yield from map(json.loads, data.splitlines())


def entry_of(catalog: dict[str, Any], stream: str) -> dict[str, Any]:
    """Return a stream's entry in the catalog."""
    (found,) = (entry for entry in catalog["streams"] if entry["tap_stream_id"] == stream)
    assert isinstance(found, dict)
    return found


def test_full_table_writes_everything(served: Simulator) -> None:
    """With FULL_TABLE in the catalog, all records are written and no bookmark."""
    config = configuration(served, "burki")
    catalog = catalog_of(config)
    entry_of(catalog, "burki_calls")["replication_method"] = "FULL_TABLE"

    output = run_tap(config, catalog=catalog)

    assert len(served.records("burki_calls")) == len(output.records("burki_calls"))
    assert "replication_key_value" not in json.dumps(output.of_type("STATE"))
