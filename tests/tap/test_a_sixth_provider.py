"""A sixth provider is one room and a line in the registry; the rest finds it by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sixth_provider import RUN, python

if TYPE_CHECKING:
    from pathlib import Path


def test_the_contract_suite_covers_it() -> None:
    """A provider that the suite does not walk is held to nothing."""
    suite = ("tests/tap/test_contract.py", "-k", "made_up")
    done = python("-m", "pytest", "-q", "-p", "plugin", "-p", "no:cacheprovider", *suite)

    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_what_it_does_not_state_is_named() -> None:
    """Who forgets the facts that calls are compared by is told which they are, and where."""
    forget = "import plugin, registry; registry.api_of('made_up').call_fields = {}"
    done = python("-c", f"{forget}; import properties.truth")

    assert done.returncode == 1
    assert "made_up: `call_fields` of its simulated API must name" in done.stderr


def test_its_settings_are_told() -> None:
    """A user reads in --about how to configure it."""
    done = python("-c", RUN, "--about", "--format=json")

    settings = json.loads(done.stdout)["settings"]["properties"]
    assert settings["made_up"]["properties"]["api_key"]["secret"] is True


def test_its_calls_are_among_all_calls(tmp_path: Path) -> None:
    """Its records and its calls come out, each call told in the words of all."""
    config = {"start_date": "2026-01-05", "end_date": "2026-01-07", "simulate": True, "made_up": {}}
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")

    done = python("-c", RUN, "--config", str(file))

    messages = [json.loads(line) for line in done.stdout.splitlines()]
    records = [message for message in messages if message["type"] == "RECORD"]
    own = {m["record"]["id"] for m in records if m["stream"] == "made_up_calls"}
    calls = {m["record"]["call_id"]: m["record"] for m in records if m["stream"] == "calls"}
    assert done.returncode == 0, done.stderr
    assert own == calls.keys()
    assert {call["provider"] for call in calls.values()} == {"made_up"}
    assert {call["status"] for call in calls.values()} == {"completed", "failed"}
