"""`--test` reports for each account of each stream whether it can be read."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
import registry
from raw_server import ok, serving
from support import configuration, simulator

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
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


def held(barrier: threading.Barrier) -> Callable[[socket.socket], object]:
    """Return an answer without calls that waits for the request to another server."""

    def answer(connection: socket.socket) -> None:
        barrier.wait(60)
        connection.sendall(ok(b"[]"))

    return answer


def test_a_wrong_key_of_the_second_account_is_found(tmp_path: Path) -> None:
    """The SDK's own test would only ask the first account."""
    with simulator() as served:
        done = tap(tmp_path, two_accounts(served, "another-key-of-test"), "--test")

    assert done.returncode == 1
    assert "burki (account berlin), burki_calls: ok" in done.stderr
    errors = [line for line in done.stderr.splitlines() if "ERROR" in line]
    assert all("burki (account munich), burki_" in line and ": 401 " in line for line in errors)
    assert len(errors) == len([name for name in registry.SELECTED if name.startswith("burki_")])
    assert "key-of-test" not in done.stderr


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


def test_accounts_are_asked_side_by_side(tmp_path: Path) -> None:
    """Catches a test that waits for one slow account before it asks the next."""
    both = threading.Barrier(2)
    with serving(held(both)) as one, serving(held(both)) as other:
        accounts = [
            {"account": name, "api_key": "k", "base_url": server.url}
            for name, server in (("berlin", one), ("munich", other))
        ]
        config = {"start_date": "2026-01-01", "max_tries": 1, "ovia": {"accounts": accounts}}
        done = tap(tmp_path, config, "--test")

    assert done.returncode == 0, done.stderr
    assert [line.split(" | ")[-1] for line in done.stderr.splitlines() if ": ok" in line] == [
        "ovia (account berlin), ovia_calls: ok",
        "ovia (account munich), ovia_calls: ok",
    ]


def test_details_are_asked_for_one_call(tmp_path: Path) -> None:
    """Catches a test that costs a request for each call, or that asks for no details at all."""
    with simulator() as served:
        config = configuration(served, "voicy", "burki")
        done = tap(tmp_path, config, "--test")
        paths = [request.path for request in served.requests]

    assert "voicy (account default), voicy_call_details: ok" in done.stderr
    details = [path for path in paths if "call-get" in path]
    assert len(details) == 1


def test_an_account_without_calls_is_told(tmp_path: Path) -> None:
    """Catches details that count as tested although nothing was asked for them."""
    with simulator(calls_per_day=0) as served:
        done = tap(tmp_path, configuration(served, "voicy"), "--test")

    line = "voicy (account default), voicy_call_details: the list is ok; without a call in 7 days"
    assert done.returncode == 0
    assert line in done.stderr


def test_a_wrong_key_is_found_before_the_retention(tmp_path: Path) -> None:
    """Vonage has no calls of years ago, so reading them would send no request."""
    with simulator() as served:
        config = configuration(served, "vonage", start_date="2015-01-01", end_date="2015-02-01")
        config["vonage"]["api_secret"] = "another-secret"  # noqa: S105 - made up
        done = tap(tmp_path, config, "--test")

    assert done.returncode == 1
    assert "vonage (account default), vonage_voice_reports: 401 " in done.stderr


@pytest.mark.parametrize("second_key", ["", "another-key-of-test"])
def test_meltano_gets_a_record_or_a_reason(tmp_path: Path, second_key: str) -> None:
    """`meltano config test` reads log and messages from one pipe, up to the first record.

    Without an answer of its own, it finds an account that works and does not see the others.
    """
    with simulator() as served:
        config = two_accounts(served, second_key or configuration(served)["burki"]["api_key"])
        file = tmp_path / "config.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "tap_voicecalls", f"--config={file}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
            env={"PATH": "/usr/bin:/bin", "MELTANO_EXTRACTOR_NAME": "tap-calls"},
        )

    *_, last = done.stdout.splitlines()
    messages = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == bool(second_key)
    if second_key:
        assert messages == []
        assert last.startswith("burki (account munich), burki_assistants: 401 Unauthorized")
        assert last.endswith(" (3 more: meltano invoke tap-calls --test)")
    else:
        assert messages == [last] == ['{"type":"RECORD","stream":"test","record":{}}']


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
