"""If one provider fails, the others are read completely and their state is written."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from scripted import START, burki_page, call, config, evenly, partition, report, run, serve, within
from scripted import vonage_page as page_of

from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer

Json = Any

ODD: dict[str, Json] = {
    "no JSON": b"<html>",
    "nothing": b"",
    "a number": b"7",
    "null": b"null",
    "records that are numbers": {"records": [1, 2]},
    "a record that is a list": {"records": [[]]},
    "deep": b'{"records":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a cursor that is a list": {
        "records": [],
        "request_status": "TRUNCATED",
        "cursor": [1],
        "iv": "a",
    },
    "a status that is a list": {"records": [], "request_status": [], "_links": 5},
    "links that are a list": {"records": [], "request_status": "TRUNCATED", "_links": [1]},
    "an id that is an object": {"records": [{**report(1, START), "id": {"a": 1}}]},
    "a number beyond all bounds": b'{"records":[{"id":1e999999999999999999999}]}',
    "a year beyond all bounds": {"records": [{**report(1, START), "date_start": "99999-01-01"}]},
}


@pytest.mark.parametrize("kind", ODD)
def test_an_unexpected_response_fails_one_stream_alone(
    httpserver: HTTPServer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A malformed response ends one account and stream, not the whole run."""
    starts = evenly(5)
    calls = [call(number, start) for number, start in enumerate(starts)]
    serve(httpserver, "vonage", lambda _: ODD[kind])
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))

    output, failures = run(config(httpserver, "vonage", "burki"))

    assert len(failures) <= 1
    assert "Traceback" not in caplog.text
    assert len(output.records("burki_calls")) == 5
    assert "replication_key_value" in partition(output, "burki_calls")
    assert bool(failures) != ("replication_key_value" in partition(output, "vonage_voice_reports"))


@pytest.mark.parametrize(
    "error", [OverflowError, TypeError, RecursionError, MemoryError, RuntimeError, OSError]
)
def test_an_unexpected_exception_is_one_line_without_data(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """An error in the tap names the file and line, and quotes no data."""
    starts = evenly(5)

    def fail(*_: object) -> None:
        raise error("+12025550101")  # noqa: EM101 - what must not be quoted

    monkeypatch.setattr("tap_voicecalls.providers.vonage.streams.next_page", fail)
    calls = [call(number, start) for number, start in enumerate(starts)]
    serve(httpserver, "vonage", lambda query: page_of(query, starts, 1000))
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))

    output, failures = run(config(httpserver, "vonage", "burki"))

    assert len(failures) == 1
    assert f"unexpected {error.__name__} at providers/vonage/streams.py:" in failures[0]
    assert "12025550101" not in failures[0]
    assert len(output.records("burki_calls")) == 5


def test_a_limit_on_threads_is_no_failure(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container that allows few threads the tap is slower, and reads everything."""
    starts = evenly(5, 300)
    calls = [call(number, start) for number, start in enumerate(starts)]
    serve(httpserver, "burki", lambda query: burki_page(within(query, starts), query, 1000, calls))
    settings = config(httpserver, "burki", days=300)
    start = threading.Thread.start

    def few(self: threading.Thread) -> None:
        if self.name.startswith("read-ahead") and not self.name.endswith("_0"):
            msg = "can't start new thread"
            raise RuntimeError(msg)
        start(self)

    monkeypatch.setattr(threading.Thread, "start", few)

    output, failures = run(settings)

    assert failures == []
    assert len(output.records("burki_calls")) == 5


def test_a_missing_temporary_folder_fails_large_windows_alone(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A full disk fails the streams that need it, and no other provider."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    monkeypatch.setattr(WindowedStream, "rows_in_memory", 10)
    starts = evenly(50)
    calls = [call(number, start) for number, start in enumerate(starts[:5])]
    serve(httpserver, "vonage", lambda query: page_of(query, starts, 1000))
    serve(
        httpserver, "burki", lambda query: burki_page(within(query, starts[:5]), query, 1000, calls)
    )

    output, failures = run(config(httpserver, "vonage", "burki"))

    assert len(failures) == 1
    assert failures[0].startswith("vonage (account default), vonage_voice_reports: the records of")
    assert len(output.records("burki_calls")) == 5
