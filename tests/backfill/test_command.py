"""The command `voicecalls-plan`: its plans, and its error messages."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from support import configuration, simulator

from backfill.shards import plan, planned
from tap_voicecalls.backfill.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "some-key-4711"  # noqa: S105 - of no account
CONFIG: dict[str, Any] = {
    "start_date": "2025-01-01T06:30:00.5Z",
    "end_date": "2025-03-02",
    "vonage": {"api_key": SECRET, "api_secret": SECRET, "products": ["SIP", "VOICE-CALL"]},
    "telnyx": {"api_key": SECRET, "call_ids": ["some-call"]},
    "ovia": {"api_key": SECRET},
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a configuration."""
    (tmp_path / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    return tmp_path


@dataclass(frozen=True)
class Ended:
    """The result of a command: exit code, standard output, and lines of standard error."""

    code: object
    printed: str
    lines: list[str]


@pytest.fixture
def in_here(
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Callable[..., Ended]:
    """Runs the command in this process, which is faster, and in the folder of the files."""
    monkeypatch.chdir(files)
    monkeypatch.setattr(os, "_exit", sys.exit)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["voicecalls-plan", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        written = capsys.readouterr()
        return Ended(ended.value.code, written.out, written.err.splitlines() + caplog.messages)

    return run


def test_a_plan_by_days_sends_no_request(files: Path) -> None:
    """A plan by days needs no provider; those of this test cannot be reached.

    Products have their canonical names, a provider without a time filter gets one shard, and shards
    skip named ids, which several shards would load otherwise.
    """
    made = planned("--config", files / "config.json", "--days", "31")

    planned_shards = [
        (s["id"], s["end_date"], s["env"].get("TAP_VOICECALLS_ONLY_SKIP_NAMED_IDS"))
        for s in made["shards"]
    ]
    assert planned_shards == [
        ("vonage.default.voice-call.20250101T063000Z", "2025-02-01T00:00:00Z", None),
        ("vonage.default.voice-call.20250201T000000Z", "2025-03-02T00:00:00Z", None),
        ("telnyx.default.20250101T063000Z", "2025-02-01T00:00:00Z", "true"),
        ("telnyx.default.20250201T000000Z", "2025-03-02T00:00:00Z", "true"),
        ("ovia.default.20250101T063000Z", "2025-03-02T00:00:00Z", None),
    ]
    assert made["shards"][0]["env"] == {
        "TAP_VOICECALLS_START_DATE": "2025-01-01T06:30:00.500000Z",
        "TAP_VOICECALLS_END_DATE": "2025-02-01T00:00:00Z",
        "TAP_VOICECALLS_ONLY_PROVIDER": "vonage",
        "TAP_VOICECALLS_ONLY_ACCOUNT": "default",
        "TAP_VOICECALLS_ONLY_PRODUCTS": '["VOICE-CALL"]',
    }


def test_parallel_shards_share_the_rate(files: Path) -> None:
    """Otherwise each shard uses the whole rate of the account."""
    arguments = ("--config", files / "config.json", "--days", "31")

    made, alone = planned(*arguments, "--at-once", "3"), planned(*arguments)

    name = "TAP_VOICECALLS_ONLY_PARALLEL_RUNS"
    assert (made["at_once"], alone["at_once"]) == (3, 1)
    assert {shard["env"].pop(name) for shard in made["shards"]} == {"3"}
    assert made["shards"] == alone["shards"]


def test_settings_come_from_all_sources(files: Path) -> None:
    """ENV and `config_file` work as for the tap; Meltano users have no settings file."""
    made = planned(
        *("--config=ENV", "--days", "40"),
        TAP_VOICECALLS_CONFIG_FILE=str(files / "config.json"),
        TAP_VOICECALLS_ONLY_PROVIDER="ovia",
    )

    assert [shard["provider"] for shard in made["shards"]] == ["ovia"]


def test_a_plan_ends_now_at_the_latest(files: Path) -> None:
    """A shard that ends in the future would never be complete."""
    config = CONFIG | {"start_date": "2026-01-01", "end_date": "2999-01-01"}
    (files / "config.json").write_text(json.dumps(config), encoding="utf-8")

    made = planned("--config", files / "config.json", "--days", "9999")

    ends = {shard["end_date"] for shard in made["shards"]}
    assert ends == {made["end_date"]} == {made["made_at"]}
    assert len(made["end_date"]) == len("2026-01-01T00:00:00Z")


def test_more_units_than_shards_are_reported(files: Path) -> None:
    """Three products need three shards; a user who asked for two sees a warning."""
    own: dict[str, Any] = {name: CONFIG[name] for name in ("start_date", "end_date", "vonage")}
    own["vonage"] = own["vonage"] | {"products": ["VOICE-CALL", "ASR", "AMD"]}
    (files / "config.json").write_text(json.dumps(own), encoding="utf-8")

    done = plan("--config", files / "config.json", "--shards", "2")

    assert done.returncode == 0
    assert len(json.loads(done.stdout)["shards"]) == 3
    assert done.stderr == (
        "voicecalls-plan: 3 shards: each provider, account and product needs its own\n"
    )


def test_without_totals_shards_have_equal_lengths(files: Path) -> None:
    """An older server sends arrays without a total, which must not fail the plan."""
    with simulator() as served:
        served.options["voicy_bare_array"] = True
        config = configuration(served, "voicy")
        (files / "config.json").write_text(json.dumps(config), encoding="utf-8")
        made = planned("--config", files / "config.json", "--shards", "4")

    assert [s["start_date"][:10] for s in made["shards"]] == [
        f"2026-01-0{day}" for day in (5, 6, 7, 8)
    ]
    assert [shard for shard in made["shards"] if "expected" in shard] == []


def test_a_wrong_key_is_one_clear_line(files: Path) -> None:
    """The line names the provider and what to check, but not the key."""
    with simulator() as served:
        config = configuration(served, "burki")
        config["burki"]["api_key"] = SECRET
        (files / "config.json").write_text(json.dumps(config), encoding="utf-8")
        done = plan("--config", files / "config.json", "--shards", "4")

    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        "voicecalls-plan: burki (account default), burki_calls: 401 Unauthorized"
    )
    assert SECRET not in line


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "a plan needs --config, and either --shards or --days"),
        (("--config", "config.json"), 2, "a plan needs --config, and either --shards or --days"),
        (
            ("--config", "config.json", "--days", "0"),
            2,
            "'0' is not a whole number from 1 to 999999",
        ),
        (("--config", "config.json", "--days", "1", "--shards", "1"), 2, "not allowed with"),
        (("--config", "config.json", "--days", "1", "state.json"), 2, "need --merge PLAN"),
        (
            ("--config", "config.json", "--days", "1", "--state-prefix", "a/b"),
            2,
            "'a/b' may only contain letters, digits, dots, dashes and underscores",
        ),
        (("--merge", "plan.json"), 2, "--merge needs the states of the shards"),
        (("--merge", "plan.json", "--days", "1", "state.json"), 2, "--merge does not make a plan"),
        (
            ("--merge", "plan.json", "--at-once", "2", "state.json"),
            2,
            "--merge does not make a plan",
        ),
        (("--config", "none.json", "--days", "1"), 1, "`--config`: none.json cannot be read"),
        (("--config", "empty.json", "--days", "1"), 1, "`start_date` is missing"),
        (("--config", "later.json", "--days", "1"), 1, "there is nothing to divide"),
        (("--merge", "none.json", "."), 1, "none.json cannot be read: No such file"),
        (("--merge", "config.json", "."), 1, "config.json is not a plan"),
        (("--merge", "future.json", "."), 1, "the plan has version 2, but this program reads 1"),
        (("--merge", "plan.json", "other.json"), 1, "no shard with the state id other"),
        (
            ("--merge", "plan.json", "ovia.default.20250101T063000Z.json"),
            1,
            "ovia.default.20250101T063000Z.json is not a state: a bookmark in it is not a time",
        ),
    ],
)
def test_an_error_is_one_clear_line(
    files: Path, arguments: tuple[str, ...], code: int, said: str, in_here: Callable[..., Ended]
) -> None:
    """The user reads what to fix, and no incomplete plan is printed."""
    name = "ovia.default.20250101T063000Z"
    dates = {"start_date": "2025-01-01T00:00:00Z", "end_date": "2025-03-02T00:00:00Z"}
    owner = {"provider": "ovia", "account": "default", "streams": ["ovia_calls"]}
    shard = {"id": name, "state_id": name, **owner, **dates, "env": {}}
    made = {"version": 1, "made_at": dates["end_date"], **dates, "shards": [shard]}
    partition = {"context": {"account": "default"}, "replication_key_value": "soon"}
    contents: dict[str, Any] = {
        "plan": made,
        "future": made | {"version": 2},
        "empty": {"ovia": {"api_key": SECRET}},
        "later": {"start_date": "2999-01-01", "ovia": {"api_key": SECRET}},
        "other": {"bookmarks": {}},
        name: {"bookmarks": {"ovia_calls": {"partitions": [partition]}}},
    }
    for file, content in contents.items():
        (files / f"{file}.json").write_text(json.dumps(content), encoding="utf-8")

    ended = in_here(*arguments)

    assert (ended.code, ended.printed) == (code, "")
    assert said in ended.lines[-1]
    assert SECRET not in "".join(ended.lines)
