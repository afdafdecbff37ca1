"""The rows of a list, in memory and in a file: the same comes out, in order and each key once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.calls.call import Call
from tap_voicecalls.rows.row import Row
from tap_voicecalls.rows.row_store import RowStore, merged
from tap_voicecalls.rows.runs_file import StorageError

if TYPE_CHECKING:
    from pathlib import Path

LOTS = 1 << 30


def row(number: int, time: int, body: bytes = b"{}") -> Row:
    """Make a row."""
    call = Call(call_id=str(number), cost=Decimal("1.10"))
    return Row(f"{time:04}", ("account", number), "", "", body, call)


PAGES = st.lists(
    st.lists(st.builds(row, st.integers(0, 30), st.integers(0, 9), st.sampled_from([b"1", b"2"]))),
    max_size=12,
)


@given(PAGES, st.integers(1, 40), st.integers(1, 4))
def test_a_file_holds_what_memory_would(pages: list[list[Row]], most: int, lists: int) -> None:
    """A row that is lost, doubled, out of order or older than the last read is not noticed else."""
    store = RowStore(most, LOTS)
    latest: dict[object, Row] = {}
    for page in pages:
        fresh = {each.key for each in page} - latest.keys()
        latest.update({each.key: each for each in page})
        assert store.add(page) == len(fresh)
        assert len(store) == len(latest)

    chunks = list(merged([store], most, LOTS))

    assert [each for chunk in chunks for each in chunk] == sorted(latest.values())
    assert len(chunks) == 1 or all(len(chunk) <= most for chunk in chunks)
    several = [RowStore(most, LOTS) for _ in range(lists)]
    for number, each in enumerate(sorted(latest.values())):
        several[number % lists].add([each])
    found = [each for chunk in merged(several, most, LOTS) for each in chunk]
    assert found == sorted(latest.values())


def test_large_records_go_to_the_file_sooner() -> None:
    """A few transcripts may be as much as thousands of plain calls."""
    store = RowStore(1000, 1000)
    store.add([row(number, number, b"x" * 600) for number in range(3)])

    assert store.is_spilled
    assert [len(chunk) for chunk in store.chunks()] == [2, 1]


def test_without_a_place_for_the_file_it_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing temporary folder is no traceback, and small windows do without it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    store = RowStore(1, LOTS)
    store.add([row(1, 1)])
    assert list(store.chunks()) == [[row(1, 1)]]

    with pytest.raises(StorageError, match="TMPDIR"):
        store.add([row(2, 2)])
