"""Ovia's list, which has all calls in one array, when it is long."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from scripted import START, Json, config, run, serve, text

from tap_voicecalls.providers.ovia.streams import OviaCalls

if TYPE_CHECKING:
    import pytest
    from pytest_httpserver import HTTPServer

COUNT = 4_100  # more than are held in memory, and no multiple of what is read at once


def call(number: int, minutes: int) -> Json:
    """Return a call; each starts a second after the one before."""
    started = text(START + timedelta(seconds=number))
    return {"id": f"c{number}", "started_at": started, "status": "completed", "duration": minutes}


def test_a_long_array_is_read_in_parts(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of years of calls are not held together, and come in order, each once, the last."""
    made: list[int] = []
    rows_of = OviaCalls.rows

    def counted(*args: Json, **options: Json) -> Json:
        rows = rows_of(*args, **options)
        made.append(len(rows))
        return rows

    monkeypatch.setattr(OviaCalls, "rows", counted)
    calls = [call(number, 1) for number in range(COUNT)]
    again = [call(number, 2) for number in range(0, COUNT, 500)]
    random.Random(3).shuffle(calls)  # noqa: S311 - a test
    serve(httpserver, "ovia", lambda _: {"calls": calls + again})

    output, failures = run(config(httpserver, "ovia"))

    assert not failures
    records = output.records("ovia_calls")
    assert sum(made) == COUNT + len(again)
    assert max(made) < COUNT / 4
    assert [record["id"] for record in records] == [f"c{number}" for number in range(COUNT)]
    assert {r["id"] for r in records if r["duration"] != 1} == {each["id"] for each in again}
    written, bookmarks = 0, list[tuple[int, str]]()
    for message in output.messages:
        written += message["type"] == "RECORD" and message["stream"] == "ovia_calls"
        if message["type"] == "STATE":
            of_stream = message["value"].get("bookmarks", {}).get("ovia_calls", {})
            (kept,) = of_stream.get("partitions") or [{}]
            bookmarks.append((written, kept.get("replication_key_value", "")))
    assert [mark for count, mark in bookmarks if count == COUNT][-1] > text(START)
    assert all(mark <= text(START) for count, mark in bookmarks if count < COUNT)
