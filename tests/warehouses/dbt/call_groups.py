"""What the marts of calls, agents and callers are to hold, in plain Python over what was loaded."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Row = dict[str, Any]
Rows = list[Row]

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
_OF_THE_MAIN_ROW = (
    *("provider", "account", "call_id", "direction", "channel", "status", "end_reason", "ended_by"),
    *("answered_by", "successful", "sentiment", "from_number", "to_number", "agent_id"),
    *("agent_name", "agent_version", "language", "turns", "interruptions"),
)
_LISTS = {
    "voicy_agents": "agent_id",
    "telnyx_ai_assistants": "id",
    "burki_assistants": "id",
    "retell_agents": "agent_id",
    "elevenlabs_agents": "agent_id",
}


class Loaded(NamedTuple):
    """What was loaded.

    Attributes:
        calls: The rows of `calls`.
        turns: Those of `call_turns`.
        agents: Those of the lists of agents, by stream.
    """

    calls: Rows
    turns: Rows
    agents: dict[str, Rows]


def calls_once(loaded: Loaded) -> Rows:
    """Put the rows of a call together, and add up what they cost."""
    made = []
    for group in _groups(loaded.calls):
        main = min(group, key=_rank)
        priced = {call["currency"] or "" for call in group if call["cost"]}
        costs = [Decimal(call["cost"]) for call in group if call["cost"] is not None]
        currencies = [c["currency"] for c in group if c["cost"] and c["currency"]]
        currencies = currencies or [c["currency"] for c in group if c["currency"]]
        is_mixed = len(priced) > 1
        made.append(
            {name: main[name] for name in _OF_THE_MAIN_ROW}
            | {name: naive(main[name]) for name in ("started_at", "ended_at")}
            | {name: number(main[name]) for name in ("duration_seconds", "response_seconds")}
            | {
                "legs": len(group),
                "cost": None if is_mixed or not costs else sum(costs, Decimal(0)),
                "currency": None if is_mixed or not currencies else max(currencies),
            }
        )
    return made


def agents(loaded: Loaded) -> Rows:
    """Return the agents of the lists and of the calls."""
    named: dict[tuple[str, str, str], Row] = {}
    for stream, key in _LISTS.items():
        for row in loaded.agents.get(stream, []):
            provider = stream.partition("_")[0]
            named[provider, row["account"], str(row[key])] = row
    called, agent_of = defaultdict[tuple[str, str, str], Rows](list), agents_of(loaded)
    for call in loaded.calls:
        if agent := agent_of(call):
            called[call["provider"], call["account"], agent].append(call)
    return [_agent(key, named.get(key), called.get(key, [])) for key in {*named, *called}]


def agents_of(loaded: Loaded) -> Callable[[Row], str | None]:
    """Return what tells the agent of a call: its id, or the only one of its name, or the name."""
    ids = defaultdict[tuple[str, str, str], set[str]](set)
    for stream, key in _LISTS.items():
        for row in loaded.agents.get(stream, []):
            ids[stream.partition("_")[0], row["account"], _name(row)].add(str(row[key]))
    for call in loaded.calls:
        if call["agent_id"]:
            ids[call["provider"], call["account"], call["agent_name"]].add(call["agent_id"])

    def agent_of(call: Row) -> str | None:
        own = ids.get((call["provider"], call["account"], call["agent_name"]), set())
        of_name: str | None = next(iter(own)) if len(own) == 1 else call["agent_name"]
        return call["agent_id"] or (call["agent_name"] and of_name)

    return agent_of


def call_quality_daily(loaded: Loaded) -> Rows:
    """Measure the calls of each agent and day."""
    responses = _responses(loaded)
    days, agent_of = defaultdict[tuple[Any, ...], Rows](list), agents_of(loaded)
    for call in loaded.calls:
        days[day(call), call["provider"], call["account"], agent_of(call)].append(call)
    return [_quality(key, group, responses) for key, group in days.items()]


def concurrency_hourly(loaded: Loaded) -> Rows:
    """Count the calls at each moment at which one begins."""
    scopes = defaultdict[tuple[str, str], list[tuple[datetime, datetime]]](list)
    for call in calls_once(loaded):
        start, end = call["started_at"], call["ended_at"]
        if start and end and end > start:
            span = start, min(end, start + WEEK)
            scopes[call["provider"], call["account"]].append(span)
            scopes["all", "all"].append(span)
    return [row for scope, spans in scopes.items() for row in _hours(scope, spans)]


def repeat_callers(loaded: Loaded) -> Rows:
    """Count the calls after which the same number called again within a week."""
    calls = [
        call
        for call in calls_once(loaded)
        if call["direction"] == "inbound" and call["from_number"] and call["started_at"]
    ]
    times = defaultdict[str, list[datetime]](list)
    for call in calls:
        times[call["from_number"]].append(call["started_at"])
    names = ("started_at", "provider", "account", "call_id")
    order = sorted(calls, key=lambda call: [call[name] for name in names])
    seen = defaultdict[str, int](int)
    days = defaultdict[tuple[Any, ...], list[tuple[str, bool]]](list)
    for call in order:
        own = sorted(times[call["from_number"]])
        seen[call["from_number"]] += 1
        later = own[seen[call["from_number"]] :]
        followed = bool(later) and later[0] <= call["started_at"] + WEEK
        key = call["started_at"].date(), call["provider"], call["account"]
        days[key].append((call["from_number"], followed))
    latest = max(day(call) for call in loaded.calls if call["started_at"])
    return [
        {
            **dict(zip(("day", "provider", "account"), key, strict=True)),
            "calls": len(found),
            "callers": len({caller for caller, _ in found}),
            "followed": (followed := sum(again for _, again in found)),
            "first_call_resolution": rounded(Decimal(len(found) - followed) / len(found), 4),
            "is_complete": key[0] < latest - WEEK,
        }
        for key, found in days.items()
    ]


def naive(time: str | None) -> datetime | None:
    """Return a time in UTC without its zone."""
    return datetime.fromisoformat(time).replace(tzinfo=None) if time else None


def day(call: Row) -> Any:  # noqa: ANN401 - a date
    """Return the day on which a call began."""
    began = naive(call["started_at"])
    return began and began.date()


def number(value: Any) -> Decimal | None:  # noqa: ANN401 - a number
    """Return an exact number."""
    return None if value is None else Decimal(value)


def rounded(value: Decimal, digits: int) -> Decimal:
    """Round as SQL does: a half goes up."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _groups(calls: Rows) -> Iterator[Rows]:
    """Yield the rows of each call: those that are joined in any number of steps."""
    beside = defaultdict[int, set[int]](set)
    for at, call in enumerate(calls):
        for other, row in enumerate(calls):
            is_carrier = (call["carrier"], call["carrier_call_id"]) == (
                row["provider"],
                row["call_id"],
            )
            is_parent = call["parent_call_id"] == row["call_id"] and (
                call["provider"],
                call["account"],
            ) == (row["provider"], row["account"])
            if other != at and (is_carrier or is_parent):
                beside[at].add(other)
                beside[other].add(at)
    left = dict.fromkeys(range(len(calls)))
    while left:
        group, new = set[int](), {next(iter(left))}
        while new:
            group |= new
            new = {other for at in new for other in beside[at]} - group
        for at in group:
            del left[at]
        yield [calls[at] for at in sorted(group)]


