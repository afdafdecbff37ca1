"""`make targets` must see every row and digit that a target loses: its table is believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from targets.compare import compare
from targets.values import unlike
from targets.written import streams, write_half

if TYPE_CHECKING:
    from pathlib import Path

    from targets.written import Stream

_SCHEMA: dict[str, Any] = {
    "properties": {
        "id": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "cost": {"type": ["number", "null"]},
        "agentName": {"type": ["string", "null"]},
        "agent": {
            "type": ["object", "null"],
            "properties": {"name": {"type": "string"}, "cost": {"type": ["number", "null"]}},
        },
    }
}
_FLOATS = "amounts inside as float"
_AT = "2026-01-05T08:13:22.123456Z"


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Stream]:
    """Two calls, one of them written twice: the last record counts."""
    agent = {"name": "Ada", "cost": 1}
    first = {"id": "a", "at": _AT, "cost": 1, "agentName": "x", "agent": agent}
    key = {"key_properties": ["id", "at"], "stream": "Calls"}
    records = [first | {"agentName": "old"}, first, first | {"id": "b", "agent": None}]
    lines = [{"type": "SCHEMA", "schema": _SCHEMA, **key}]
    lines += [{"type": "RECORD", "stream": "Calls", "record": record} for record in records]
    path = tmp_path / "messages.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return streams(path)


def _row(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - any values
    at = datetime(2026, 1, 5, 8, 13, 22, 123456, tzinfo=UTC)
    row = {"id": "a", "at": at, "cost": Decimal("1.0"), "agentname": "x"}
    return row | {"agent": {"name": "Ada", "cost": 1}} | changed


def test_a_faithful_load_has_no_difference(written: dict[str, Stream]) -> None:
    """Other types and zones of the same values are no faults, or every target would have some."""
    elsewhere = datetime(2026, 1, 5, 9, 13, 22, 123456, tzinfo=timezone(timedelta(hours=1)))
    result = compare(written, {"calls": [_row(), _row(id="b", at=elsewhere, agent=None)]})

    assert (result.expected, result.landed) == (2, 2)
    assert not result.missing
    assert not result.surplus
    assert not result.wrong


def test_rows_that_are_lost_or_doubled_are_counted(written: dict[str, Stream]) -> None:
    """A row twice in place of another would leave the number of rows as it is."""
    result = compare(written, {"calls": [_row(), _row()]})

    assert result.missing == {"calls": 1}
    assert result.surplus == {"calls": 1}


def test_a_table_that_is_not_there_lost_all_its_rows(written: dict[str, Stream]) -> None:
    """A comparison of nothing must not pass for one without differences."""
    assert compare(written, {}).missing == {"calls": 2}


def test_objects_that_are_spread_over_columns_are_compared(written: dict[str, Stream]) -> None:
    """Targets that lay objects out as columns would else be said to drop them."""
    row = _row(agent__name="Ada", agent__cost=2, agent_name="x")
    del row["agent"], row["agentname"]
    result = compare(written, {"calls": [row, _row(id="b", agent=None)]})

    assert result.spread == {"calls.agent": 1}
    assert result.renamed == {"calls.agentName": 1}
    assert list(result.wrong) == [("amount", "another amount", "calls.agent__cost")]


@pytest.mark.parametrize(
    ("kind", "wanted", "landed", "what"),
    [
        ("amount", "98765432.109876543212", Decimal("98765432.109876543212"), ""),
        ("amount", Decimal("0.10"), 0.1, ""),
        ("amount", "98765432.109876543212", 98765432.109876543212, "float"),
        ("amount", Decimal("1.5"), Decimal("1.6"), "another amount"),
        ("amount", Decimal("1.5"), None, "a value becomes NULL"),
        ("amount", None, 0, "NULL becomes a value"),
        ("time", _AT, "2026-01-05 08:13:22.123456", ""),
        ("time", _AT, "2026-01-05T08:13:22+00:00", "cut to whole seconds"),
        ("time", _AT, "2026-01-05T08:13:22.1234+00:00", "less than a second apart"),
        ("time", _AT, "2026-01-05T09:13:22.123456+00:00", "3600 s apart"),
        ("object", {"n": Decimal("0.1")}, '{"n": 0.10}', ""),
        ("object", {"n": Decimal("98765432.109876543212")}, {"n": 98765432.10987654}, _FLOATS),
        ("object", {"n": 1}, "{'n': 1}", "Python text"),
        ("object", {"n": None}, {}, "otherwise"),
        ("object", None, "null", "NULL becomes the null of JSON"),
        ("text", "", None, "an empty text becomes NULL"),
        ("text", "a\r\n\t", "a\\r\\n\\t", "line breaks and tabs become texts such as \\n"),
        ("text", "a", "b", "another text"),
        ("boolean", True, "true", ""),
        ("boolean", True, 0, "another truth"),
    ],
)
def test_what_became_of_a_value_is_said(
    kind: str,
    wanted: Any,  # noqa: ANN401 - any value
    landed: Any,  # noqa: ANN401 - any value
    what: str,
) -> None:
    """One digit less, or another moment, must not pass for the same."""
    assert unlike(kind, wanted, landed) == what


def test_a_later_run_has_some_of_the_same_records(tmp_path: Path) -> None:
    """A target that overwrites its files is not told from one that replaces rows by all of them."""
    kinds = ["SCHEMA", "RECORD", "RECORD", "ACTIVATE_VERSION", "RECORD", "STATE"]
    path, half = tmp_path / "all.jsonl", tmp_path / "half.jsonl"
    lines = [f'{{"type": "{kind}", "n": {n}}}\n' for n, kind in enumerate(kinds)]
    path.write_text("".join(lines), encoding="utf-8")

    write_half(path, half)

    assert half.read_text(encoding="utf-8") == lines[0] + lines[2] + lines[5]
