"""The command `voicecalls-simulator`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
import requests

from tap_voicecalls.simulator import cli

COMMAND = [
    sys.executable,
    "-c",
    "import sys; from tap_voicecalls.simulator.cli import main; sys.exit(main())",
]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_a_configuration_and_serves_until_stopped(stop: signal.Signals) -> None:
    """Stdout is a configuration of the tap in JSON; Ctrl-C ends without a traceback."""
    arguments = ["--port", "0", "--start", "2026-04-01", "--end", "2026-04-02T12:00:00Z"]
    with subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        printed = ""
        while not printed.endswith("\n}\n"):
            printed += process.stdout.readline()
        configuration = json.loads(printed)
        ovia = configuration["ovia"]
        headers = {"Authorization": f"Bearer {ovia['api_key']}"}
        answer = requests.get(f"{ovia['base_url']}/api/v1/calls", headers=headers, timeout=300)
        process.send_signal(stop)
        rest, log = process.communicate(timeout=300)
    assert (process.returncode, rest) == (0, "")
    assert "Traceback" not in log
    assert answer.json()
    assert configuration["start_date"] == "2026-04-01T00:00:00Z"
    assert configuration["end_date"] == "2026-04-02T12:00:00Z"


def test_a_wrong_range_is_reported_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """An end before the start is an error in one line, without a traceback."""
    assert cli.main(["--start", "2026-04-02", "--end", "2026-04-01"]) == 1
    printed, log = capsys.readouterr()
    assert printed == ""
    assert log == "voicecalls-simulator: error: end must be after start\n"


def test_a_wrong_date_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid date is refused with its text."""
    with pytest.raises(SystemExit):
        cli.main(["--start", "soon"])
    assert "'soon' is not an ISO 8601 date or time" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["-1", "nan", "inf"])
def test_an_invalid_number_of_calls_is_refused(count: str) -> None:
    """A simulator without calls would look like a tap that reads nothing."""
    with pytest.raises(SystemExit) as caught:
        cli.main([f"--calls-per-day={count}"])

    assert caught.value.code == 2
