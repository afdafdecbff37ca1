"""The accounts, pools and names that Airflow gets from a plan."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import voicecalls_plan
import voicecalls_pools
from voicecalls_plan import accounts, pools, read_plan, summary, warm_up

from tap_voicecalls.backfill.plan import Piece, Plan, shard
from tap_voicecalls.common.windows import Window

DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
# Valid task ids, and pool names without a warning.
_LEGAL = re.compile(r"[A-Za-z0-9_.-]{1,200}")


def plan(*labels: str, at_once: int = 2) -> dict[str, Any]:
    """Make a plan as `voicecalls-plan` does, with two shards for each account label."""
    windows = (Window(DAYS[0], DAYS[1]), Window(DAYS[1], DAYS[2]))
    pieces = [Piece("burki", label, None, ("burki_calls",), w) for label in labels for w in windows]
    shards = [shard(piece, "", at_once) for piece in pieces]
    made = Plan(
        made_at=DAYS[2], start_date=DAYS[0], end_date=DAYS[2], at_once=at_once, shards=shards
    )
    plan: dict[str, Any] = json.loads(msgspec.json.encode(made))
    return plan


def test_each_account_has_its_own_pool() -> None:
    """Accounts do not wait for each other, and each keeps its own limit."""
    made = plan("north", "south", at_once=3)

    assert {name: len(shards) for name, shards in accounts(made).items()} == {
        "burki.north": 2,
        "burki.south": 2,
    }
    assert {name: each["slots"] for name, each in pools(made).items()} == {
        "voicecalls.burki.north": 3,
        "voicecalls.burki.south": 3,
    }


def test_products_of_an_account_share_a_pool() -> None:
    """The rate limit is per account, so a pool per product would exceed it."""
    window = Window(DAYS[0], DAYS[1])
    pieces = [Piece("vonage", "default", name, (), window) for name in ("VOICE-CALL", "ASR")]
    shards = [msgspec.to_builtins(shard(piece)) for piece in pieces]

    assert accounts({"shards": shards}).keys() == {"vonage.default"}


def test_pool_names_are_valid_for_any_label() -> None:
    """A label may contain any character; an invalid name breaks the whole DAG."""
    labels = ["Süd / south", "a.b", "a-b", "{{ x }}", "é" * 300]

    names = list(pools(plan(*labels)))

    assert len(names) == len(labels)
    assert [name for name in names if not _LEGAL.fullmatch(name)] == []


def test_the_warm_up_has_an_empty_time_range() -> None:
    """Otherwise it loads calls that a shard loads, too."""
    start = "2026-01-01T00:00:00Z"
    dates = {"TAP_VOICECALLS_START_DATE": start, "TAP_VOICECALLS_END_DATE": start}

    assert warm_up(plan("north")) == dates


@pytest.mark.parametrize(
    ("counts", "expected"), [({"expected": 1234}, "about 1,234 calls, "), ({}, "")]
)
def test_the_summary_of_a_shard(counts: dict[str, int], expected: str) -> None:
    """These log lines show slow and retried shards."""
    line = summary({"id": "burki.north.1", **counts}, 12.3, 2)

    assert line == f"burki.north.1: {expected}12 s in the last of 2 tries"


def test_a_file_that_is_not_a_plan_is_named(tmp_path: Path) -> None:
    """A wrong file is a clear error, not a KeyError."""
    file = tmp_path / "state.json"
    file.write_text('{"singer_state": {}}', encoding="utf-8")

    with pytest.raises(ValueError, match=r"state\.json is not a plan of voicecalls-plan"):
        read_plan(file)


def test_pools_are_printed_for_airflow(tmp_path: Path) -> None:
    """The program needs only Python, and prints the format of `airflow pools import`."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan("north")), encoding="utf-8")

    command = [sys.executable, str(voicecalls_pools.__file__), str(file)]
    printed = subprocess.check_output(command, timeout=60)  # noqa: S603 - our own program

    pool = {"slots": 2, "description": "tap-voicecalls: shards of burki.north"}
    assert json.loads(printed) == {"voicecalls.burki.north": pool}


def test_the_dags_do_not_import_the_tap() -> None:
    """Airflow's environment need not contain the tap."""
    folder = Path(voicecalls_plan.__file__).parent

    assert [
        file for file in folder.glob("*.py") if "tap_voicecalls" in file.read_text("utf-8")
    ] == []
