"""The calls as columns of numbers and blocks of text, compressed: small, and quick to open."""

from __future__ import annotations

import sys
import zlib
from array import array
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from tap_voicecalls.page.calls import decode_turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_voicecalls.page.calls import Call, Calls

BLOCK = 200
"""Calls in a block of what is shown where a call is opened."""
_LEVEL = 6
_SIZES = ((0xFF, "B"), (0xFFFF, "H"), (0xFFFFFFFF, "I"))
_UNKNOWN = "unknown"

Agent = tuple[str, str, str]


@dataclass
class Dictionary:
    """The distinct values of a column; a row has the place of its value, 0 for none."""

    values: dict[Any, int] = field(default_factory=dict)
    places: array[int] = field(default_factory=lambda: array("I"))

    def add(self, value: object) -> None:
        """Add the value of a row."""
        place = 0 if value is None else self.values.setdefault(value, len(self.values) + 1)
        self.places.append(place)

    def column(self) -> array[int]:
        """Return the column with as few bytes a row as the values need."""
        code = next(code for most, code in _SIZES if len(self.values) <= most)
        return array(code, self.places)


class Columns:
    """The columns that filters and figures read, one beside the other in one piece."""

    def __init__(self) -> None:
        self._columns: dict[str, array[Any]] = {}

    def add(self, name: str, values: array[Any]) -> None:
        """Add a column; its type code tells the script how to read it."""
        self._columns[name] = values

    def packed(self) -> tuple[list[tuple[str, str, int]], str]:
        """Return names, types and lengths, and the columns; the widest first, for alignment."""
        ordered = sorted(self._columns.items(), key=lambda column: -column[1].itemsize)
        layout: list[tuple[str, str, int]] = [
            (name, values.typecode, len(values)) for name, values in ordered
        ]
        return layout, compress(b"".join(_little_endian(values) for _, values in ordered))


def compress(content: bytes) -> str:
    """Return bytes as text that no HTML parser takes for a tag."""
    return b64encode(zlib.compress(content, _LEVEL)).decode()


def pack(calls: Calls, labels: Mapping[str, str], about: Mapping[str, object]) -> dict[str, str]:
    """Return the texts to embed, by the names that the page's script knows.

    Args:
        calls: The calls.
        labels: The providers' names as people write them.
        about: What else the page says: when it was made, and of what.
    """
    columns, dictionaries = Columns(), _dictionaries(calls.calls)
    columns.add("started", array("d", (call.started for call in calls.calls)))
    columns.add("outcome", array("B", (call.outcome for call in calls.calls)))
    columns.add("cost", array("d", (call.number("cost") for call in calls.calls)))
    columns.add("duration", array("f", (call.number("duration_seconds") for call in calls.calls)))
    _add_turns(columns, calls)
    for name, dictionary in dictionaries.items():
        columns.add(name, dictionary.column())
    layout, packed = columns.packed()
    header = {
        **about,
        "rows": len(calls.calls),
        "known": calls.known,
        "block": BLOCK,
        "layout": layout,
        "labels": labels,
        "agentNames": _agent_names(calls.calls, dictionaries["agent"]),
        "dictionaries": {name: list(found.values) for name, found in dictionaries.items()},
    }
    texts = [
        [call.key[2] for call in calls.calls],
        *([call.name(name) for call in calls.calls] for name in ("from_number", "to_number")),
    ]
    return {
        "header": compress(msgspec.json.encode(header)),
        "columns": packed,
        "texts": compress(msgspec.json.encode(texts)),
        **{f"block-{place}": block for place, block in enumerate(_blocks(calls))},
    }


def _dictionaries(calls: Sequence[Call]) -> dict[str, Dictionary]:
    names = ("provider", "account", "agent", "direction", "status", "reason", "currency")
    found = {name: Dictionary() for name in names}
    ids = _ids_by_name(calls)
    for call in calls:
        provider, account, _ = call.key
        found["provider"].add(provider)
        found["account"].add((provider, account))
        found["agent"].add(_agent(call, ids))
        found["direction"].add(call.name("direction") or _UNKNOWN)
        found["status"].add(call.name("status") or _UNKNOWN)
        found["reason"].add(call.name("end_reason") or _UNKNOWN)
        charged = abs(call.number("cost")) > 0  # not of NaN
        found["currency"].add(call.name("currency") or "" if charged else None)
    return found


def _ids_by_name(calls: Iterable[Call]) -> dict[Agent, str | None]:
    """Return the id of each agent's name, None where several agents have it."""
    ids: dict[Agent, str | None] = {}
    for call in calls:
        agent_id, name = call.name("agent_id"), call.name("agent_name")
        if agent_id and name:
            named = (*call.key[:2], name)
            ids[named] = agent_id if ids.setdefault(named, agent_id) == agent_id else None
    return ids


def _agent(call: Call, ids: Mapping[Agent, str | None]) -> Agent | None:
    """Return the agent of a call; one that is told by its name alone is the one of that name."""
    provider, account, _ = call.key
    name = call.name("agent_name")
    agent = call.name("agent_id") or (name and ids.get((provider, account, name))) or name
    return (provider, account, agent) if agent else None


def _agent_names(calls: Iterable[Call], agents: Dictionary) -> list[str | None]:
    """Return the latest name of each agent; calls are sorted by time, the newest first."""
    names: list[str | None] = [None] * len(agents.values)
    for call, place in zip(calls, agents.places, strict=True):
        if place and names[place - 1] is None:
            names[place - 1] = call.name("agent_name")
    return names


def _add_turns(columns: Columns, calls: Calls) -> None:
    """Add how many turns and recordings a call has, and how long each response took.

    Responses are those that were measured turn by turn; of a call without any, its mean.
    """
    counts, recordings = array("I"), array("H")
    starts, responses = array("I", [0]), array("f")
    for call in calls.calls:
        turns = calls.turns.get(call.key, {})
        counts.append(len(turns))
        recordings.append(min(len(calls.recordings.get(call.key, {})), 0xFFFF))
        told = [decode_turn(turn).response for turn in turns.values()]
        found = [seconds for seconds in told if seconds is not None]
        mean = call.number("response_seconds")
        responses.extend(found or ([] if mean != mean else [mean]))  # noqa: PLR0124 - NaN
        starts.append(len(responses))
    columns.add("turns", counts)
    columns.add("recordings", recordings)
    columns.add("responseStarts", starts)
    columns.add("responses", responses)


def _blocks(calls: Calls) -> Iterator[str]:
    """Yield what is shown where a call is opened, for so many calls each."""
    for first in range(0, len(calls.calls), BLOCK):
        shown = []
        for call in calls.calls[first : first + BLOCK]:
            turns = calls.turns.get(call.key, {})
            recordings = calls.recordings.get(call.key, {})
            parts = (_list(turns), _list(recordings))
            shown.append(b"[%b,%b,%b]" % (call.details, *parts))
        yield compress(b"[%b]" % b",".join(shown))


def _list(items: Mapping[Any, bytes]) -> bytes:
    """Return a JSON array of items in the order of their names."""
    return b"[%b]" % b",".join(items[name] for name in sorted(items))


def _little_endian(values: array[Any]) -> bytes:
    if sys.byteorder == "big":
        values = array(values.typecode, values)
        values.byteswap()
    return values.tobytes()
