"""Milliseconds with a fraction: exact as seconds, and to the microsecond as a time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tap_voicecalls.common.times import format_time, from_millis, seconds_of


@pytest.mark.parametrize(
    ("millis", "seconds"),
    [
        (Decimal("30250.5"), "30.2505"),
        (Decimal("0.1"), "0.0001"),
        (Decimal("-1.5"), "-0.0015"),
        (Decimal("3E+4"), "30"),
        (Decimal("1234567890123456789012345678901.5"), "1234567890123456789012345678.9015"),
    ],
)
def test_seconds_keep_all_digits(millis: Decimal, seconds: str) -> None:
    """A division would round to 28 digits, and an exponent is not a digit."""
    assert seconds_of(millis) == Decimal(seconds)


@pytest.mark.parametrize(
    ("millis", "expected"),
    [
        (Decimal("1767600802000.5"), "2026-01-05T08:13:22.000500Z"),
        (Decimal("1767600802000.0009"), "2026-01-05T08:13:22.000000Z"),
        (Decimal("1.7676008020005E+12"), "2026-01-05T08:13:22.000500Z"),
    ],
)
def test_a_time_is_cut_to_the_microsecond(millis: Decimal, expected: str) -> None:
    """A start may have a fraction of a millisecond."""
    assert format_time(from_millis(millis)) == expected


@pytest.mark.parametrize("millis", ["1E+999999", "-1E+999999", "1E+30", "253402300800000.5"])
def test_a_number_that_is_not_a_time_is_refused_at_once(millis: str) -> None:
    """A huge exponent would fill the memory if it were written as digits."""
    with pytest.raises(ValueError, match="years 1 to 9999"):
        from_millis(Decimal(millis))
