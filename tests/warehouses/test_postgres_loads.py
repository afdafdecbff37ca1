"""All that the providers sent is in PostgreSQL: first, after changes, again, after a refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import registry

from warehouses.landed import LOADED, Tables

if TYPE_CHECKING:
    from warehouses.moving import Loaded

# Where a call is while it is under way, or before its costs came.
CHANGING = {"voicy_calls", "voicy_call_details", "burki_calls", "ovia_calls", "calls"}


def test_first_load(first: Loaded) -> None:
    """Catches a row or a value that is lost or altered between an API and its table."""
    assert first.different == []


def test_after_changes(first: Loaded, changed: Loaded) -> None:
    """Catches a call that stays in the table as it was while it ran, or before its costs came."""
    assert changed.different == []
    # Not each provider has a call, or one with a recording, in the last hours before now.
    for stream in set(LOADED) - set(registry.BESIDE):
        assert len(changed.tables[stream]) >= len(first.tables[stream]) > 10
    assert len(changed.tables["calls"]) > len(first.tables["calls"])
    assert with_changed_rows(first.tables, changed.tables) >= CHANGING
    # It went on from its bookmark, and let most rows be.
    assert 0 < changed.loaded["calls"] < len(changed.tables["calls"]) * 0.7


def with_changed_rows(before: Tables, after: Tables) -> set[str]:
    """Name the streams whose earlier rows are not all as they were."""
    later = ordered(after)
    return {name for name, rows in ordered(before).items() if not set(rows) <= set(later[name])}


def test_again(changed: Loaded, again: Loaded) -> None:
    """Catches rows that are there twice, or changed by nothing but being loaded again."""
    assert ordered(again.tables) == ordered(changed.tables)
    # Details that are final are not requested again.
    assert all(again.loaded[stream] for stream in set(LOADED) - {"voicy_call_details"})


def ordered(tables: Tables) -> dict[str, list[str]]:
    """Put rows in an order, whichever they come in; only Voicy's signatures may differ."""
    return {stream: sorted(repr(unsigned(row)) for row in rows) for stream, rows in tables.items()}


def unsigned(row: dict[str, object]) -> dict[str, object]:
    """Leave out a recording's address."""
    return row | {name: bool(row.get(name)) for name in ("recording_url", "url")}


def test_from_anew(anew: Loaded) -> None:
    """Catches a full refresh that drops rows, or that reads no more than any other run."""
    assert anew.different == []
    assert anew.loaded == {stream: len(rows) for stream, rows in anew.tables.items()}