def _rank(call: Row) -> tuple[Any, ...]:
    is_later = call["started_at"] is None, call["started_at"] or ""
    key = call["provider"], call["account"], call["call_id"]
    return call["carrier_call_id"] is None, call["parent_call_id"] is not None, is_later, key


def _agent(key: tuple[str, str, str], listed: Row | None, calls: Rows) -> Row:
    times = [time for call in calls if (time := naive(call["started_at"]))]
    named = sorted(
        calls, key=lambda c: (bool(c["agent_name"]), c["started_at"] or "", c["call_id"])
    )
    name = named[-1]["agent_name"] if named else None
    return {
        **dict(zip(("provider", "account", "agent"), key, strict=True)),
        "agent_name": (listed and _name(listed)) or name,
        "agent_version": named[-1]["agent_version"] if named else None,
        "is_listed": listed is not None,
        "calls": len(calls),
        "first_call_at": min(times, default=None),
        "last_call_at": max(times, default=None),
    }


def _responses(loaded: Loaded) -> dict[tuple[str, ...], list[Decimal]]:
    """Return the times of each call's answers."""
    counts = {_key(call): call["turns"] for call in loaded.calls}
    turns = defaultdict[tuple[str, ...], Rows](list)
    for turn in sorted(loaded.turns, key=lambda turn: turn["turn"]):
        count = counts.get(_key(turn), 0)
        if count is None or turn["turn"] < count:
            turns[_key(turn)].append(turn)
    return {key: _times(said) for key, said in turns.items()}


