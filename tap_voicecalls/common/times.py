"""Time, in one place: aware UTC datetimes inside, one RFC 3339 text outside."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from math import floor

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# No call is as old as this. Programs write such times where they have none: the year 1 (Go), 1601
# (Windows), 1900 (spreadsheets), and the epoch itself, in whatever zone.
_FIRST_TIME = "1970-01-02"
_read = datetime.fromisoformat
_MOST_MILLIS = 10**15  # beyond the year 9999
# ISO 8601 as some write it: a small z, a name for UTC, a leap second.
_VARIANT = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d):(?P<second>\d\d)(?P<fraction>[.,]\d+)?"
    r"\s*(?P<offset>[+-]\d\d:?\d\d)?\s*(?:[zZ]|UTC|GMT)?",
    re.ASCII,
)
_LEAP_SECOND = "60"
_NO_TIME = "no time in a form that is known"


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 date or timestamp, or one of RFC 5322, as an aware UTC datetime.

    A text without an offset is UTC; digits past the microsecond are cut. A leap second is the
    first moment after it.

    Raises:
        ValueError: The text is no such time, or lies outside the years 1 to 9999.
    """
    try:
        moment = _read(text)
    except ValueError:
        moment = _read_variant(text.strip())
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
    """Write the time of a call, as sent, as :func:`format_time` does.

    Raises:
        ValueError: As :func:`parse_time` does; or it is a time that stands for none.
    """
    try:
        # Most are written so already. At hour 0 a text may say 24, of the day before.
        is_so = text[10:20:3] == "T::." and text[26:] == "Z" and text[5] != "W" and _read(text).hour
    except ValueError:
        is_so = False
    written = text if is_so else format_time(parse_time(text))
    if written < _FIRST_TIME:
        msg = "stands for no time"
        raise ValueError(msg)
    return written


def format_time(moment: datetime) -> str:
    """Write a datetime as ``2026-01-05T08:13:22.000000Z``.

    Always UTC, always microseconds: such texts sort as the times they stand for.
    """
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    text: str = msgspec.to_builtins(in_utc)  # several times as fast as isoformat
    return text if in_utc.microsecond else f"{text[:-1]}.000000Z"


def _read_variant(text: str) -> datetime:
    if found := _VARIANT.fullmatch(text):
        second, offset = found["second"], found["offset"] or "+00:00"
        late = timedelta(seconds=second == _LEAP_SECOND)
        whole = "59" if late else second
        fraction = "" if late else found["fraction"] or ""
        return _read(f"{found['minute'].upper()}:{whole}{fraction}{offset}") + late
    if text[:1].isalpha():
        try:
            return parsedate_to_datetime(text)
        except (IndexError, OverflowError, TypeError) as error:  # what it raises for some texts
            raise ValueError(_NO_TIME) from error
    raise ValueError(_NO_TIME)


def from_millis(millis: int | Decimal) -> datetime:
    """Turn Unix milliseconds into a datetime; parts of a microsecond are cut.

    Raises:
        ValueError: The moment lies outside the years 1 to 9999.
    """
    try:
        if isinstance(millis, int):
            return EPOCH + timedelta(milliseconds=millis)
        # Before a huge exponent is written out as digits.
        if abs(millis) < _MOST_MILLIS:
            return EPOCH + timedelta(microseconds=floor(millis * 1000))
    except ArithmeticError:
        pass
    msg = "outside the years 1 to 9999"
    raise ValueError(msg)


def to_millis(moment: datetime) -> int:
    """Turn a datetime into whole Unix milliseconds, rounded down."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def seconds_of(millis: int | Decimal) -> Decimal:
    """Turn milliseconds into seconds, exactly."""
    sign, digits, exponent = Decimal(millis).as_tuple()
    return Decimal((sign, digits, int(exponent) - 3))  # a division would round to 28 digits
