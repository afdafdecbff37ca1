"""What Airflow is told of a plan: accounts, pools, and names that it takes."""

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
from voicecalls_plan import accounts, pools, read_plan, told, warm_up

from tap_voicecalls.backfill.plan import Piece, Plan, shard
from tap_voicecalls.common.windows import Window

DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
# What Airflow takes as the id of a task, and as the name of a pool without a warning.
_LEGAL = re.compile(r"[A-Za-z0-9_.-]{1,200}")


def plan(*labels: str, at_once: int = 2) -> dict[str, Any]:
    """Make a plan as `voicecalls-plan` does: two shards of each account of these labels."""
    windows = (Window(DAYS[0], DAYS[1]), Window(DAYS[1], DAYS[2]))
    pieces = [Piece("burki", label, None, ("burki_calls",), w) for label in labels for w in windows]
    shards = [shard(piece, "", at_once) for piece in pieces]
    made = Plan(
        made_at=DAYS[2], start_date=DAYS[0], end_date=DAYS[2], at_once=at_once, shards=shards
    )
    found: dict[str, Any] = json.loads(msgspec.json.encode(made))
    return found


def test_each_account_has_a_pool_of_its_own() -> None:
    """Accounts that share a pool wait for each other; shards of none are read all at once."""
    made = plan("north", "south", at_once=3)

    assert {name: len(shards) for name, shards in accounts(made).items()} == {
        "burki.north": 2,
        "burki.south": 2,
    }
    assert {name: each["slots"] for name, each in pools(made).items()} == {
        "voicecalls.burki.north": 3,
        "voicecalls.burki.south": 3,
    }


def test_products_of_an_account_share_its_pool() -> None:
    """The rate is the account's: a pool for each product would let it be passed."""
    window = Window(DAYS[0], DAYS[1])
    pieces = [Piece("vonage", "default", name, (), window) for name in ("VOICE-CALL", "ASR")]
    shards = [msgspec.to_builtins(shard(piece)) for piece in pieces]

    assert accounts({"shards": shards}).keys() == {"vonage.default"}


def test_any_label_makes_a_legal_name() -> None:
    """A label may hold anything; a name that Airflow refuses takes the whole backfill with it."""
    labels = ["Süd / south", "a.b", "a-b", "{{ x }}", "é" * 300]

    names = list(pools(plan(*labels)))

    assert len(names) == len(labels)
    assert [name for name in names if not _LEGAL.fullmatch(name)] == []


def test_the_warm_up_reads_nothing() -> None:
    """A warm-up of more than no time loads calls twice."""
    start = "2026-01-01T00:00:00Z"
    dates = {"TAP_VOICECALLS_START_DATE": start, "TAP_VOICECALLS_END_DATE": start}

    assert warm_up(plan("north")) == dates


@pytest.mark.parametrize(
    ("counts", "expected"), [({"expected": 1234}, "about 1,234 calls, "), ({}, "")]
)
def test_a_line_tells_of_a_shard(counts: dict[str, int], expected: str) -> None:
    """Whoever looks for a slow or troubled shard reads these lines."""
    line = told({"id": "burki.north.1", **counts}, 12.3, 2)

    assert line == f"burki.north.1: {expected}12 s in the last of 2 tries"


def test_what_is_no_plan_is_said_so(tmp_path: Path) -> None:
    """A state or a configuration in the plan's place is told by name, not by a KeyError."""
    file = tmp_path / "state.json"
    file.write_text('{"singer_state": {}}', encoding="utf-8")

    with pytest.raises(ValueError, match=r"state\.json is no plan of voicecalls-plan"):
        read_plan(file)


def test_pools_are_printed_for_airflow(tmp_path: Path) -> None:
    """The program runs with any Python, and prints what `airflow pools import` asks for."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan("north")), encoding="utf-8")

    command = [sys.executable, str(voicecalls_pools.__file__), str(file)]
    printed = subprocess.check_output(command, timeout=60)  # noqa: S603 - our own program

    pool = {"slots": 2, "description": "tap-voicecalls: shards of burki.north"}
    assert json.loads(printed) == {"voicecalls.burki.north": pool}


def test_it_is_copied_alone() -> None:
    """In another project there is no package of the tap beside Airflow."""
    folder = Path(voicecalls_plan.__file__).parent

    assert [
        file for file in folder.glob("*.py") if "tap_voicecalls" in file.read_text("utf-8")
    ] == []
