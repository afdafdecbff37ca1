"""Vonage's asynchronous reports give the same calls as pages do, with any status of a report."""

from __future__ import annotations

import io
import json
import logging
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from properties.truth import ALL_PRODUCTS
from properties.warehouse import Cut, Warehouse
from singer_sdk.streams.rest import HTTPRequest
from support import START, Output, Record, configuration, reading_threads, run_tap, simulator

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.run import RunError
from tap_voicecalls.http.auth import AccountName
from tap_voicecalls.http.client import ApiClient
from tap_voicecalls.http.retry import RetryPolicy
from tap_voicecalls.providers.vonage import Vonage
from tap_voicecalls.providers.vonage.reports import downloads
from tap_voicecalls.providers.vonage.reports.api import ReportApi
from tap_voicecalls.providers.vonage.reports.lifecycle import Reports
from tap_voicecalls.providers.vonage.reports.request import Pauses
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Request, Simulator

STREAM = "vonage_voice_reports"
# Over the end of a month, so that there are two pieces.
DAYS = 40
END = START + timedelta(days=DAYS)
LONG = 120  # seconds after which a test that hangs fails; none of them ever waits that long
NEVER = 10**9
FULL = Path("/dev/full")
QUICK = Pauses(first=0.001, longest=0.01)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pauses be short, and requests go out as they come."""
    monkeypatch.setattr(Reports, "pauses", QUICK)
    monkeypatch.setattr(ReportApi, "requests_per_second", None)
    monkeypatch.setattr("random.uniform", lambda _, high: high / 50)


@pytest.fixture
def served() -> Iterator[Simulator]:
    """A simulator of some weeks, with a few calls a day."""
    with simulator(end=END, calls_per_day=4, unknown_fields=True) as made:
        yield made


def reading(served: Simulator, **own: Any) -> dict[str, Any]:  # noqa: ANN401 - settings
    """Return a configuration that reads some weeks of Vonage by report."""
    config = configuration(served, "vonage", end_date=END.isoformat())
    config["vonage"] |= {"mode": "async", "products": ["VOICE-CALL"], **own}
    return config


def a_week(served: Simulator, **own: Any) -> dict[str, Any]:  # noqa: ANN401 - settings
    """Return a configuration that needs one report."""
    return reading(served, **own) | {"end_date": (START + timedelta(days=7)).isoformat()}


def sent(served: Simulator, method: str, path: str) -> list[Request]:
    """Return the requests of a kind that were sent."""
    found = re.compile(f"/vonage{path}")
    return [r for r in served.requests if r.method == method and found.fullmatch(r.path)]


def asked(served: Simulator) -> list[tuple[str, str, str]]:
    """Return what reports were asked for: the product, and the range."""
    bodies: list[Any] = [request.body for request in sent(served, "POST", "/v2/reports")]
    return [(body["product"], body["date_start"][:10], body["date_end"][:10]) for body in bodies]


def looks(served: Simulator) -> int:
    """Count how often reports were looked at."""
    return len(sent(served, "GET", "/v2/reports/[^/]{36}"))


def files_fetched(served: Simulator) -> int:
    """Count how often files were requested."""
    return len(sent(served, "GET", "/v3/media/.*"))


def pages(served: Simulator) -> list[Request]:
    """Return the requests for pages."""
    return sent(served, "GET", "/v2/reports/records")


def ids(records: list[Record]) -> list[str]:
    """Return the ids of records, sorted."""
    return sorted(str(record["id"]) for record in records)


def known(served: Simulator, days: int = DAYS) -> list[str]:
    """Return the ids of the calls of the first days, sorted."""
    end = (START + timedelta(days=days)).isoformat()
    records = served.records(STREAM, products=["VOICE-CALL"])
    return ids([record for record in records if str(record["date_start"]) < end])


def failure_of(config: dict[str, Any]) -> str:
    """Run a tap that must fail, and return the line that says why."""
    with pytest.raises(RunError) as caught:
        run_tap(config)
    (line,) = caught.value.failures
    return line


# The same calls ----------------------------------------------------------------------------------


def test_pages_and_reports_write_the_same_records(served: Simulator) -> None:
    """All fields of all products, keys and calls are the same."""
    products = [*ALL_PRODUCTS, "ASR"]
    by_page = run_tap(reading(served, products=products, mode="sync"))
    assert asked(served) == []
    outputs: list[Output] = []
    for concurrency in (1, 8):
        before = len(pages(served))
        outputs.append(run_tap(reading(served, products=products) | {"concurrency": concurrency}))
        assert len(pages(served)) == before
    # Those of the first were taken up by the second.
    assert len(asked(served)) == 2 * len(products)

    for output in outputs:
        for stream in (STREAM, "calls"):
            key = "id" if stream == STREAM else "call_id"
            expected = {record[key]: record for record in by_page.records(stream)}
            assert {record[key]: record for record in output.records(stream)} == expected
            assert len(output.records(stream)) == len(expected) > 100
        assert output.state == by_page.state
    texts = [record["network_name"] for record in by_page.records(STREAM)]
    assert "" not in texts
    assert any(record.get("network_name") == "" for record in served.records(STREAM))


def test_reports_are_made_by_month(served: Simulator) -> None:
    """A later run must ask for the same ranges, or it would pay for all of them again."""
    run_tap(reading(served, mode="auto"))

    assert sorted(asked(served)) == [
        ("VOICE-CALL", "2026-01-05", "2026-02-01"),
        ("VOICE-CALL", "2026-02-01", "2026-02-14"),
    ]
    body: Any = sent(served, "POST", "/v2/reports")[0].body
    assert body["include_subaccounts"] is False
    assert body["account_id"] == served.configuration()["vonage"]["account_id"]


def test_the_bookmark_moves_piece_by_piece(served: Simulator) -> None:
    """A state within a piece would leave out the calls that its files have further down."""
    output = run_tap(reading(served, products=ALL_PRODUCTS))

    bookmarks, unsafe = [START.isoformat()], []
    for message in output.messages:
        if message["type"] == "STATE":
            partitions = message["value"]["bookmarks"].get(STREAM, {}).get("partitions", [{}])
            bookmarks.append(partitions[0].get("replication_key_value") or bookmarks[-1])
        elif message["type"] == "RECORD" and message["stream"] == STREAM:
            start = datetime.fromisoformat(message["record"]["start_time"])
            unsafe += [start] * (start < datetime.fromisoformat(bookmarks[-1]))
    assert [text[:10] for text in dict.fromkeys(bookmarks)][-2:] == ["2026-02-01", "2026-02-14"]
    assert len({datetime.fromisoformat(text) for text in bookmarks}) == 3
    assert unsafe == []


def test_a_daily_run_reads_its_lookback_page_by_page(served: Simulator) -> None:
    """What may still change comes page by page, and a run of every day asks for no report."""
    served.now = START + timedelta(days=36, hours=13)
    warehouse = Warehouse()
    config = reading(served, mode="auto")
    del config["end_date"]
    warehouse.run(config, served.now)
    first, since = len(asked(served)), [dict(page.query)["date_start"] for page in pages(served)]
    assert first == 2
    assert min(since)[:13] == "2026-02-09T00"
    read = len(pages(served))

    for _ in range(2):
        served.now += timedelta(hours=24)
        warehouse.run(config, served.now)

    assert len(asked(served)) == first
    since = [dict(page.query)["date_start"][:16] for page in pages(served)[read:]]
    # The lookback, and then the day, each run to a minute before it began; the second a day later.
    days = ["2026-02-09T12:59", "2026-02-10T12:59", "2026-02-11T12:59"]
    assert sorted(since) == [days[0], days[1], days[1], days[2]]
    assert sorted(map(str, warehouse.by_key(STREAM))) == known(served)


def test_a_connection_test_requests_no_report(served: Simulator) -> None:
    """A test of the keys must not be charged for months of calls."""
    tap = TapVoiceCalls(config=reading(served))

    assert tap.run_connection_test()
    assert asked(served) == []
    assert pages(served)


@pytest.mark.parametrize("at", [3, 40, 90, 160, 250])
def test_an_interrupted_run_loses_nothing(served: Simulator, at: int) -> None:
    """Cut within a batch, between two products or between two months: the next run has the rest."""
    config, now = reading(served, products=ALL_PRODUCTS), END + timedelta(days=10)
    warehouse = Warehouse()
    assert not warehouse.run(config, now, Cut(at, "killed")).whole

    warehouse.run(config, now)

    expected = ids(served.records(STREAM, products=ALL_PRODUCTS))
    assert sorted(map(str, warehouse.by_key(STREAM))) == expected
    assert warehouse.without_call("vonage") == set()


# How reports end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("failures", [1, 2])
def test_a_failed_report_is_requested_again(served: Simulator, failures: int) -> None:
    """Two failed reports cost time, and no call."""
    served.options["vonage_report_outcomes"] = ["FAILED"] * failures

    output = run_tap(a_week(served))

    assert ids(output.records(STREAM)) == known(served, 7)
    assert len(asked(served)) == failures + 1


def test_a_report_that_keeps_failing_fails_the_stream(served: Simulator) -> None:
    """Three reports that failed are enough: each may be charged for."""
    served.options["vonage_report_outcomes"] = ["FAILED"] * 5

    line = failure_of(a_week(served))

    assert line.startswith(
        f"vonage (account default), {STREAM}: the report of VOICE-CALL from 2026"
    )
    assert "failed, the last of 3" in line
    assert len(asked(served)) == 3


def test_a_cancelled_report_is_not_requested_again(served: Simulator) -> None:
    """Somebody cancelled it on purpose: the tap must not request it again at once."""
    served.options["vonage_report_outcomes"] = ["ABORTED"]

    assert "was cancelled" in failure_of(a_week(served))
    assert len(asked(served)) == 1


@pytest.mark.parametrize(("word", "shown"), [("PAUSED", "'PAUSED'"), ("+31612345678", "'+#'")])
def test_an_unknown_status_is_named(served: Simulator, word: str, shown: str) -> None:
    """An unknown status must not be waited for, and no number in it may get into the log."""
    served.options["vonage_report_outcomes"] = [word]

    line = failure_of(a_week(served))

    assert f"has an undocumented status: {shown}" in line
    assert len(asked(served)) == 1


def test_a_truncated_report_is_divided(served: Simulator) -> None:
    """A truncated file is not read; the halves of its range are, and each call is written once."""
    served.options["vonage_report_rows"] = 10

    output = run_tap(reading(served))

    assert ids(output.records(STREAM)) == known(served)
    assert len(asked(served)) > len(known(served)) / 10
    # The second run reuses all of them, the truncated ones too.
    before = asked(served)
    assert ids(run_tap(reading(served)).records(STREAM)) == known(served)
    assert asked(served) == before


def test_a_report_that_cannot_be_divided_is_refused(served: Simulator) -> None:
    """More calls at one moment than a file holds: to go on would leave some of them out."""
    for _ in range(2):
        served.world.add("vonage", start=START + timedelta(hours=1))
    served.options["vonage_report_rows"] = 1

    assert "cannot be divided further" in failure_of(a_week(served))


@pytest.mark.parametrize("step", ["look", "download"])
def test_an_expired_report_or_file_is_requested_again(served: Simulator, step: str) -> None:
    """A report that the server forgot while it was waited for, or its file, is made once more."""
    served.now = END + timedelta(days=2)
    path = "/v2/reports/.{36}" if step == "look" else "/v3/media/.*"

    def forget(request: Request) -> None:
        if served.now == END + timedelta(days=2) and re.fullmatch(f"/vonage{path}", request.path):
            served.now += timedelta(days=4)

    served.on_request(forget)

    output = run_tap(a_week(served))

    assert ids(output.records(STREAM)) == known(served, 7)
    assert len(asked(served)) == 2


# Earlier reports ---------------------------------------------------------------------------------


def test_a_report_that_is_not_ready_in_time_is_reused(served: Simulator) -> None:
    """A run that stops waiting names the setting, and the next one waits for the same report."""
    served.options["vonage_report_polls"] = NEVER

    line = failure_of(a_week(served, report_timeout_hours=0.0002))
    assert "is not ready after 0.0002 h, see `vonage.report_timeout_hours`" in line
    assert looks(served) > 1
    assert sent(served, "DELETE", ".*") == []

    served.options["vonage_report_polls"] = 0
    assert ids(run_tap(a_week(served)).records(STREAM)) == known(served, 7)
    assert len(asked(served)) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_killed_run_pays_for_reports_once(
    served: Simulator, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """A run that is killed or interrupted while it waits ends; the next run reuses its reports."""
    products = ["VOICE-CALL", "VOICE-TTS"]
    config = reading(served, products=products)
    served.options["vonage_report_polls"] = NEVER
    waits = threading.Event()
    served.on_request(lambda _: waits.set() if looks(served) else None)
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tap_voicecalls", "--config=config.json"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            assert waits.wait(LONG)
            process.send_signal(number)
            assert process.wait(LONG) == code
        finally:
            process.kill()
            process.wait(LONG)

    served.options["vonage_report_polls"] = 0
    output = run_tap(config)

    assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")
    assert len(asked(served)) == len(set(asked(served))) == 4
    assert ids(output.records(STREAM)) == ids(served.records(STREAM, products=products))


def test_a_file_about_to_expire_is_not_reused(served: Simulator) -> None:
    """A report of three days ago has no file any more, or will have none when its turn comes."""
    served.now = END + timedelta(days=2)
    run_tap(a_week(served))
    served.now += timedelta(hours=71)

    warehouse = Warehouse()
    warehouse.run(a_week(served), served.now)

    assert len(asked(served)) == 2
    assert files_fetched(served) == 2


def test_a_report_requested_too_early_is_not_reused(served: Simulator) -> None:
    """A call that appeared after an earlier run had asked must be in what a later one reads."""
    week = START + timedelta(days=7)
    served.now = week + timedelta(hours=1)
    late = served.world.add("vonage", start=START, listed_at=week + timedelta(hours=2))
    warehouse = Warehouse()
    warehouse.run(a_week(served) | {"lookback_hours": 0}, served.now)
    assert late.key not in warehouse.by_key(STREAM)

    served.now = week + timedelta(hours=25)
    warehouse = Warehouse()
    warehouse.run(a_week(served), served.now)

    assert late.key in warehouse.by_key(STREAM)
    assert len(asked(served)) == 2


# Files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cut", "half", "reset", "html", "empty", "503", "redirect-same"])
def test_a_broken_download_is_repeated(served: Simulator, kind: str) -> None:
    """Half a file, or a page instead of it, costs exactly one more download."""
    served.options |= {"vonage_report_polls": 0, "retry_after_seconds": 0.01}
    served.script("vonage", "ok", "ok", "ok", kind)

    output = run_tap(a_week(served))

    assert served.injected == {kind: 1}
    assert ids(output.records(STREAM)) == known(served, 7)
    assert files_fetched(served) == 2
    assert len(asked(served)) == 1


def test_a_file_holds_the_last_response_only(served: Simulator) -> None:
    """Nothing of an earlier try is left in the file."""
    served.script("vonage", "html")
    settings = served.configuration()["vonage"]
    client = ApiClient(
        AccountName("vonage", "default", ("api_key", "api_secret")),
        base_url=str(settings["base_url"]),
        auth=Vonage.auth(settings),
        explain=Vonage.explain,
        requests_per_second=None,
        connections=1,
        retry_policy=RetryPolicy(tries=2, seconds=LONG, connect_timeout=LONG, read_timeout=LONG),
    )
    file, seen = io.BytesIO(b"x" * 10_000), list[bytes]()

    def check(written: IO[bytes]) -> None:
        seen.append(written.read())
        if len(seen) == 1:
            raise BadAnswer

    params = {"account_id": settings["account_id"], "status": "SUCCESS"}
    request = HTTPRequest("/v2/reports", params=params)
    client.download(request, into=file, check=check, stream=STREAM, cancelled=threading.Event())

    assert seen[0].startswith(b"<!DOCTYPE html>")
    assert json.loads(seen[1])["reports"] == []
    assert file.getvalue() == seen[1]


@pytest.mark.parametrize(
    ("manner", "message"),
    [
        ("cut", "not a complete zip archive"),
        ("changed", "not a complete zip archive"),
        ("no zip", "not a complete zip archive"),
        ("no csv", "contains no CSV"),
    ],
)
def test_a_file_that_stays_broken_is_refused(served: Simulator, manner: str, message: str) -> None:
    """A file that is damaged at its source fails the stream before any of its rows is written."""
    served.options["vonage_report_file"] = manner

    line = failure_of(a_week(served) | {"max_tries": 2})

    assert line.startswith(f"vonage (account default), {STREAM}: the report's file")
    assert message in line
    assert files_fetched(served) == 2


@pytest.mark.parametrize("off", [1, -1])
def test_a_file_with_another_number_of_rows_is_refused(served: Simulator, off: int) -> None:
    """A report with missing calls is not taken as complete: the bookmark stays before it."""
    served.options["vonage_report_count_off"] = off
    warehouse, count = Warehouse(), len(known(served, 7))

    done = warehouse.run(a_week(served), END + timedelta(days=10))

    (line,) = done.failures
    assert f"Vonage reports {count + off} records in the report of VOICE-CALL" in line
    assert "but its file has" in line
    assert warehouse.bookmark(STREAM) in {None, "2026-01-05T00:00:00.000000Z"}


def test_a_report_without_calls_is_not_downloaded(served: Simulator) -> None:
    """A product without calls costs no download, and fails no run."""
    output = run_tap(a_week(served, products=["AMD"]))

    assert output.records(STREAM) == []
    assert len(asked(served)) == 1
    assert files_fetched(served) == 0


@pytest.mark.parametrize("way", ["link", "redirect"])
def test_a_file_is_not_fetched_from_a_stranger(served: Simulator, way: str) -> None:
    """A link or a redirect must not send the keys to another server."""
    served.options |= {"vonage_report_polls": 0, "vonage_report_link_away": way == "link"}
    if way == "redirect":
        served.script("vonage", "ok", "ok", "ok", "redirect-away")

    assert "another origin" in failure_of(a_week(served))
    assert served.foreign_requests == []


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_reported(served: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is reported in one line, without a traceback."""
    monkeypatch.setattr(downloads, "TemporaryFile", lambda: FULL.open("r+b", buffering=0))

    assert "cannot be written to the disk" in failure_of(a_week(served))


