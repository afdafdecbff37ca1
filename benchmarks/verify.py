"""Counts the records of a contestant's output and compares them with the data."""

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

_COMPARE_EVERY = 997
_HEAD = 60  # bytes of a message, before its record


@dataclass(frozen=True, slots=True)
class Found:
    """The facts about an output.

    Attributes:
        records: Number of records.
        exact: Whether each amount has the value that was sent; None without amounts.
    """

    records: int
    exact: bool | None


class Wrong(Exception):  # noqa: N818 - the output is wrong, not the program
    """An output differs from the data."""


class Call(msgspec.Struct):
    """The compared fields of a call."""

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


def _record_lines(path: Path, stream: str = "") -> Iterator[bytes]:
    wanted = f'"stream":"{stream}"'.encode() if stream else b""
    with path.open("rb") as file:
        yield from (line for line in file if b'"RECORD"' in line[:24] and wanted in line[:_HEAD])


def singer(output: Path, stream: str = "") -> Iterator[Call]:
    """Yield the records of a tap's output, of one stream or of all."""
    return (_SINGER.decode(line).record for line in _record_lines(output, stream))


def airbyte(output: Path) -> Iterator[Call]:
    """Yield the records of an Airbyte source's output."""
    return (_AIRBYTE.decode(line).record.data for line in _record_lines(output))


def lines(output: Path) -> Iterator[Call]:
    """Yield the records of an output with a record in each line."""
    with output.open("rb") as file:
        yield from map(_PLAIN.decode, file)


def dlt(output: Path) -> Iterator[Call]:
    """Yield the records that dlt extracted: compressed lists in the folder of the output."""
    folder = output.with_suffix(".dlt")
    for path in sorted(folder.rglob("*/new_jobs/calls.*")):
        with gzip.open(path, "rb") as file:
            for line in file:
                yield from _PLAIN_LIST.decode(line)


def batches(folder: Path, stream: str) -> Iterator[Call]:
    """Yield the records of a stream's batch files."""
    for path in sorted(folder.glob(f"*--{stream}-*.json.gz")):
        with gzip.open(path, "rb") as file:
            yield from map(_PLAIN.decode, file)


def check(calls: DataSet, found: Iterable[Call]) -> Found:
    """Compare an output with the data.

    Raises:
        Wrong: A record is missing, duplicated, or not as sent.
    """
    seen = bytearray(calls.records + 1)
    exact = True
    for call in found:
        if seen[call.id]:
            msg = f"call {call.id} is duplicated"
            raise Wrong(msg)
        seen[call.id] = 1
        exact = exact and (
            _is(call.total_cost, total_cost(call.id)) and _is(call.llm_cost, llm_cost(call.id))
        )
        if call.id % _COMPARE_EVERY == 1:
            _compare_nested(call)
    if (count := sum(seen)) != calls.records:
        msg = f"the output has {count} of {calls.records} calls"
        raise Wrong(msg)
    return Found(count, exact)


def _is(written: msgspec.Raw, amount: str) -> bool:
    text = bytes(written).decode()
    return text == amount or Decimal(text) == Decimal(amount)


def _compare_nested(call: Call) -> None:
    """Compare the nested data of a call, as floats, since contestants may use floats."""
    if json.loads(bytes(call.call_meta)) != json.loads(call_meta(call.id)):
        msg = f"call {call.id} is not as sent"
        raise Wrong(msg)


def check_details(calls: DataSet, output: Path) -> Found:
    """Compare the calls with details with the data.

    Raises:
        Wrong: A call is missing, duplicated, or has no transcript.
    """
    records = [json.loads(line)["record"] for line in _record_lines(output)]
    ids = {record["call_id"] for record in records if record["transcript"]}
    if not len(records) == len(ids) == calls.records:
        msg = f"the output has {len(records)} records of {len(ids)} calls, not {calls.records}"
        raise Wrong(msg)
    return Found(len(records), exact=None)
