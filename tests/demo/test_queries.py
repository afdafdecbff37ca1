"""The queries, against the same counted in plain Python."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from made_up_calls import BREAKS_OUT, Call, calls, lines, turns, write
from queries_in_duckdb import load
from support import configuration, run_tap, simulator

from demo.queries import Query, ask, queries
from tap_voicecalls.records.record_type import encode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb

FAILED = ("failed", "busy", "no_answer")
TIMES = ("started_at", "ended_at")
CALLS = calls()
TURNS = turns(CALLS)

Answer = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """What the queries answer, by their files' names."""
    folder = tmp_path_factory.mktemp("calls")
    write(folder / "call_turns.jsonl", TURNS)
    database = load(write(folder / "calls.jsonl", lines(CALLS)))
    return {query.name: ask(database, query.sql).rows for query in queries()}


def grouped(rows: Iterable[Call], *names: str) -> dict[tuple[Any, ...], list[Call]]:
    """Put rows with the same values together."""
    groups: dict[tuple[Any, ...], list[Call]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups


def total(rows: Iterable[Call], name: str) -> Decimal:
    """Add up what is told."""
    return sum((row[name] for row in rows if row[name] is not None), Decimal(0))


def rounded(value: Decimal, digits: int) -> Decimal:
    """Round as SQL does: a half goes up."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def day(call: Call) -> Any:  # noqa: ANN401 - a date
    """Return the day that a call started on."""
    return datetime.fromisoformat(call["started_at"]).date()


def last_part(key: tuple[Any, ...]) -> tuple[str, ...]:
    """Sort nothing after everything."""
    return tuple("~" if part is None else str(part) for part in key)


def test_cost_per_minute(answers: dict[str, Answer]) -> None:
    """Catches currencies in one sum, a week of other days, and a division by no seconds."""
    told = [c for c in CALLS if c["cost"] is not None and c["duration_seconds"] is not None]
    last = max(day(call) for call in CALLS if call["started_at"])
    week = [call | {"day": day(call)} for call in told if day(call) > last - timedelta(days=7)]
    expected = []
    for key, rows in sorted(
        grouped(week, "provider", "currency", "day").items(), key=lambda kv: last_part(kv[0])
    ):
        whole = grouped(week, "provider", "currency")[key[:2]]
        expected.append(
            (
                *key,
                len(rows),
                rounded(total(rows, "duration_seconds") / 60, 1),
                rounded(total(rows, "cost"), 4),
                per_minute(rows),
                per_minute(whole),
            )
        )

    assert answers["cost_per_minute.sql"] == expected
    assert len({row[:2] for row in expected}) == 7  # EUR, GBP, USD and none, of five providers
    assert any(row[6] is None for row in expected)


def per_minute(rows: list[Call]) -> Decimal | None:
    """Return what a minute of these calls cost; None when they had none."""
    seconds = total(rows, "duration_seconds")
    return rounded(60 * total(rows, "cost") / seconds, 4) if seconds else None


def test_failures_per_agent(answers: dict[str, Answer]) -> None:
    """Catches a running call in the share, and two accounts' agents taken for one."""
    over = [
        call | {"agent": call["agent_id"] or call["agent_name"]}
        for call in CALLS
        if call["status"] != "in_progress" and (call["agent_id"] or call["agent_name"])
    ]
    expected = []
    for key, rows in grouped(over, "provider", "account", "agent").items():
        statuses = [row["status"] for row in rows]
        counts = [statuses.count(status) for status in FAILED]
        share = rounded(Decimal(100 * sum(counts)) / len(rows), 1)
        expected.append((*key, rows[0]["agent_name"], len(rows), *counts, share))
    expected.sort(key=lambda row: (-row[-1], -row[4], row[:3]))

    assert answers["failures_per_agent.sql"] == expected
    assert len(expected) == 6


def test_an_agent_has_the_name_that_it_had_last(tmp_path: Path) -> None:
    """Catches a renamed agent in two rows, or under its old name."""
    agent = next(call for call in CALLS if call["agent_id"] == "14")
    renamed = [
        agent | {"call_id": "1", "agent_name": "Zoe", "started_at": "2026-01-01T00:00:00.000000Z"},
        agent | {"call_id": "2", "agent_name": "Amy", "started_at": "2026-01-02T00:00:00.000000Z"},
        agent | {"call_id": "3", "agent_name": None, "started_at": "2026-01-03T00:00:00.000000Z"},
        agent | {"call_id": "4", "agent_name": "Zoe", "started_at": None},
    ]
    [sql] = [query.sql for query in queries() if query.name == "failures_per_agent.sql"]
    [row] = ask(load(write(tmp_path / "calls.jsonl", renamed)), sql).rows

    assert row[3:5] == ("Amy", 4)


def test_callers_of_several_lines(answers: dict[str, Answer]) -> None:
    """Catches outgoing calls and withheld numbers among the callers."""
    incoming = [c for c in CALLS if c["direction"] == "inbound" and c["from_number"]]
    expected = []
    for (number,), rows in grouped(incoming, "from_number").items():
        called = {row["to_number"] for row in rows if row["to_number"]}
        providers = {row["provider"] for row in rows}
        times = sorted(datetime.fromisoformat(row["started_at"][:-1]) for row in rows)
        if len(called) > 1 or len(providers) > 1:
            names = ", ".join(sorted(providers))
            expected.append((number, len(rows), len(called), names, times[0], times[-1]))
    expected.sort(key=lambda row: (-row[2], -row[1], row[0]))

    assert answers["callers_of_several_lines.sql"] == expected
    assert {BREAKS_OUT, "+12065550142"} < {row[0] for row in expected}
    assert len(expected) < len({call["from_number"] for call in incoming})


def test_busiest_hours(answers: dict[str, Answer]) -> None:
    """Catches hours of another time zone, and a rank across directions."""
    known = [
        call | {"hour": datetime.fromisoformat(call["started_at"]).hour}
        for call in CALLS
        if call["started_at"]
    ]
    expected = []
    for (direction,), rows in sorted(grouped(known, "direction").items()):
        hours = {hour: found for (hour,), found in grouped(rows, "hour").items()}
        for hour, found in hours.items():
            place = 1 + sum(len(other) > len(found) for other in hours.values())
            share = rounded(Decimal(100 * len(found)) / len(rows), 1)
            minutes = rounded(total(found, "duration_seconds") / 60, 1)
            if place <= 5:
                expected.append((direction, place, hour, len(found), share, minutes))
    expected.sort()

    assert answers["busiest_hours.sql"] == expected
    assert [row[0] for row in expected].count("outbound") >= 5


def test_where_the_money_goes(answers: dict[str, Answer]) -> None:
    """Catches calls without parts in the share, and a rest that does not make it whole."""
    parts = ("cost_llm", "cost_tts", "cost_stt", "cost_telephony")
    told = [
        c for c in CALLS if c["cost"] is not None and any(c[part] is not None for part in parts)
    ]
    expected = []
    for (provider, currency), rows in sorted(
        grouped(told, "provider", "currency").items(), key=lambda kv: last_part(kv[0])
    ):
        cost = total(rows, "cost")
        shares = [total(rows, part) for part in parts]
        shares.append(cost - sum(shares))
        percents = [rounded(100 * share / cost, 1) for share in shares]
        expected.append((provider, currency, len(rows), rounded(cost, 4), *percents))

    assert answers["where_the_money_goes.sql"] == expected
    assert [row[0] for row in expected] == ["burki", "ovia", "voicy"]
    assert expected[0][-1] == 20  # two tenths of Burki's cost have no part


def key_of(row: Call) -> tuple[Any, ...]:
    """Return the call of a row."""
    return row["provider"], row["account"], row["call_id"]


def current_turns() -> list[Call]:
    """Return the turns, without those of an older reading."""
    counts = {key_of(call): call["turns"] for call in CALLS}
    return [turn for turn in TURNS if turn["turn"] < counts[key_of(turn)]]


def percentile(values: list[Decimal], percent: int) -> Decimal:
    """Return the first value within which so many percent of all lie."""
    return rounded(sorted(values)[max(-(-percent * len(values) // 100) - 1, 0)], 3)


def test_slowest_agents(answers: dict[str, Answer]) -> None:
    """Catches turns of an older reading, and the mean of a call whose turns are measured."""
    measured = defaultdict[tuple[Any, ...], list[Decimal]](list)
    for turn in current_turns():
        if turn["response_seconds"] is not None:
            measured[key_of(turn)].append(turn["response_seconds"])
    agents = defaultdict[tuple[Any, ...], list[Decimal]](list)
    for call in CALLS:
        agent = call["agent_id"] or call["agent_name"]
        mean = [call["response_seconds"]] if call["response_seconds"] is not None else []
        if agent and (times := measured.get(key_of(call)) or mean):
            agents[call["provider"], call["account"], agent] += times
    expected = [
        (*agent, len(times), *(percentile(times, percent) for percent in (50, 90, 99)))
        for agent, times in agents.items()
    ]
    expected.sort(key=lambda row: (-row[5], -row[3], row[:3]))

    assert answers["slowest_agents.sql"] == expected
    assert {row[0] for row in expected} == {"burki", "voicy"}


def test_why_calls_end(answers: dict[str, Answer]) -> None:
    """Catches running calls in the shares."""
    over = [call for call in CALLS if call["status"] != "in_progress"]
    expected = [
        (
            *key,
            len(rows),
            rounded(Decimal(100 * len(rows)) / len(over), 1),
            len({row["provider"] for row in rows}),
            rounded(total(rows, "duration_seconds") / 60, 1),
        )
        for key, rows in grouped(over, "end_reason", "ended_by").items()
    ]
    expected.sort(key=lambda row: (-row[2], row[:2]))

    assert answers["why_calls_end.sql"] == expected
    assert len(expected) == 2


def test_cost_of_success(answers: dict[str, Answer]) -> None:
    """Catches a verdict that is overruled by the status, and currencies in one sum."""
    told = [
        call | {"success": call["status"] == "completed" if verdict is None else verdict}
        for call in CALLS
        if call["cost"] is not None and call["status"] != "in_progress"
        for verdict in [call.get("successful")]
        if verdict is not None or call["status"] != "unknown"
    ]
    expected = []
    groups = grouped(told, "provider", "currency")
    for key, rows in sorted(groups.items(), key=lambda group: last_part(group[0])):
        successes, cost = sum(row["success"] for row in rows), total(rows, "cost")
        share = rounded(Decimal(100 * successes) / len(rows), 1)
        each = rounded(cost / successes, 4) if successes else None
        expected.append((*key, len(rows), successes, share, rounded(cost, 4), each))

    assert answers["cost_of_success.sql"] == expected
    voicy = [row for row in expected if row[0] == "voicy"]
    completed = [c for c in told if c["provider"] == "voicy" and c["status"] == "completed"]
    assert sum(row[3] for row in voicy) < len(completed)


def test_calls_at_once(answers: dict[str, Answer]) -> None:
    """Catches a call that begins when another ends counted beside it."""
    spans = [
        (call["provider"], *(datetime.fromisoformat(call[name][:-1]) for name in TIMES))
        for call in CALLS
        if call["started_at"] and call["ended_at"] and call["ended_at"] > call["started_at"]
    ]
    spans += [("all", start, end) for _, start, end in spans]
    peaks = {}
    for provider in {provider for provider, *_ in spans}:
        starts, ends = (sorted(span[i] for span in spans if span[0] == provider) for i in (1, 2))
        peaks[provider] = max(
            (bisect_right(starts, at) - bisect_right(ends, at), -at.timestamp(), at)
            for at in starts
        )
    expected = [(provider, count, at) for provider, (count, _, at) in peaks.items()]
    expected.sort(key=lambda row: (-row[1], row[0]))

    assert answers["calls_at_once.sql"] == expected
    assert expected[0][0] == "all"


def test_who_calls_again(answers: dict[str, Answer]) -> None:
    """Catches outgoing calls, and calls again after more than a week."""
    incoming = [
        call | {"time": datetime.fromisoformat(call["started_at"][:-1])}
        for call in CALLS
        if call["direction"] == "inbound" and call["from_number"] and call["started_at"]
    ]
    expected = []
    for (number,), rows in grouped(incoming, "from_number").items():
        times = sorted(row["time"] for row in rows)
        again = sum(two <= one + timedelta(days=7) for one, two in pairwise(times))
        if again:
            providers = len({row["provider"] for row in rows})
            expected.append((number, len(rows), again, providers, times[-1]))
    expected.sort(key=lambda row: (-row[2], -row[1], row[0]))

    assert answers["who_calls_again.sql"] == expected[:20]
    assert len(expected) > 20


def test_a_call_of_an_agent_platform_and_its_carrier_is_one_call(tmp_path: Path) -> None:
    """Catches a call beside itself, and a caller who seems to call again."""
    at = {"started_at": "2026-01-01T10:00:00.000000Z", "ended_at": "2026-01-01T10:05:00.000000Z"}
    call = CALLS[0] | at | {"direction": "inbound", "from_number": "+13035550199"}
    rows = [
        call | {"provider": "burki", "carrier": "vonage", "carrier_call_id": "leg"},
        call | {"provider": "vonage", "call_id": "leg", "carrier": None, "carrier_call_id": None},
    ]
    database = load(write(tmp_path / "calls.jsonl", rows))
    answers = {query.name: ask(database, query.sql).rows for query in queries()}

    peaks = [row[:2] for row in answers["calls_at_once.sql"]]
    assert peaks == [("all", 1), ("burki", 1), ("vonage", 1)]
    assert answers["who_calls_again.sql"] == []


def test_last_words(answers: dict[str, Answer]) -> None:
    """Catches words of the agent, words twice in a call, and those of an earlier turn."""
    ends = {key_of(call): call["end_reason"] for call in CALLS}
    spoken = [turn for turn in current_turns() if turn["role"] == "caller" and turn["text"]]
    last = {key_of(turn): turn["text"] for turn in spoken}
    words = defaultdict[str, list[str]](list)
    for call, text in last.items():
        for word in {part.strip('.,;:!?…"„“”«»()-') for part in text.lower().split()}:
            words[word].append(ends[call])
    expected = []
    for word, found in words.items():
        hung_up = found.count("caller_hangup")
        if len(word) >= 4 and len(found) >= 5:
            share = rounded(Decimal(100 * hung_up) / len(found), 1)
            expected.append((word, len(found), hung_up, share))
    expected.sort(key=lambda row: (-row[3], -row[1], row[0]))

    assert answers["last_words.sql"] == expected[:20]
    assert {"human", "überhaupt"} & {row[0] for row in expected}


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York"])
def test_days_and_hours_are_utc_wherever_the_reader_is(
    zone: str, answers: dict[str, Answer], tmp_path: Path
) -> None:
    """Catches a query that takes the time zone of the session."""
    write(tmp_path / "call_turns.jsonl", TURNS)
    database = load(write(tmp_path / "calls.jsonl", CALLS))
    database.execute(f"set timezone = '{zone}'")

    assert {query.name: ask(database, query.sql).rows for query in queries()} == answers


def test_without_calls_every_query_answers_nothing(tmp_path: Path) -> None:
    """Catches a query that fails, or makes up a row, on the first day."""
    database = load(write(tmp_path / "calls.jsonl", []))

    assert [ask(database, query.sql).rows for query in queries()] == [[]] * 11


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """What a run of the tap itself leaves in a file."""
    path = tmp_path_factory.mktemp("landed") / "calls.jsonl"
    with simulator() as served:
        output = run_tap(configuration(served))
    for stream in ("calls", "call_turns"):
        lines = b"".join(encode(row) + b"\n" for row in output.records(stream))
        path.with_name(f"{stream}.jsonl").write_bytes(lines)
    return load(path)


@pytest.mark.parametrize("query", list(queries()), ids=lambda query: query.name)
def test_each_query_has_an_answer_on_what_lands(
    landed: duckdb.DuckDBPyConnection, query: Query
) -> None:
    """A query on a column that the tap fills otherwise would answer nothing, and no error tells."""
    assert ask(landed, query.sql).rows


@pytest.mark.parametrize("number", ["CAparent", "CAchild"])
def test_a_call_and_its_legs_are_one_call(tmp_path: Path, number: str) -> None:
    """Catches a leg beside the call that made it, whichever of them the agent's row names."""
    at = {"started_at": "2026-01-01T10:00:00.000000Z", "ended_at": "2026-01-01T10:05:00.000000Z"}
    call = CALLS[0] | at | {"direction": "inbound", "from_number": "+13035550199"}
    own = {"carrier": None, "carrier_call_id": None, "provider": "twilio"}
    rows = [
        call | {"provider": "vapi", "call_id": "v", "carrier": "twilio", "carrier_call_id": number},
        call | own | {"call_id": "CAparent", "parent_call_id": None},
        call | own | {"call_id": "CAchild", "parent_call_id": "CAparent", "direction": "outbound"},
    ]
    database = load(write(tmp_path / "calls.jsonl", rows))
    answers = {query.name: ask(database, query.sql).rows for query in queries()}

    assert [row[1] for row in answers["calls_at_once.sql"] if row[0] == "all"] == [1]
    assert answers["who_calls_again.sql"] == answers["callers_of_several_lines.sql"] == []
    assert [row[3] for row in answers["busiest_hours.sql"]] == [1]
