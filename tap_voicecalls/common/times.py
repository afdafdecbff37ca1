"""Times: aware UTC datetimes inside the tap, RFC 3339 text in records and in the state."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from math import floor
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400  # seconds
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# No call is older. Programs write such times for "none": the year 1 (Go), 1601 (Windows), 1900
# (spreadsheets), and the epoch itself, in any time zone.
_FIRST_TIME = "1970-01-02"
_read = datetime.fromisoformat
_SHAPE = b"0000-00-00T00:00:00.000000Z"
_ALL_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_REST = {len("2026-01-05T08:13:22Z"): ".000000Z", len("2026-01-05T08:13:22.123Z"): "000Z"}
_MOST_MILLIS = 10**15  # beyond the year 9999
# Variants of ISO 8601: a lower-case z, a name for UTC, a leap second.
_VARIANT = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d):(?P<second>\d\d)(?P<fraction>[.,]\d+)?"
    r"\s*+(?P<offset>[+-]\d\d:?\d\d)?\s*+(?:[zZ]|UTC|GMT)?",
    re.ASCII,
)
_LEAP_SECOND = "60"
_NO_TIME = "not a time in a known format"


def parse_time(text: str) -> datetime:
    """Parse an ISO 8601 date or timestamp, or an RFC 5322 one, into an aware UTC datetime.

    Text without an offset is taken as UTC; digits after the microsecond are cut. A leap second
    becomes the following second.

    Raises:
        ValueError: The text is not such a time, or lies outside the years 1 to 9999.
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
    """Return a provider's time of a call in the format of :func:`format_time`.

    Raises:
        ValueError: It cannot be parsed, or is a placeholder such as the epoch.
    """
    written = format_time(parse_time(text))
    if written < _FIRST_TIME:
        msg = "a placeholder, not a time"
        raise ValueError(msg)
    return written


def normal_times(texts: Sequence[str]) -> Sequence[str] | None:
    """Do as :func:`normal_time` for many texts that lack nothing but digits of their fraction.

    Looking at all of them together takes a fraction of the time that parsing each one takes.

    Returns:
        The texts in the format; None if each has to be parsed.
    """
    if {*map(len, texts)} - {len(_SHAPE)}:
        texts = [text.replace("Z", _REST.get(len(text), "Z")) for text in texts]
    together = "".join(texts).encode("utf-8", "surrogatepass")
    if together.translate(_ALL_ZEROS) != _SHAPE * len(texts) or min(texts) < _FIRST_TIME:
        return None
    if b"T24" in together:  # may be read as hour 0 of the next day
        return None
    try:
        for _ in map(_read, texts):
            pass
    except ValueError:
        return None
    return texts


def format_time(moment: datetime) -> str:
    """Format a datetime as ``2026-01-05T08:13:22.000000Z``.

    It is always UTC with microseconds, so that text sorts like the times.
    """
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    text: str = msgspec.to_builtins(in_utc)  # several times as fast as isoformat
    return text if in_utc.microsecond else f"{text[:-1]}.000000Z"


def _read_variant(text: str) -> datetime:
    if match := _VARIANT.fullmatch(text):
        second, offset = match["second"], match["offset"] or "+00:00"
        leap = timedelta(seconds=second == _LEAP_SECOND)
        whole = "59" if leap else second
        fraction = "" if leap else match["fraction"] or ""
        return _read(f"{match['minute'].upper()}:{whole}{fraction}{offset}") + leap
    if text[:1].isalpha():
        try:
            return parsedate_to_datetime(text)
        except (IndexError, OverflowError, TypeError) as error:  # what it raises for some texts
            raise ValueError(_NO_TIME) from error
    raise ValueError(_NO_TIME)


def from_millis(millis: int | Decimal) -> datetime:
    """Convert Unix milliseconds to a datetime; fractions of a microsecond are cut.

    Raises:
        ValueError: The time lies outside the years 1 to 9999.
    """
    try:
        if isinstance(millis, int):
            return EPOCH + timedelta(milliseconds=millis)
        # Compared first, as a huge exponent would be expanded into digits.
        if abs(millis) < _MOST_MILLIS:
            return EPOCH + timedelta(microseconds=floor(millis * 1000))
    except ArithmeticError:
        pass
    msg = "outside the years 1 to 9999"
    raise ValueError(msg)


def time_of_millis(millis: int | Decimal) -> str | None:
    """Format Unix milliseconds as a provider's time; None if they are out of range or no time."""
    try:
        return normal_time(format_time(from_millis(millis)))
    except ValueError:
        return None


def time_of_seconds(seconds: int | Decimal) -> str | None:
    """Format Unix seconds as :func:`time_of_millis` does."""
    return time_of_millis(seconds * 1000)


def to_millis(moment: datetime) -> int:
    """Convert a datetime to whole Unix milliseconds, rounded down."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def seconds_of(millis: int | Decimal) -> Decimal:
    """Convert milliseconds to seconds, exactly."""
    sign, digits, exponent = Decimal(millis).as_tuple()
    return Decimal((sign, digits, int(exponent) - 3))  # a division would round to 28 digits


def duration_text(seconds: float) -> str:
    """Write a duration for the log, in a unit that suits it."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.0f} days"
