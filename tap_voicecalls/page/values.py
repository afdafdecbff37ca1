"""Values as sources have them, as the page holds them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite, nan

from tap_voicecalls.common.times import format_time, parse_time

_LONGEST = 20_000  # characters of one text: a page is not the place of a whole document
_CUT = " …"


def number(value: object) -> float:
    """Return a number, and NaN for null or for what is none; amounts may be text."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return nan
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return nan
    return found if isfinite(found) else nan


def rounded(value: object, digits: int = 3) -> float | None:
    """Return a number with a few digits, and None for null."""
    found = number(value)
    return None if found != found else round(found, digits)  # noqa: PLR0124 - NaN


def moment(value: object) -> float:
    """Return the seconds since the epoch, and NaN for null or for what is no time.

    A time without a zone is UTC, as targets write it.
    """
    try:
        if isinstance(value, str):
            return parse_time(value).timestamp()
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return nan
    return nan


def text(value: object) -> str | None:
    """Return a text of bounded length, and None for null and the empty one.

    Text from a target may hold half a surrogate pair, which no encoding of a page has.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return format_time(value if value.tzinfo else value.replace(tzinfo=UTC))
    found = value if isinstance(value, str) else str(value)
    found = found.encode("utf-8", "replace").decode("utf-8")
    return found if len(found) <= _LONGEST else found[:_LONGEST] + _CUT
