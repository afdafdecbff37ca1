"""Rows that no provider here has, which the marts must still count right."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import made_up_calls

Row = dict[str, Any]

DAY = "2026-02-0"


def calls() -> list[Row]:
    """Calls of several currencies, of no length, of a renamed agent, and calls of several rows."""
    made = made_up_calls.calls()
    agent = next(call for call in made if call["agent_id"] == "14")
    renamed = [
        agent | {"call_id": "1", "agent_name": "Zoe", "started_at": "2026-02-01T00:00:00.000000Z"},
        agent | {"call_id": "2", "agent_name": "Amy", "started_at": "2026-02-02T00:00:00.000000Z"},
        agent | {"call_id": "3", "agent_name": None, "started_at": "2026-02-03T00:00:00.000000Z"},
        agent | {"call_id": "4", "agent_name": "Zoe", "started_at": None},
        # Without an id: a name of one agent, of two, and of one in another account only.
        agent | {"call_id": "5", "agent_name": "Amy", "agent_id": None},
        agent | {"call_id": "6", "agent_name": "Max", "agent_id": "31"},
        agent | {"call_id": "7", "agent_name": "Max", "agent_id": "32"},
        agent | {"call_id": "8", "agent_name": "Max", "agent_id": None},
        agent | {"call_id": "9", "agent_name": "Amy", "agent_id": None, "account": "c"},
    ]
    return [*made, *renamed, *_joined(agent), *_at_once(agent), *_again(agent)]


def turns() -> list[Row]:
    """Turns with silences, with measured answers, with neither, and of an older reading."""
    silent = [("caller", 0, 2), ("agent", "3.25", 4), ("caller", 8, 1), ("agent", "8.5", 1)]
    told = [
        _turn("1", number, role, offset, length)
        for number, (role, offset, length) in enumerate(silent)
    ]
    told += [_turn("2", 0, "caller", None, None), _turn("2", 1, "agent", None, None)]
    told += [_turn("2", n, "agent", None, None, f"0.{n}5") for n in range(2, 9)]
    return [*told, _turn("3", 0, "agent", None, None, 1), _turn("3", 1, "agent", None, None, 99)]


def _joined(agent: Row) -> list[Row]:
    """Return two agents' rows over two legs of one call of a carrier, and what belongs together."""
    at = {"started_at": f"{DAY}4T10:00:00.000000Z", "ended_at": f"{DAY}4T10:05:00.000000Z"}
    leg: Row = agent | at | {"provider": "vonage", "agent_id": None, "agent_name": None}
    first, second = (
        agent | at | {"call_id": f"agent-{n}", "carrier": "vonage", "carrier_call_id": f"leg-{n}"}
        for n in (1, 2)
    )
    euros = agent | at | {"call_id": "euros", "carrier": "vonage", "carrier_call_id": "in-euros"}
    return [
        first | {"cost": 1, "turns": 3},
        second | {"cost": Decimal("0.123456789")},
        leg | {"call_id": "leg-1", "parent_call_id": "root", "cost": Decimal("0.01")},
        leg | {"call_id": "leg-2", "parent_call_id": "root", "cost": None},
        leg | {"call_id": "root", "cost": Decimal("0.02")},
        leg | {"call_id": "alone", "parent_call_id": "never read", "cost": 0},
        euros | {"cost": 1, "currency": "USD"},
        leg | {"call_id": "in-euros", "cost": 1, "currency": "EUR"},
        # An id of another provider is another call.
        leg | {"call_id": "leg-1", "provider": "ovia"},
    ]


def _at_once(agent: Row) -> list[Row]:
    """Return calls that meet at the end of an hour, one over hours, and one that never ends."""
    times = [
        ("05T09:59:00", "05T10:00:00"),
        ("05T10:00:00", "05T10:01:00"),
        ("05T09:30:00", "05T12:30:00"),
        ("05T12:10:00", "05T12:20:00"),
        ("05T12:20:00", "05T12:20:00"),
        ("01T00:00:00", "28T00:00:00"),
        # Three times 0.6 seconds are less than 1.8 as floats.
        *((f"06T10:0{n}:00", f"06T10:0{n}:00.6") for n in range(3)),
    ]
    return [
        agent
        | {"call_id": f"at-once-{number}", "account": "b", "started_at": f"2026-02-{start}Z"}
        | {"ended_at": f"2026-02-{end}Z"}
        for number, (start, end) in enumerate(times)
    ]


def _again(agent: Row) -> list[Row]:
    """Return calls of one caller: within a week, right at its end, and after it."""
    days = ("2026-03-01", "2026-03-03", "2026-03-10", "2026-03-18")
    inbound = agent | {"direction": "inbound", "from_number": "+13035550199"}
    return [
        inbound | {"call_id": f"again-{day}", "started_at": f"{day}T08:00:00.000000Z"}
        for day in days
    ]


def _turn(  # noqa: PLR0913, PLR0917 - the fields of a turn
    call: str,
    number: int,
    role: str,
    offset: object,
    length: object,
    response: object = None,
) -> Row:
    return {
        "provider": "burki",
        "account": "default",
        "call_id": call,
        "turn": number,
        "role": role,
        "offset_seconds": offset,
        "duration_seconds": length,
        "response_seconds": response,
    }
