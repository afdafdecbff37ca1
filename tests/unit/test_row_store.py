"""The rows of a list, in memory and in a file: in order, and one for each key."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.calls.call import Call
from tap_voicecalls.calls.normalized import Normalized
from tap_voicecalls.rows.row import Row
from tap_voicecalls.rows.row_store import RowStore, last_first, merged
from tap_voicecalls.rows.runs_file import StorageError

if TYPE_CHECKING:
    from pathlib import Path

ANY_NUMBER = 1 << 30


def row(number: int, time: int, body: bytes = b"{}") -> Row:
    """Make a row."""
    call = Call(call_id=str(number), cost=Decimal("1.10"))
    return Row(f"{time:04}", ("account", number), "", "", body, Normalized(call))


PAGES = st.lists(
    st.lists(st.builds(row, st.integers(0, 30), st.integers(0, 9), st.sampled_from([b"1", b"2"]))),
    max_size=12,
)


@given(PAGES, st.integers(1, 40), st.integers(1, 4))
def test_a_file_gives_the_rows_that_memory_would(
    pages: list[list[Row]], most: int, lists: int
) -> None:
    """Nothing else would notice a row that is lost, doubled, out of order or outdated."""
    store = RowStore(most, ANY_NUMBER)
    latest: dict[object, Row] = {}
    for page in pages:
        fresh = {each.key for each in page} - latest.keys()
        latest.update({each.key: each for each in page})
        assert store.add(page) == len(fresh)
        assert len(store) == len(latest)

    chunks = list(merged([store], most, ANY_NUMBER))

    assert [each for chunk in chunks for each in chunk] == sorted(latest.values())
    assert len(chunks) == 1 or all(len(chunk) <= most for chunk in chunks)
    several = [RowStore(most, ANY_NUMBER) for _ in range(lists)]
    for number, each in enumerate(sorted(latest.values())):
        several[number % lists].add([each])
    found = [each for chunk in merged(several, most, ANY_NUMBER) for each in chunk]
    assert found == sorted(latest.values())


def test_large_records_go_to_the_file_sooner() -> None:
    """A few transcripts may be as large as thousands of plain calls."""
    store = RowStore(1000, 1000)
    store.add([row(number, number, b"x" * 600) for number in range(3)])

    assert store.is_spilled
    assert [len(chunk) for chunk in store.chunks()] == [2, 1]


def test_a_file_that_cannot_be_written_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing temporary folder is not a traceback, and small windows need no file."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    store = RowStore(1, ANY_NUMBER)
    store.add([row(1, 1)])
    assert list(store.chunks()) == [[row(1, 1)]]

    with pytest.raises(StorageError, match="TMPDIR"):
        store.add([row(2, 2)])


@given(st.lists(st.lists(st.builds(row, st.integers(0, 30), st.integers(0, 9)), max_size=200)))
def test_chunks_are_reversed_with_their_rows(chunks: list[list[Row]]) -> None:
    """Rows that come newest first, and may be too many for memory, are written oldest first."""
    expected = [row for chunk in chunks for row in chunk][::-1]

    assert [row for chunk in last_first(iter(chunks)) for row in chunk] == expected
