"""What providers hardly ever send: a value that no database can hold must not stop the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
import pytest
from properties.truth import ALL_PRODUCTS, STREAMS
from support import configuration, simulator

from warehouses.landed import differences, tables

if TYPE_CHECKING:
    from collections.abc import Hashable

    from tap_voicecalls.simulator import Simulator
    from warehouses.pipe import Pipe

    Record = dict[str, Any]


def raw(text: str) -> msgspec.Raw:
    """Send a value letter by letter."""
    return msgspec.Raw(text.encode())


HALVES = raw(r'"\ud83dx\ude00"')
MEGABYTE = "Grüße 🌷\n\t\\N \\. \"'" * 50_000
ODD_TEXTS = ["", " ", "\0", "a\0b\0", "\\u0000", "'; drop table calls; --", "\\N", "{}", "\x7f\x1b"]
ODD_JSON: list[Any] = [
    {"a": {"b": ["c\0", {"\0": HALVES}]}, "\0": None},
    {"n": raw("123456789012345678901234567890.000000000000000000000000000001"), "z": raw("0.0700")},
    {"n": raw("-1E+30"), "m": raw("1e-30"), "big": raw("123456789012345678901234567890")},
    {"": [], "e": {}, "none": None, "deep": [[[[[["x\0"]]]]]], "t": "2026-01-05T08:13:22"},
    {"long": MEGABYTE},
]
MONEY = ["0", "0.10", "-0.000000000000000001", "12345678901234567890123456789.123456789", "1e20"]
TIMES = [
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59.000001Z",
    "2026-03-08T02:30:00-05:00",
    "2026-11-01T01:30:00",
    "",
]
UNKNOWN = {
    "x" * 70: "a name that no column can have",
    'quote"d': 1,
    "additional": {"ümlaut 🌷": [None, True, raw("1.10")], "\0": "\0"},
}
# A stream to what is odd about its records, each about another one.
ODD: dict[str, list[Record]] = {
    "burki_calls": [
        *({"assistant_name": text} for text in [*ODD_TEXTS, HALVES, MEGABYTE]),
        *({"call_meta": value} for value in ODD_JSON),
        *({"total_cost": raw(money), "llm_cost": raw(money)} for money in MONEY),
        *({"ended_at": time} for time in TIMES),
        {"duration": 2**63 - 1},
        UNKNOWN,
    ],
    "voicy_calls": [{"agent": None, "account": None, "call_cost": None}, UNKNOWN],
    "voicy_call_details": [
        {"transcript": [{"role": "user", "content": text} for text in ODD_TEXTS]},
        {"transcript": [{"role": "user", "content": MEGABYTE, "x\0": HALVES}, None]},
        *({"vars_provided": value, "vars_extracted": value} for value in ODD_JSON),
        {"summary": "\0"},
    ],
    "telnyx_call_reports": [
        *({"stats": [value], "logs": value, "summary": value} for value in ODD_JSON),
        UNKNOWN,
    ],
    "vonage_voice_reports": [
        *({"total_price": money, "price": money} for money in MONEY),
        *({"date_end": time} for time in TIMES[:3]),
    ],
    "ovia_calls": [
        *({"transcript": text} for text in [*ODD_TEXTS, MEGABYTE]),
        *({"created_at": time} for time in TIMES),
        {"transcript_objects": [{"content": "\0", "timestamp": None, "x": HALVES}]},
    ],
}
# Without these a call is not listed, or the simulator's call tells what the record does not.
KEPT = {
    "telnyx_call_reports": {"call_id", "created_at", "stored_at"},
    "voicy_calls": {"call_id", "start_timestamp"},
    "burki_calls": {"id", "started_at", "status", "to_phone_number", "customer_phone_number"}
    | {"call_meta"},
}

# What the docs tell to set for speed. Not `use_copy`: amounts go through floats then.
FAST = {"validate_records": False}


class Oddities:
    """Makes records odd, each in one way, and the same one in the same way each time."""

    def __init__(self, served: Simulator) -> None:
        self._places: dict[tuple[str, Hashable], int] = {}
        stop = served.on_record(self._place)
        for stream in STREAMS:
            served.records(stream)
        stop()
        served.on_record(self._change)

    def _place(self, stream: str, record: Record) -> None:
        self._places.setdefault((stream, STREAMS[stream].key(record)), self._count(stream))

    def _count(self, stream: str) -> int:
        return sum(one == stream for one, _ in self._places)

    def _change(self, stream: str, record: Record) -> None:
        if stream not in STREAMS:
            return
        place, odd = self._places[stream, STREAMS[stream].key(record)], ODD.get(stream, [])
        if place < len(odd):
            mark = (record.get("call_meta") or {}).get("outbound")
            record.update(odd[place])
            if mark is not None:  # it tells who called, as the simulator's call does
                record["call_meta"] = {**record["call_meta"], "outbound": mark}
        elif place == len(odd) and stream in KEPT:
            record.update(dict.fromkeys(record.keys() - KEPT[stream]))


@pytest.mark.parametrize("own", [{}, FAST], ids=["as it is", "fast"])
def test_odd_values(pipe: Pipe, own: dict[str, bool]) -> None:
    """Catches a value that stops the load of all other calls, or that lands as another one."""
    with simulator(calls_per_day=12) as served:
        settings = configuration(served)
        settings["vonage"]["products"] = ALL_PRODUCTS
        Oddities(served)
        ended = pipe.run(settings, **own)

        assert ended.returncode == 0, errors(ended.stderr)
        assert differences(served, tables(pipe.url)) == []
        for stream, odd in ODD.items():
            assert len(served.records(stream)) > len(odd) + 1


def errors(log: bytes) -> list[str]:
    """Return the classes of the errors in a log, without the values that they quote."""
    return re.findall(r"^[\w.]+Error|\(psycopg\.errors\.\w+\)", log.decode(), re.MULTILINE)


def test_what_no_column_can_hold(pipe: Pipe) -> None:
    """Catches a load that goes on, and moves its bookmark past a call that did not land."""
    with simulator() as served:
        served.on_record(too_large)
        ended = pipe.run(configuration(served, "burki"))

    assert ended.returncode != 0
    assert "(psycopg.errors.NumericValueOutOfRange)" in errors(ended.stderr)
    assert ended.stdout == b""
    with psycopg.connect(pipe.url) as connection:
        assert connection.execute("select count(*) from voicecalls.burki_calls").fetchall() == [
            (0,)
        ]


def too_large(_: str, record: Record) -> None:
    """Let a call have an assistant whose number is beyond 64 bits."""
    record["assistant_id"] = 2**63
