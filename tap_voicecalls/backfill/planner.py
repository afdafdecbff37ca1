"""Makes a plan of all that a tap is configured to read."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from tap_voicecalls.backfill.counts import counted
from tap_voicecalls.backfill.cutting import evenly, every, held, into
from tap_voicecalls.backfill.errors import BackfillError
from tap_voicecalls.backfill.plan import Piece, Plan, shard
from tap_voicecalls.backfill.sharing import shared, weights
from tap_voicecalls.backfill.units import units_of
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.common.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_voicecalls.backfill.cutting import Cell
    from tap_voicecalls.backfill.units import Unit
    from tap_voicecalls.tap import TapVoiceCalls


def planned_by_days(tap: TapVoiceCalls, days: int, prefix: str = "", at_once: int = 1) -> Plan:
    """Make a plan whose shards are of so many days each; nobody is asked anything.

    Args:
        tap: What is to be read.
        days: How many days, from midnight to midnight.
        prefix: What the ids of all states begin with.
        at_once: How many shards of one account are read at the same time.

    Raises:
        BackfillError: There is no time to divide.
    """
    span = _span(tap)
    pieces = (
        piece
        for unit in units_of(tap)
        for piece in _pieces(unit, every(span, days) if unit.is_divisible else [span])
    )
    return _plan(tap, span, pieces, prefix, at_once)


def planned_by_number(tap: TapVoiceCalls, number: int, prefix: str = "", at_once: int = 1) -> Plan:
    """Make a plan of so many shards, of about as many calls each where providers count them.

    Args:
        tap: What is to be read.
        number: How many shards; there are more if there are more units than that.
        prefix: What the ids of all states begin with.
        at_once: How many shards of one account are read at the same time.

    Raises:
        BackfillError: There is no time to divide.
        ApiError: A provider refuses to count.
    """
    span, units = _span(tap), units_of(tap)
    cells = [counted(unit, span, tap.streams) for unit in units]
    numbers = _numbers(units, cells, number)
    pieces = (
        piece
        for unit, found, count in zip(units, cells, numbers, strict=True)
        for piece in _pieces_of_counted(unit, span, found, count)
    )
    return _plan(tap, span, pieces, prefix, at_once)


def _span(tap: TapVoiceCalls) -> Window:
    """Return what is to be read; it ends now at the latest, at a whole second."""
    now = tap.run.began.replace(microsecond=0)
    start, end_date = parse_time(tap.config["start_date"]), tap.config.get("end_date")
    end = min(parse_time(end_date), now) if end_date else now
    if start >= end:
        msg = "there is nothing to divide: `start_date` is not before `end_date` and now"
        raise BackfillError(msg)
    return Window(start, end)


def _numbers(
    units: Sequence[Unit], cells: Sequence[Sequence[Cell] | None], number: int
) -> list[int]:
    """Say into how many shards each unit is cut; one that cannot be cut is one."""
    divisible = [index for index, unit in enumerate(units) if unit.is_divisible]
    known = [(units[index].owner, _sum(cells[index])) for index in divisible]
    given = shared(weights(known), number - (len(units) - len(divisible)))
    numbers = [1] * len(units)
    for index, count in zip(divisible, given, strict=True):
        numbers[index] = count
    return numbers


def _sum(cells: Sequence[Cell] | None) -> int | None:
    return None if cells is None else sum(cell.weight for cell in cells)


def _pieces_of_counted(
    unit: Unit, span: Window, cells: Sequence[Cell] | None, count: int
) -> Iterator[Piece]:
    if cells is None:
        return _pieces(unit, evenly(span, count))
    windows = into(cells, count)
    return _pieces(unit, windows, held(cells, windows))


def _pieces(
    unit: Unit, windows: Sequence[Window], expected: Iterable[int] | None = None
) -> Iterator[Piece]:
    counts = expected if expected is not None else repeat(None, len(windows))
    for window, count in zip(windows, counts, strict=True):
        yield Piece(
            *unit.owner,
            product=unit.product,
            streams=unit.streams,
            window=window,
            expected=count,
            names_some=unit.names_some,
        )


def _plan(
    tap: TapVoiceCalls, span: Window, pieces: Iterable[Piece], prefix: str, at_once: int
) -> Plan:
    return Plan(
        made_at=tap.run.began.replace(microsecond=0),
        start_date=span.start,
        end_date=span.end,
        at_once=at_once,
        shards=[shard(piece, prefix, at_once) for piece in pieces],
    )