def _times(turns: Rows) -> list[Decimal]:
    measured = [Decimal(t["response_seconds"]) for t in turns if t["response_seconds"] is not None]
    return measured or [
        max(Decimal(two["offset_seconds"]) - end, Decimal(0))
        for one, two in pairwise(turns)
        if (one["role"], two["role"]) == ("caller", "agent")
        and None not in {one["offset_seconds"], one["duration_seconds"], two["offset_seconds"]}
        and (end := Decimal(one["offset_seconds"]) + Decimal(one["duration_seconds"])) is not None
    ]


def _quality(key: tuple[Any, ...], calls: Rows, responses: dict[tuple[str, ...], Any]) -> Row:
    of_turns = [time for call in calls for time in responses.get(_key(call), [])]
    alone = [
        Decimal(call["response_seconds"])
        for call in calls
        if not responses.get(_key(call)) and call["response_seconds"] is not None
    ]
    verdicts = [call["successful"] for call in calls if call["successful"] is not None]
    counts = [call["interruptions"] for call in calls if call["interruptions"] is not None]
    times = sorted([*of_turns, *alone])
    return {
        **dict(zip(("day", "provider", "account", "agent"), key, strict=True)),
        "calls": len(calls),
        "calls_with_verdict": len(verdicts),
        "successful": sum(verdicts),
        "successful_share": _share(sum(verdicts), len(verdicts), 4),
        "responses": len(times),
        "measured_turns": len(of_turns),
        "response_seconds_p50": percentile(times, 50),
        "response_seconds_p90": percentile(times, 90),
        "response_seconds_p99": percentile(times, 99),
        "calls_with_interruptions": len(counts),
        "interruptions": sum(counts) if counts else None,
        "interruptions_per_call": _share(sum(counts), len(counts), 3),
    }


def percentile(times: list[Decimal], percent: int) -> Decimal | None:
    """Return the first of sorted times within which so many percent of them lie."""
    return rounded(times[max(-(-percent * len(times) // 100) - 1, 0)], 3) if times else None


def _hours(scope: tuple[str, str], spans: list[tuple[datetime, datetime]]) -> Iterator[Row]:
    touched = defaultdict[datetime, list[tuple[datetime, datetime]]](list)
    for start, end in spans:
        hour = start.replace(minute=0, second=0, microsecond=0)
        while hour < end:
            touched[hour].append((max(start, hour), min(end, hour + HOUR)))
            hour += HOUR
    for hour, pieces in touched.items():
        seconds = sum((Decimal(str((e - s).total_seconds())) for s, e in pieces), Decimal(0))
        yield {
            "hour": hour,
            "provider": scope[0],
            "account": scope[1],
            "peak": max(sum(s <= at < e for s, e in pieces) for at, _ in pieces),
            "calls": len(pieces),
            "mean": rounded(seconds / 3600, 3),
        }


def _share(part: int, whole: int, digits: int) -> Decimal | None:
    return rounded(Decimal(part) / whole, digits) if whole else None


def _name(agent: Row) -> str:
    """Return the name of an agent."""
    return str(agent["name"] if "name" in agent else agent["agent_name"])


def _key(row: Row) -> tuple[str, ...]:
    return row["provider"], row["account"], row["call_id"]


def lists_of(records: Iterable[tuple[str, Rows]]) -> dict[str, Rows]:
    """Return the lists of agents among the records of streams."""
    return {stream: rows for stream, rows in records if stream in _LISTS}
