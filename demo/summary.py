"""Print what a demo run landed: a table of the streams, then one of the providers.

Usage: python demo/summary.py FOLDER, where FOLDER holds one JSON lines file a stream.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

from tap_voicecalls.calls.streams import COMMON_STREAMS
from tap_voicecalls.providers import PROVIDERS

Record = dict[str, Any]

_CLASSES: list[Any] = [*(one for each in PROVIDERS for one in each.streams), *COMMON_STREAMS]
STREAMS: dict[str, str | None] = {
    stream.name: stream.replication_key for stream in _CLASSES if stream.selected_by_default
}
"""The streams that are loaded, each with the field of the call's start, if it has one."""


def load(folder: Path, stream: str) -> list[Record]:
    """Read the file of one stream; one that is not there holds no record."""
    path = folder / f"{stream}.jsonl"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line, parse_float=Decimal) for line in lines]


def total(calls: list[Record], field: str) -> Decimal:
    """Add up, exactly, the amounts of a field; some are null."""
    with localcontext(prec=100):
        return sum((Decimal(call[field] or 0) for call in calls), Decimal(0))


def stream_row(stream: str, start: str | None, records: list[Record]) -> list[str]:
    """Give a stream's line: how many rows, and from when to when."""
    starts = sorted(record[start] for record in records if start and record.get(start))
    return [stream, f"{len(records):,}", *(starts[:1] or ["-"]), *(starts[-1:] or ["-"])]


def provider_row(provider: str, calls: list[Record]) -> list[str]:
    """Give a provider's line: how many calls, how long, and what they cost in each currency."""
    by_currency: dict[str, list[Record]] = {}
    for call in calls:
        if call["cost"] is not None:
            by_currency.setdefault(call["currency"] or "(no currency told)", []).append(call)
    costs = [
        f"{total(group, 'cost'):,f} {currency}" for currency, group in sorted(by_currency.items())
    ]
    minutes = total(calls, "duration_seconds") / 60
    return [provider, f"{len(calls):,}", f"{minutes:,.1f}", " + ".join(costs) or "-"]


def table(header: list[str], rows: list[list[str]], right: set[int]) -> str:
    """Lay out a table; the columns in `right` are aligned to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (header, *rows)
    )


def show(landed: dict[str, list[Record]], place: str) -> bool:
    """Print both tables, or say which streams hold nothing in that place.

    Returns:
        Whether each stream holds something.
    """
    if empty := [stream for stream in STREAMS if not landed[stream]]:
        print(f"demo: nothing landed in {place} for: {', '.join(empty)}", file=sys.stderr)
        return False
    streams = [stream_row(stream, start, landed[stream]) for stream, start in STREAMS.items()]
    by_provider: dict[str, list[Record]] = {}
    for call in landed["calls"]:
        by_provider.setdefault(call["provider"], []).append(call)
    providers = [provider_row(name, calls) for name, calls in sorted(by_provider.items())]
    print(table(["stream", "rows", "first start", "last start"], streams, right={1}))
    print()
    print(table(["provider", "calls", "minutes", "cost"], providers, right={1, 2}))
    print()
    return True


def main(folder: Path) -> int:
    """Show what is in a folder of JSON lines; fail if a stream holds nothing."""
    if not show({stream: load(folder, stream) for stream in STREAMS}, str(folder)):
        return 1
    print(f"The rows are in {folder}/, one JSON lines file a stream.")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
