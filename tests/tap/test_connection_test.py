"""`--test` reports for each account of each stream whether it can be read."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import registry
from support import configuration, simulator

if TYPE_CHECKING:
    from pathlib import Path

    from tap_voicecalls.simulator import Simulator


def tap(folder: Path, config: dict[str, Any], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    file = folder / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tap_voicecalls", f"--config={file}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
    )


def two_accounts(served: Simulator, second_key: str) -> dict[str, Any]:
    """Return a configuration with two accounts of one provider."""
    config = configuration(served, "burki")
    config["burki"]["accounts"] = [
        {"account": "berlin"},
        {"account": "munich", "api_key": second_key},
    ]
    return config


def test_a_wrong_key_of_the_second_account_is_found(tmp_path: Path) -> None:
    """The SDK's own test would only ask the first account."""
    with simulator() as served:
        done = tap(tmp_path, two_accounts(served, "another-key-4711"), "--test")

    assert done.returncode == 1
    assert "burki (account berlin), burki_calls: ok" in done.stderr
    errors = [line for line in done.stderr.splitlines() if "ERROR" in line]
    assert all("burki (account munich), burki_" in line and ": 401 " in line for line in errors)
    assert len(errors) == len([name for name in registry.SELECTED if name.startswith("burki_")])
    assert "4711" not in done.stderr


def test_a_working_account_is_no_error_and_shows_no_calls(tmp_path: Path) -> None:
    """The SDK's own test would log errors and print callers' numbers."""
    with simulator() as served:
        done = tap(tmp_path, configuration(served), "--test")

    lines = [line for line in done.stderr.splitlines() if line.endswith(": ok")]
    assert done.returncode == 0
    assert done.stdout == ""
    assert len(lines) == len(registry.SELECTED)
    assert "ERROR" not in done.stderr


def test_a_rejected_record_type_is_found(tmp_path: Path) -> None:
    """A record type that the account does not have would fail each run."""
    with simulator() as served:
        config = configuration(served, "telnyx")
        config["telnyx"]["record_types"] = ["webrtc", "no-such-type"]
        done = tap(tmp_path, config, "--test")

    assert done.returncode == 1
    assert "no-such-type" in done.stderr
    assert "telnyx_detail_records: ok" not in done.stderr


def test_a_start_in_the_future_is_a_warning(tmp_path: Path) -> None:
    """Runs would silently read nothing, for years."""
    with simulator() as served:
        config = configuration(served, "burki", start_date="2999-01-01") | {
            "end_date": "2999-02-01"
        }
        done = tap(tmp_path, config)

    assert done.returncode == 0
    assert "nothing is read: `start_date` is later than now" in done.stderr
    assert not [m for m in map(json.loads, done.stdout.splitlines()) if m["type"] == "RECORD"]
