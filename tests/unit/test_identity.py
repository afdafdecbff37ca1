"""The identity of records without an id."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from tap_voicecalls.records.identity import fingerprint, numbered

IDENTITY = (("call_id", "product", "to"), ("started_at", "product", "to"))
RECORD = {"call_id": "c-1", "started_at": "2026-01-05", "product": "A", "to": "1", "cost": None}


def identity(**change: Any) -> str | None:  # noqa: ANN401 - a field may hold anything
    """Return the identity of a record with some fields changed."""
    record = SimpleNamespace(**{**RECORD, "additional_fields": None, **change})
    return fingerprint(record, IDENTITY)


def test_an_identity_is_32_hex_digits() -> None:
    """So is that of a second record with the same identity."""
    assert all(
        re.fullmatch(r"[0-9a-f]{32}", found) for found in (str(identity()), numbered("a", 1))
    )


@pytest.mark.parametrize(
    "change", [{"cost": "0.01"}, {"status": "completed"}, {"started_at": None}]
)
def test_fields_that_come_later_do_not_change_the_identity(change: dict[str, Any]) -> None:
    """A cost, a status or a new field in a later run does not make a second row of a call."""
    assert identity(**change) == identity()


@pytest.mark.parametrize("change", [{"call_id": "c-2"}, {"product": "B"}, {"to": "2"}])
def test_fields_of_the_identity_distinguish_records(change: dict[str, Any]) -> None:
    """Two calls are two rows."""
    assert identity(**change) != identity()


def test_the_next_alternative_is_used_if_the_best_is_missing() -> None:
    """Calls without any id are distinguished by their start."""
    first, second = (identity(call_id="", started_at=day) for day in ("2026-01-05", "2026-01-06"))

    assert first
    assert second
    assert first != second


def test_narrowing_fields_alone_are_not_an_identity() -> None:
    """A product alone would make one row of all records of the product."""
    assert identity(call_id=None, started_at="") is None


def test_an_undeclared_field_may_be_part_of_the_identity() -> None:
    """An id under another name, in the additional fields, distinguishes records."""
    record = SimpleNamespace(additional_fields={"uuid": "u-1"})

    other = SimpleNamespace(additional_fields={"uuid": "u-2"})
    assert fingerprint(record, [("uuid",)]) != fingerprint(other, [("uuid",)])
    assert fingerprint(SimpleNamespace(additional_fields=None), [("uuid",)]) is None


def test_the_identity_is_the_same_in_each_run() -> None:
    """A later run, in another process, makes the same key."""
    assert identity() == "c7e97ed18949eac5b9d3d4cb1678d1d1"
