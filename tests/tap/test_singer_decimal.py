"""`use_singer_decimal`: numbers as text of a format of which targets make an exact DECIMAL."""

from __future__ import annotations

import gzip
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import registry
from support import Output, catalog_of, configuration, run_tap, simulator

from tap_voicecalls.common.singer_decimal import fits, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_httpserver import HTTPServer

    from tap_voicecalls.simulator import Simulator

    Record = dict[str, Any]

ON = {"use_singer_decimal": True}
DECIMAL = {"type": ["string", "null"], "format": "x-singer.decimal", "precision": 38, "scale": 18}


@pytest.fixture
def served() -> Iterator[Simulator]:
    """Simulate all providers."""
    with simulator(calls_per_day=6) as made:
        yield made


def schemas(output: Output) -> dict[str, Any]:
    """Return the properties of each stream's SCHEMA."""
    return {each["stream"]: each["schema"]["properties"] for each in output.of_type("SCHEMA")}


def expected(value: Any, field: Record) -> Any:  # noqa: ANN401 - any JSON
    """Return a value as it should be with the setting, by the SCHEMA without it."""
    if value is None:
        return None
    if "properties" in field and isinstance(value, dict):
        return {
            name: expected(each, field["properties"].get(name, {})) for name, each in value.items()
        }
    kinds = field.get("type", [])
    return text_of(value) if "number" in kinds and set(kinds) <= {"number", "null"} else value


def test_every_number_of_every_stream_is_exact_text(served: Simulator) -> None:
    """A number that stays one becomes a float in most targets."""
    config = configuration(served)
    every = dict.fromkeys(registry.STREAMS, True)
    plain = run_tap(config, catalog=catalog_of(config, **every))
    texts = run_tap(config | ON, catalog=catalog_of(config | ON, **every))

    before, after = schemas(plain), schemas(texts)
    assert before.keys() == after.keys()
    changed = 0
    for stream, fields in before.items():
        for name, field in fields.items():
            if field.get("type") in (["number", "null"], ["number"]):
                assert after[stream][name] == field | DECIMAL, (stream, name)
                changed += 1
        records = [
            {name: expected(value, fields[name]) for name, value in record.items()}
            for record in plain.records(stream)
        ]
        assert unsigned(texts.records(stream)) == unsigned(records), stream
    assert changed > 80


def unsigned(records: list[Record]) -> str:
    """Return records without the signatures of links, which are new in each answer."""
    text = json.dumps(records, default=str)
    return re.sub(r"[?&](?:expires|sig|X-Amz|Expires|token)[^\"]*", "", text)


def ovia(server: HTTPServer, **costs: object) -> Record:
    """Serve a call of Ovia with costs; return the configuration."""
    call = {"id": "o-1", "started_at": "2026-01-05T08:00:00Z", "costs": costs, "duration": 60}
    server.expect_request("/api/v1/calls").respond_with_data(
        json.dumps([call]).replace('"@', "").replace('@"', ""), content_type="application/json"
    )
    address = server.url_for("").rstrip("/")
    return {"start_date": "2026-01-01", "ovia": {"api_key": "k", "base_url": address}, **ON}


def test_a_number_that_would_be_rounded_is_kept_beside_it(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A target would round it, or refuse the whole load."""
    config = ovia(httpserver, total="@0.1234567890123456789@", llm="@123456789012345678901@")
    output = run_tap(config)

    (record,) = output.records("ovia_calls")
    assert (record["costs"]["total"], record["costs"]["llm"]) == (None, None)
    assert record["additional_fields"]["costs"] == {
        "total": Decimal("0.1234567890123456789"),
        "llm": 123456789012345678901,
    }
    assert output.records("calls")[0]["cost"] is None
    assert (
        "ovia_calls: numbers that a DECIMAL(38, 18) would round are null: costs (1)" in caplog.text
    )
    assert "calls: numbers that a DECIMAL(38, 18) would round are null" in caplog.text


@pytest.mark.parametrize("flat", [{}, {"flattening_enabled": True, "flattening_max_depth": 3}])
def test_expressions_of_stream_maps_see_numbers(httpserver: HTTPServer, flat: Record) -> None:
    """A text times a number would fail, or repeat the text."""
    config = ovia(httpserver, total="@0.1@", llm="@0.03@") | flat
    maps = {
        "calls": {
            "euros": "cost * 0.92",
            "cost": "cost + 1",
            "third": "cost / 3",
            "__filter__": "cost < 1",
        },
        "ovia_calls": {"half": "costs['total'] / 2"},
    }
    output = run_tap(config | {"stream_maps": maps})

    (call,) = output.records("calls")
    assert (call["euros"], call["cost"], call["cost_llm"]) == ("0.092", "1.1", "0.03")
    assert call["third"] == "0.033333333333333333"
    assert schemas(output)["calls"]["euros"] == DECIMAL
    (record,) = output.records("ovia_calls")
    total = record["costs__total"] if flat else record["costs"]["total"]
    assert total == "0.1"
    assert schemas(output)["calls"]["cost"]["format"] == "x-singer.decimal"


def test_batches_hold_the_same_text(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Batch files are written in another way than lines."""
    config = ovia(httpserver, total="@0.10@")
    batches = {"encoding": {"format": "jsonl"}, "storage": {"root": f"file://{tmp_path}"}}
    output = run_tap(config | {"batch_config": batches})

    files = {each["stream"]: each["manifest"][0] for each in output.of_type("BATCH")}
    body = gzip.decompress(Path(files["calls"].removeprefix("file://")).read_bytes())
    assert json.loads(body)["cost"] == "0.10"


@pytest.mark.parametrize(
    ("number", "does_fit"),
    [
        (0, True),
        (10**20 - 1, True),
        (10**20, False),
        (Decimal("1e-18"), True),
        (Decimal("1e-19"), False),
        (Decimal("1.10000000000000000000000"), True),
        (Decimal("-99999999999999999999.999999999999999999"), True),
        (Decimal("1e300"), False),
    ],
)
def test_what_a_decimal_holds(number: int | Decimal, *, does_fit: bool) -> None:
    """One digit too many is rounded by the target, and nobody notices."""
    assert fits(number) == does_fit
