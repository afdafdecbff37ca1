"""Time, in one place: aware UTC datetimes inside, one RFC 3339 text outside."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_read = datetime.fromisoformat
_MOST_MILLIS = 10**15  # beyond the year 9999


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 date or timestamp as an aware UTC datetime.

    A text without an offset is UTC; digits past the microsecond are cut.

    Raises:
        ValueError: The text is no ISO 8601 time, or lies outside the years 1 to 9999.
    """
    moment = _read(text)
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        msg = "outside the years 1 to 9999 in UTC"
        raise ValueError(msg) from error


def normal_time(text: str) -> str:
    """Write an ISO 8601 date or timestamp as :func:`format_time` does.

    Raises:
        ValueError: As :func:`parse_time` does.
    """
    # Most are written so already. At hour 0 a text may say 24, of the day before.
    if text[10:20:3] == "T::." and text[26:] == "Z" and text[5] != "W" and _read(text).hour:
        return text
    return format_time(parse_time(text))


def format_time(moment: datetime) -> str:
    """Write a datetime as ``2026-01-05T08:13:22.000000Z``.

    Always UTC, always microseconds: such texts sort as the times they stand for.
    """
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    text: str = msgspec.to_builtins(in_utc)  # several times as fast as isoformat
    return text if in_utc.microsecond else f"{text[:-1]}.000000Z"


def from_millis(millis: int | Decimal) -> datetime:
    """Turn Unix milliseconds into a datetime; what is finer than a microsecond is cut.

    Raises:
        ValueError: The moment lies outside the years 1 to 9999.
    """
    try:
        if isinstance(millis, int):
            return EPOCH + timedelta(milliseconds=millis)
        # Before a huge exponent is written out as digits.
        if abs(millis) < _MOST_MILLIS:
            return EPOCH + timedelta(microseconds=math.floor(millis * 1000))
    except ArithmeticError:
        pass
    msg = "outside the years 1 to 9999"
    raise ValueError(msg)


def to_millis(moment: datetime) -> int:
    """Turn a datetime into whole Unix milliseconds, rounded down."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def seconds_of(millis: int | Decimal) -> Decimal:
    """Turn milliseconds into seconds, exactly."""
    if isinstance(millis, int):
        return Decimal(f"{millis}e-3")  # a division would round to 28 digits
    sign, digits, exponent = millis.as_tuple()
    return Decimal((sign, digits, int(exponent) - 3))
