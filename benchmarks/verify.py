"""Count what a contestant wrote, and hold it against the data: a fast reader that loses is none."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from benchmarks.data import call_meta, llm_cost, total_cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from benchmarks.data import DataSet

_LOOK_INTO_EVERY = 997


@dataclass(frozen=True, slots=True)
class Found:
    """What an output holds.

    Attributes:
        records: How many records.
        exact: Whether each amount of money has the value that was sent; None if there is none.
    """

    records: int
    exact: bool | None


class Wrong(Exception):  # noqa: N818 - what is wrong is the output
    """An output is not the data."""


class Call(msgspec.Struct):
    """What is looked at of a call."""

    id: int
    total_cost: msgspec.Raw
    llm_cost: msgspec.Raw
    call_meta: msgspec.Raw


class _Singer(msgspec.Struct):
    record: Call


class _AirbyteRecord(msgspec.Struct):
    data: Call


class _Airbyte(msgspec.Struct):
    record: _AirbyteRecord


_SINGER = msgspec.json.Decoder(_Singer)
_AIRBYTE = msgspec.json.Decoder(_Airbyte)
_PLAIN = msgspec.json.Decoder(Call)
_PLAIN_LIST = msgspec.json.Decoder(list[Call])


def _record_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from (line for line in file if b'"RECORD"' in line[:24])


def singer(output: Path) -> Iterator[Call]:
    """Yield the records of a tap's output."""
    return (_SINGER.decode(line).record for line in _record_lines(output))


def airbyte(output: Path) -> Iterator[Call]:
    """Yield the records of an Airbyte source's output."""
    return (_AIRBYTE.decode(line).record.data for line in _record_lines(output))


def lines(output: Path) -> Iterator[Call]:
    """Yield the records of an output that is nothing but records."""
    with output.open("rb") as file:
        yield from map(_PLAIN.decode, file)


def dlt(output: Path) -> Iterator[Call]:
    """Yield the records that dlt extracted: lists, packed, below the folder the output names."""
    folder = output.with_suffix(".dlt")
    for path in sorted(folder.rglob("*/new_jobs/calls.*")):
        with gzip.open(path, "rb") as file:
            for line in file:
                yield from _PLAIN_LIST.decode(line)


def check(calls: DataSet, found: Iterable[Call]) -> Found:
    """Compare what an output holds with the data.

    Raises:
        Wrong: A record is missing, there twice, or not what was sent.
    """
    seen = bytearray(calls.records + 1)
    exact = True
    for call in found:
        if seen[call.id]:
            msg = f"call {call.id} is there twice"
            raise Wrong(msg)
        seen[call.id] = 1
        exact = exact and (
            _is(call.total_cost, total_cost(call.id)) and _is(call.llm_cost, llm_cost(call.id))
        )
        if call.id % _LOOK_INTO_EVERY == 1:
            _look_into(call)
    if (count := sum(seen)) != calls.records:
        msg = f"{count} of {calls.records} calls are there"
        raise Wrong(msg)
    return Found(count, exact)


def _is(written: msgspec.Raw, amount: str) -> bool:
    text = bytes(written).decode()
    return text == amount or Decimal(text) == Decimal(amount)


def _look_into(call: Call) -> None:
    """Compare what is nested in a call; floats will do, since contestants may go through them."""
    if json.loads(bytes(call.call_meta)) != json.loads(call_meta(call.id)):
        msg = f"call {call.id} is not what was sent"
        raise Wrong(msg)


def check_details(calls: DataSet, output: Path) -> Found:
    """Compare the calls that were fetched one by one with the data.

    Raises:
        Wrong: Not each is there once, with what was said.
    """
    records = [json.loads(line)["record"] for line in _record_lines(output)]
    ids = {record["call_id"] for record in records if record["transcript"]}
    if not len(records) == len(ids) == calls.records:
        msg = f"{len(records)} records of {len(ids)} calls; there are {calls.records}"
        raise Wrong(msg)
    return Found(len(records), exact=None)
