"""A turn of a call, as the stream `call_turns` holds it, and what a call's turns tell of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import mean
from typing import TYPE_CHECKING, Literal

import msgspec

from tap_voicecalls.calls.call import UNKNOWN
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.records.exact import add, subtract
from tap_voicecalls.records.record_type import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

Role = Literal["caller", "agent", "system", "tool", "unknown"]

_MILLISECOND = Decimal("0.001")
_MICROSECOND = timedelta(microseconds=1)


class Turn(msgspec.Struct, gc=False, kw_only=True):
    """A turn; ``schemas/call_turns.json`` describes each field.

    A provider fills all fields except `provider`, `account` and `turn`. Numbers are exact.
    """

    provider: str | None = None
    account: str | None = None
    call_id: str | None = None
    turn: int | None = None
    call_started_at: str | None = None
    role: Role = UNKNOWN
    provider_role: str | None = None
    text: str | None = None
    offset_seconds: int | Decimal | None = None
    duration_seconds: int | Decimal | None = None
    started_at: str | None = None
    interrupted: bool | None = None
    confidence: int | Decimal | None = None
    language: str | None = None
    tool_name: str | None = None
    tool_arguments: str | None = None
    tool_result: str | None = None
    tool_failed: bool | None = None
    response_seconds: int | Decimal | None = None
    endpointing_seconds: int | Decimal | None = None
    stt_seconds: int | Decimal | None = None
    llm_seconds: int | Decimal | None = None
    tts_seconds: int | Decimal | None = None
    network_seconds: int | Decimal | None = None
    provider_turn_id: str | None = None


def as_text(value: object) -> str | None:
    """Return arguments or a result of a tool as text: a text as it is, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value
    return encode(value).decode()


def seconds_between(start: str | None, end: str | None) -> Decimal | None:
    """Return the seconds from one time to another; None if one of them is not known."""
    if start is None or end is None:
        return None
    elapsed = parse_time(end) - parse_time(start)
    return Decimal(elapsed // _MICROSECOND).scaleb(-6)


def in_order_of_speech(turns: Sequence[Turn]) -> list[Turn]:
    """Return a call's turns in the order of speech, numbered from 0.

    Turns are sorted by their offset if all have one; otherwise the provider's order is kept.
    """
    ordered = list(turns)
    offsets = [turn.offset_seconds for turn in turns]
    if None not in offsets:
        ordered.sort(key=lambda turn: turn.offset_seconds or 0)
    for number, turn in enumerate(ordered):
        turn.turn = number
    return ordered


def response_of(turns: Sequence[Turn]) -> Decimal | None:
    """Return the mean time from the end of the caller's speech to the agent's first sound.

    The times that the provider sends are used, or else the silence between a caller's turn whose
    end is known and the agent's next turn; overlapping speech counts as 0. None if there are none.
    """
    times = [turn.response_seconds for turn in turns if turn.response_seconds is not None]
    times = times or [
        time for one, two in pairwise(turns) if (time := _silence(one, two)) is not None
    ]
    return mean_seconds(times)


def mean_seconds(times: Sequence[int | Decimal]) -> Decimal | None:
    """Return the mean of some times to the millisecond; None if there are none."""
    try:
        return mean(map(Decimal, times)).quantize(_MILLISECOND) if times else None
    except ArithmeticError:  # the numbers are too large
        return None


def interruptions_of(turns: Sequence[Turn]) -> int | None:
    """Return how many turns were interrupted; None if the provider does not say."""
    known = [turn.interrupted for turn in turns if turn.interrupted is not None]
    return sum(known) if known else None


def _silence(one: Turn, two: Turn) -> Decimal | None:
    if one.role != "caller" or two.role != "agent":
        return None
    if one.offset_seconds is None or one.duration_seconds is None or two.offset_seconds is None:
        return None
    end = add(one.offset_seconds, one.duration_seconds)
    return max(subtract(two.offset_seconds, end), Decimal(0))
