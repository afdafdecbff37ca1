"""The identity of records that come without one."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from tap_voicecalls.records.identity import fingerprint, numbered

IDENTITY = (("call_id", "product", "to"), ("started_at", "product", "to"))
RECORD = {"call_id": "c-1", "started_at": "2026-01-05", "product": "A", "to": "1", "cost": None}


def identity(**change: Any) -> str | None:  # noqa: ANN401 - a field may hold anything
    """Return the identity of a record that differs from the usual one."""
    record = SimpleNamespace(**{**RECORD, "additional_fields": None, **change})
    return fingerprint(record, IDENTITY)


def test_it_has_the_documented_form() -> None:
    """A record and its namesakes get 32 hex digits each."""
    assert all(
        re.fullmatch(r"[0-9a-f]{32}", found) for found in (str(identity()), numbered("a", 1))
    )


@pytest.mark.parametrize(
    "change", [{"cost": "0.01"}, {"status": "completed"}, {"started_at": None}]
)
def test_what_may_come_later_does_not_change_it(change: dict[str, Any]) -> None:
    """A cost, a status or a new field in a later run does not make a second row of a call."""
    assert identity(**change) == identity()


@pytest.mark.parametrize("change", [{"call_id": "c-2"}, {"product": "B"}, {"to": "2"}])
def test_what_never_changes_tells_records_apart(change: dict[str, Any]) -> None:
    """Two calls are two rows."""
    assert identity(**change) != identity()


def test_the_next_best_field_counts_where_the_best_is_missing() -> None:
    """Calls without any id are told apart by their start."""
    first, second = (identity(call_id="", started_at=day) for day in ("2026-01-05", "2026-01-06"))

    assert first
    assert second
    assert first != second


def test_what_only_narrows_is_no_identity() -> None:
    """A product alone would make one row of all records of the product."""
    assert identity(call_id=None, started_at="") is None


def test_a_field_that_no_schema_knows_counts_too() -> None:
    """An id under another name, in the additional fields, tells records apart."""
    record = SimpleNamespace(additional_fields={"uuid": "u-1"})

    other = SimpleNamespace(additional_fields={"uuid": "u-2"})
    assert fingerprint(record, [("uuid",)]) != fingerprint(other, [("uuid",)])
    assert fingerprint(SimpleNamespace(additional_fields=None), [("uuid",)]) is None


def test_it_is_the_same_in_each_run() -> None:
    """A later run, in another process, finds the same row again."""
    assert identity() == "c7e97ed18949eac5b9d3d4cb1678d1d1"
