"""Rows in the order in which they are written."""

from __future__ import annotations

from tap_voicecalls.rows.row import Row, in_order


def row(time: str, key: str, body: bytes = b"{}") -> Row:
    """Make a row."""
    return Row(time, ("default", key), "", "", body)


def test_of_one_key_the_last_row_is_kept() -> None:
    """A call that came twice, because a list changed, is one record: the latest."""
    old, new = row("2026-01-05", "a", b"{old}"), row("2026-01-05", "a", b"{new}")

    assert in_order([old, row("2026-01-05", "b"), new]) == [new, row("2026-01-05", "b")]


def test_a_call_whose_start_changed_is_not_written_twice() -> None:
    """A later row with another start replaces the first, wherever that was."""
    assert in_order([row("2026-01-05", "a"), row("2026-01-07", "a")]) == [row("2026-01-07", "a")]


def test_rows_are_sorted_by_time_and_then_by_key() -> None:
    """A bookmark is safe only if nothing older comes after it."""
    rows = [row("2026-01-06", "0"), row("2026-01-05", "b"), row("2026-01-05", "a")]

    assert [(one.time, one.key[1]) for one in in_order(rows)] == [
        ("2026-01-05", "a"),
        ("2026-01-05", "b"),
        ("2026-01-06", "0"),
    ]
