"""The identity of records that come without one."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from tap_voicecalls.identity import fingerprint

RECORD: dict[str, Any] = {
    "cost": Decimal("0.10"),
    "agent": {"name": "Ada", "tags": ["a", "b"]},
    "ended_at": None,
    "units": 10**30,
}


def test_it_has_the_documented_form() -> None:
    """Each record gets 32 hex digits, whatever it holds."""
    assert all(re.fullmatch(r"[0-9a-f]{32}", fingerprint(record)) for record in ({}, RECORD))


def test_the_order_of_names_does_not_matter() -> None:
    """A server that sends the same record in another order sends the same record, nested too."""
    agent = {"tags": ["a", "b"], "name": "Ada"}
    reordered = {"units": 10**30, "agent": agent, "cost": Decimal("0.10"), "ended_at": None}

    assert fingerprint(RECORD) == fingerprint(reordered)


@pytest.mark.parametrize(
    "change",
    [
        {"cost": Decimal("0.11")},
        {"cost": None},
        {"agent": {"name": "Ada", "tags": ["b", "a"]}},
        {"agent": {"name": "Bob", "tags": ["a", "b"]}},
        {"units": 10**30 + 1},
        {"more": False},
    ],
)
def test_any_other_content_is_another_record(change: dict[str, Any]) -> None:
    """Two calls that differ anywhere, however deep and however little, are two rows."""
    assert fingerprint(RECORD) != fingerprint(RECORD | change)


def test_what_says_nothing_may_be_left_out() -> None:
    """A call that a table has with empty cells, and JSON with nulls, is one row and not two."""
    assert fingerprint(RECORD | {"note": "", "ref": None}) == fingerprint(RECORD)


def test_it_is_the_same_in_each_run() -> None:
    """A later run, in another process, finds the same row again."""
    assert fingerprint({"id": None, "n": 1}) == "2bfd14f43d17fc7cea24e0917a8879b4"