# Manners -----------------------------------------------------------------------------------------


def test_the_published_rate_is_kept(served: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """These endpoints take half as many requests a second as the other, over all threads."""
    monkeypatch.undo()
    monkeypatch.setattr(Reports, "pauses", QUICK)
    served.options["vonage_report_polls"] = 0
    began = time.monotonic()

    run_tap(reading(served))

    # At five requests a second the last two come after the first second, however busy the machine.
    assert len(served.requests) == 7
    assert time.monotonic() - began >= 1


def test_no_thread_keeps_waiting_after_a_failed_run(
    served: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that slept on for the reports of other months would keep the process alive."""
    monkeypatch.setattr(Reports, "pauses", replace(QUICK, growth=NEVER, longest=600))

    def first_alone_fails(request: Request) -> None:
        # With one request at a time, what is set here is for this very request.
        if request.method == "POST" and isinstance(request.body, dict):
            is_first = request.body["date_start"] == "2026-01-05T00:00:00.000Z"
            served.options["vonage_report_outcomes"] = ["ABORTED" if is_first else "PROCESSING"]

    served.options["vonage_report_polls"] = 0
    served.on_request(first_alone_fails)
    end = (START + timedelta(days=150)).isoformat()

    assert "cancelled" in failure_of(reading(served) | {"end_date": end, "concurrency": 1})

    waiting = reading_threads()
    for thread in waiting:
        thread.join(LONG)
    assert not any(thread.is_alive() for thread in waiting)


def test_no_personal_data_is_logged(served: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """No log, at any level, holds a number out of a file, the key, or the address of a file."""
    served.options["vonage_report_outcomes"] = ["FAILED"]
    with caplog.at_level(logging.DEBUG):
        records = run_tap(a_week(served)).records(STREAM)

    numbers = {record[name] for record in records for name in ("from", "to")} - {None}
    settings = served.configuration()["vonage"]
    secrets = {*map(str, numbers), str(settings["api_key"]), str(settings["api_secret"]), "/media/"}
    assert "the report of VOICE-CALL from 2026-01-05T00:00:00+00:00" in caplog.text
    assert [secret for secret in secrets if secret in caplog.text] == []
