"""What dbt's marts are to hold, counted in plain Python over the calls."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from warehouses.dbt import call_groups

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouses.dbt.call_groups import Loaded

Row = dict[str, Any]
Calls = list[Row]

KEYS = {
    "calls_daily": ("day", "provider", "account", "direction", "channel"),
    "agent_daily": ("day", "provider", "account", "agent"),
    "cost_by_provider": ("day", "provider", "account", "currency"),
    "calls_once": ("provider", "account", "call_id"),
    "agents": ("provider", "account", "agent"),
    "call_quality_daily": ("day", "provider", "account", "agent"),
    "concurrency_hourly": ("hour", "provider", "account"),
    "repeat_callers": ("day", "provider", "account"),
}

_STATUSES = ("completed", "failed", "busy", "no_answer", "canceled", "in_progress", "unknown")


def identified(
    rows: list[Row], key: tuple[str, ...] = ("provider", "account", "call_id")
) -> dict[tuple[Any, ...], Row]:
    """Put rows under their keys, none of which is there twice; by default that of calls."""
    found = {tuple(row[name] for name in key): row for row in rows}
    assert len(found) == len(rows)
    return found


def expected(mart: str, loaded: Loaded) -> list[Row]:
    """Return the rows that a mart is to hold."""
    of_calls = {
        "calls_daily": calls_daily,
        "agent_daily": agent_daily,
        "cost_by_provider": cost_by_provider,
    }
    if mart in of_calls:
        return of_calls[mart](loaded.calls)
    rows: list[Row] = getattr(call_groups, mart)(loaded)
    return rows


def calls_daily(calls: Calls) -> list[Row]:
    """Count the calls of each day, provider, account, direction and channel."""
    groups = _grouped(calls, *KEYS["calls_daily"])
    return [key | _counts(group) for key, group in groups]


def agent_daily(calls: Calls) -> list[Row]:
    """Count the calls of each day and agent, who has the name that it had last."""
    of_agents = [call | {"agent": call["agent_id"] or call["agent_name"]} for call in calls]
    names = {
        tuple(key.values()): _latest_name(group)
        for key, group in _grouped(of_agents, "provider", "account", "agent")
        if key["agent"] is not None
    }
    return [
        key | {"agent_name": names.get(tuple(key.values())[1:])} | _counts(group)
        for key, group in _grouped(of_agents, *KEYS["agent_daily"])
    ]


def cost_by_provider(calls: Calls) -> list[Row]:
    """Add up the costs of each day, provider, account and currency."""
    groups = _grouped(calls, *KEYS["cost_by_provider"])
    return [key | _costs(group) for key, group in groups]


def _counts(calls: Calls) -> Row:
    statuses = [call["status"] for call in calls]
    counts = {status: statuses.count(status) for status in _STATUSES}
    ended = len(calls) - counts["in_progress"] - counts["unknown"]
    seconds = _told(calls, "duration_seconds")
    return {
        "calls": len(calls),
        **counts,
        "completed_share": _ratio(counts["completed"], ended, 4),
        "calls_with_duration": len(seconds),
        "duration_seconds": _sum(seconds),
        "average_seconds": _ratio(sum(seconds), len(seconds), 3),
    }


def _costs(calls: Calls) -> Row:
    priced = [call for call in calls if call["cost"] is not None]
    timed = [call for call in priced if call["duration_seconds"] is not None]
    seconds = _told(timed, "duration_seconds")
    parts = ("cost", "cost_llm", "cost_tts", "cost_stt", "cost_telephony")
    return {
        "calls": len(calls),
        "calls_with_cost": len(priced),
        **{part: _sum(_told(calls, part)) for part in parts},
        "seconds_with_cost": _sum(seconds),
        "cost_per_minute": _ratio(60 * sum(_told(timed, "cost")), sum(seconds), 6),
    }


def _latest_name(calls: Calls) -> str | None:
    named = [call for call in calls if call["agent_name"]]
    named.sort(key=lambda call: (call["started_at"] or "", call["call_id"]))
    return str(named[-1]["agent_name"]) if named else None


def _grouped(calls: Calls, *names: str) -> Iterable[tuple[Row, Calls]]:
    groups: dict[tuple[Any, ...], Calls] = defaultdict(list)
    for call in calls:
        row = call | {"day": _day(call)}
        groups[tuple(row[name] for name in names)].append(call)
    return [(dict(zip(names, key, strict=True)), group) for key, group in groups.items()]


def _day(call: Row) -> Any:  # noqa: ANN401 - a date
    return call["started_at"] and datetime.fromisoformat(call["started_at"]).date()


def _told(calls: Calls, name: str) -> list[Decimal]:
    return [Decimal(call[name]) for call in calls if call[name] is not None]


def _sum(numbers: list[Decimal]) -> Decimal | None:
    return sum(numbers, Decimal(0)) if numbers else None


def _ratio(part: Decimal | int, whole: Decimal | int, digits: int) -> Decimal | None:
    """Divide and round as SQL does: a half goes up, and by nothing there is no answer."""
    exact = Decimal(part) / Decimal(whole) if whole else None
    return None if exact is None else exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
