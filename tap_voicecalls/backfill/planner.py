"""Makes a plan for everything that a tap is configured to read."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from tap_voicecalls.backfill.counts import count_calls
from tap_voicecalls.backfill.cutting import cut_by_days, cut_by_weight, cut_evenly, estimate_weights
from tap_voicecalls.backfill.errors import BackfillError
from tap_voicecalls.backfill.plan import Piece, Plan, shard
from tap_voicecalls.backfill.sharing import distribute, weigh
from tap_voicecalls.backfill.units import units_of
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.common.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_voicecalls.backfill.cutting import Cell
    from tap_voicecalls.backfill.units import Unit
    from tap_voicecalls.tap import TapVoiceCalls


def plan_by_days(tap: TapVoiceCalls, days: int, prefix: str = "", at_once: int = 1) -> Plan:
    """Make a plan with shards of a given number of days; no request is sent.

    Args:
        tap: The tap whose settings say what to read.
        days: The length of a shard, from midnight to midnight.
        prefix: The prefix of all state ids.
        at_once: The number of shards of an account that are read at the same time.

    Raises:
        BackfillError: The configured time is empty.
    """
    span = _span(tap)
    pieces = (
        piece
        for unit in units_of(tap)
        for piece in _pieces(unit, cut_by_days(span, days) if unit.is_divisible else [span])
    )
    return _plan(tap, span, pieces, prefix, at_once)


def plan_by_number(tap: TapVoiceCalls, number: int, prefix: str = "", at_once: int = 1) -> Plan:
    """Make a plan with a given number of shards, with about the same number of calls each.

    Args:
        tap: The tap whose settings say what to read.
        number: The number of shards; if there are more units, it is the number of units.
        prefix: The prefix of all state ids.
        at_once: The number of shards of an account that are read at the same time.

    Raises:
        BackfillError: The configured time is empty.
        ApiError: A provider rejected a request.
    """
    span, units = _span(tap), units_of(tap)
    cells = [count_calls(unit, span, tap.streams) for unit in units]
    numbers = _numbers(units, cells, number)
    pieces = (
        piece
        for unit, counted, number in zip(units, cells, numbers, strict=True)
        for piece in _pieces_of_counted(unit, span, counted, number)
    )
    return _plan(tap, span, pieces, prefix, at_once)


def _span(tap: TapVoiceCalls) -> Window:
    """Return the time to read, up to now at most, in whole seconds."""
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
    """Return the number of shards of each unit; a unit that is not divisible has one."""
    divisible = [index for index, unit in enumerate(units) if unit.is_divisible]
    known = [(units[index].owner, _sum(cells[index])) for index in divisible]
    given = distribute(weigh(known), number - (len(units) - len(divisible)))
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
        return _pieces(unit, cut_evenly(span, count, unit.grid))
    windows = cut_by_weight(cells, count)
    return _pieces(unit, windows, estimate_weights(cells, windows))


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
            has_named_ids=unit.has_named_ids,
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
