"""Records without an id that are alike, at any distance from each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from scripted import run
from scripted_vonage import page, serve, serve_report, settings, zipped

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

# Vonage is asked for nothing that is older than 13 months.
START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=40)
BOUNDS = {"end_date": (START + timedelta(days=1)).isoformat()}
PAGE = 3


def withheld(number: int) -> dict[str, str]:
    """Make a call with a withheld number; all of them begin in the same second."""
    return {
        "date_start": START.isoformat(),
        "from": "anonymous",
        "to": "12025550100",
        "duration": str(number),
        "total_price": f"0.0{number}",
    }


@pytest.mark.parametrize("count", [2, 4, 7])
def test_calls_that_are_alike_on_two_pages_are_all_kept(httpserver: HTTPServer, count: int) -> None:
    """If a page ends between two of them, they must not get the same key."""
    records = [withheld(number) for number in range(count)]

    def answer(query: dict[str, str]) -> dict[str, Any]:
        first = int(query.get("cursor", "0"))
        more = {"request_status": "TRUNCATED", "cursor": str(first + PAGE), "iv": "iv"}
        return page(*records[first : first + PAGE], **(more if first + PAGE < count else {}))

    serve(httpserver, answer)
    (first, _), (again, _) = (run(settings(httpserver, START) | BOUNDS) for _ in range(2))

    found = first.records("vonage_voice_reports")
    assert sorted(record["duration"] for record in found) == list(range(count))
    assert len({record["id"] for record in found}) == count
    assert found == again.records("vonage_voice_reports")


def test_calls_that_are_alike_in_a_file_are_all_kept(httpserver: HTTPServer) -> None:
    """A report's file is read in batches of rows, and is not sorted."""
    first, last = withheld(1), withheld(2)
    others = [first | {"to": str(12025550100 + number)} for number in range(1, 2_500)]
    rows = [first, *others, last]
    header = ["id", *first]
    lines = [",".join(header), *(",".join(["", *row.values()]) for row in rows)]
    serve_report(httpserver, zipped("\n".join(lines).encode()), items_count=len(rows))

    output, failures = run(settings(httpserver, START, mode="async") | BOUNDS)

    assert not failures
    assert len({record["id"] for record in output.records("vonage_voice_reports")}) == len(rows)
