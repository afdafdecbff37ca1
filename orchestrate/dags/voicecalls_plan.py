"""A plan of `voicecalls-plan`: its accounts, and what is named after them. Pure, standard library.

A shard's id begins with its provider and its account, both in letters that any engine takes.
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
        ValueError: The file holds none.
    """
    plan = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(plan, dict) or "shards" not in plan:
        msg = f"{file} is no plan of voicecalls-plan"
        raise ValueError(msg)
    return plan


def accounts(plan: Plan) -> dict[str, list[Shard]]:
    """Return the shards of each account, by a name for it such as "burki.north"."""
    found: dict[str, list[Shard]] = {}
    for shard in plan["shards"]:
        found.setdefault(_account(shard), []).append(shard)
    return found


def pool(account: str) -> str:
    """Name the pool that bounds how many shards of an account are read at the same time."""
    return f"voicecalls.{account}"


def pools(plan: Plan) -> dict[str, Mapping[str, object]]:
    """Return a plan's pools, as `airflow pools import` takes them."""
    slots = plan.get("at_once", 1)
    return {
        pool(account): {"slots": slots, "description": f"tap-voicecalls: shards of {account}"}
        for account in accounts(plan)
    }


def warm_up(plan: Plan) -> dict[str, str]:
    """Return what makes a run of the tap one of no time at all, which makes the tables."""
    dates = ("TAP_VOICECALLS_START_DATE", "TAP_VOICECALLS_END_DATE")
    return dict.fromkeys(dates, str(plan["start_date"]))


def told(shard: Shard, seconds: float, tries: int) -> str:
    """Tell of a shard that was loaded, in one line."""
    calls = f"about {shard['expected']:,} calls, " if "expected" in shard else ""
    return f"{shard['id']}: {calls}{seconds:.0f} s in the last of {tries} tries"


def _account(shard: Shard) -> str:
    return ".".join(shard["id"].split(".")[:2])
