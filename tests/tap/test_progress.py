"""The progress of real runs: what is told while the server answers."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support import START, catalog_of, configuration, run_tap, simulator

from tap_voicecalls.common.run import Run
from tap_voicecalls.output.progress_report import LogLines, is_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_voicecalls.simulator import Simulator

PROGRESS = "tap-voicecalls.progress"
LINE = re.compile(
    r"burki \(account default\), burki_calls: complete to 2026-01-\d\d \d\d:\d\d \((\d+) %\), "
    r"[\d,]+ calls, [\d,.]+ a second, about [\d.]+ \w+ left"
)


@pytest.fixture
def served() -> Iterator[Simulator]:
    """Simulate a month."""
    with simulator(end=START + timedelta(days=30), calls_per_day=10) as running:
        yield running


def lines_of(
    served: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    config: dict[str, Any],
    **selected: bool,
) -> list[str]:
    """Run the tap and return what its progress was at each request."""
    caplog.set_level(logging.INFO)
    made = Run.__init__
    reports: list[LogLines] = []

    def noting(run: Run, *given: Any, **named: Any) -> None:  # noqa: ANN401 - those of Run
        made(run, *given, **named)
        reports.append(LogLines(run.progress))

    catalog = catalog_of(config, **selected)
    monkeypatch.setattr(Run, "__init__", noting)
    served.on_request(lambda _: reports[-1].show())
    run_tap(config | {"concurrency": 1}, catalog=catalog)
    return [record.getMessage() for record in caplog.records if record.name == PROGRESS]


def only(*streams: str) -> dict[str, bool]:
    """Return the selection of some streams of Burki and Vonage."""
    names = ("calls", "call_turns", "call_costs", "call_recordings", "burki_assistants")
    others = ("burki_flows", "burki_phone_numbers", "burki_calls", "vonage_voice_reports")
    return dict.fromkeys((*names, *others), False) | dict.fromkeys(streams, True)


def test_a_run_tells_how_far_it_is(
    served: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches a share that does not follow the windows, or a stream that tells nothing."""
    config = configuration(served, "burki", end_date=(START + timedelta(days=30)).isoformat())
    lines = lines_of(served, monkeypatch, caplog, config, **only("burki_calls", "calls"))

    shares = [int(found[1]) for found in map(LINE.fullmatch, lines) if found]
    assert lines[0] == "burki (account default), burki_calls: no time complete yet, 0 calls"
    assert len(shares) >= 2
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] < 100


def test_reports_that_are_waited_for_are_told(
    served: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches minutes without a word while Vonage makes its reports."""
    served.options["vonage_report_polls"] = 2
    config = configuration(served, "vonage")
    config["vonage"] |= {"mode": "async", "products": ["VOICE-CALL", "VOICE-TTS"]}
    lines = lines_of(served, monkeypatch, caplog, config, **only("vonage_voice_reports"))

    name = "vonage (account default), vonage_voice_reports: "
    assert any(line.startswith(f"{name}no time complete yet, 0 ") for line in lines)
    assert any(re.search(r"waiting for 2 reports for \d+ s", line) for line in lines)
    assert any(re.search(r"waiting for 1 report for \d+ s", line) for line in lines)


def test_recordings_that_are_stored_are_told(
    served: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """Catches hours without a word while a window's recordings are stored."""
    config = configuration(served, "burki", recordings={"root": str(tmp_path / "archive")})
    selected = only("burki_recordings", "call_recordings")
    lines = lines_of(served, monkeypatch, caplog, config, **selected)

    found = [re.search(r"recordings: (\d+) of (\d+)", line) for line in lines]
    counts = [(int(each[1]), int(each[2])) for each in found if each]
    assert counts
    assert all(done <= known for done, known in counts)
    assert counts[-1][0] > 0


def run_on_a_terminal(
    served: Simulator,
    config: dict[str, Any],
    folder: Path,
    shown: str,
    **environ: str,
) -> str:
    """Run the command with its log on a terminal; the server waits until a text is shown there."""
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
    seen, written = threading.Event(), bytearray()

    def hold(_: object) -> None:
        seen.wait(30)
        seen.set()  # a failing test waits once

    served.on_request(hold)
    with (folder / "out.jsonl").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tap_voicecalls", "--config=config.json"],
            stdout=output,
            stderr=theirs,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "TERM": "xterm", **environ},
        )
    os.close(theirs)
    if not shown:
        seen.set()
    try:
        while data := os.read(ours, 1 << 16):
            written += data
            if shown and shown.encode() in written:
                seen.set()
    except OSError:  # the other end was closed
        pass
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return written.decode()


def test_a_terminal_has_a_bar(served: Simulator, tmp_path: Path) -> None:
    """Catches a bar that is not drawn, that stays, or that breaks lines of the log."""
    config = configuration(served, "burki")
    text = run_on_a_terminal(served, config, tmp_path, "| burki (account default), burki_")

    assert "no time complete yet, 0 " in text
    assert PROGRESS not in text
    log = [line.split("\r")[-1] for line in text.split("\r\n") if "METRIC" in line]
    assert log
    assert all(re.match(r"\d{4}-\d\d-\d\d ", line) for line in log)
    assert not text.split("\r")[-1].strip()
    assert (tmp_path / "out.jsonl").read_bytes().startswith(b'{"type":"')


@pytest.mark.parametrize(("columns", "has_bar"), [(80, True), (0, False)])
def test_a_terminal_without_a_width_has_no_bar(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, columns: int, *, has_bar: bool
) -> None:
    """Catches a bar of nothing, as in a container whose terminal was given no size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(theirs, "w") as terminal, (tmp_path / "out").open("w") as output:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setattr(sys, "stdout", output)
        assert is_terminal() is has_bar
        monkeypatch.setattr(sys, "stdout", terminal)
        assert not is_terminal()
        monkeypatch.undo()
    os.close(ours)


def test_a_quiet_run_on_a_terminal_says_nothing(served: Simulator, tmp_path: Path) -> None:
    """Catches a bar that does not follow the log level."""
    config = configuration(served, "ovia")

    assert not run_on_a_terminal(served, config, tmp_path, "", TAP_VOICECALLS_LOGLEVEL="WARNING")
