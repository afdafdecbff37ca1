"""A plan of `voicecalls-plan`: its accounts and their pools. Pure; standard library only.

A shard's id starts with its provider and its account, in characters that orchestrators accept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Plan = dict[str, Any]
    Shard = dict[str, Any]


def read_plan(file: Path) -> Plan:
    """Read a plan.

    Raises:
        ValueError: The file is not a plan.
    """
    plan = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(plan, dict) or "shards" not in plan:
        msg = f"{file} is not a plan of voicecalls-plan"
        raise ValueError(msg)
    return plan


def accounts(plan: Plan) -> dict[str, list[Shard]]:
    """Return the shards of each account, by its name such as "burki.north"."""
    shards_by_account: dict[str, list[Shard]] = {}
    for shard in plan["shards"]:
        shards_by_account.setdefault(_account(shard), []).append(shard)
    return shards_by_account


def pool(account: str) -> str:
    """Return the pool that limits how many shards of an account are read at the same time."""
    return f"voicecalls.{account}"


def pools(plan: Plan) -> dict[str, Mapping[str, object]]:
    """Return the pools of a plan in the format of `airflow pools import`."""
    slots = plan.get("at_once", 1)
    return {
        pool(account): {"slots": slots, "description": f"tap-voicecalls: shards of {account}"}
        for account in accounts(plan)
    }


def warm_up(plan: Plan) -> dict[str, str]:
    """Return the environment of a run with an empty time range, which only creates the tables."""
    dates = ("TAP_VOICECALLS_START_DATE", "TAP_VOICECALLS_END_DATE")
    return dict.fromkeys(dates, str(plan["start_date"]))


def summary(shard: Shard, seconds: float, tries: int) -> str:
    """Return a line about a loaded shard."""
    calls = f"about {shard['expected']:,} calls, " if "expected" in shard else ""
    return f"{shard['id']}: {calls}{seconds:.0f} s in the last of {tries} tries"


def _account(shard: Shard) -> str:
    return ".".join(shard["id"].split(".")[:2])
