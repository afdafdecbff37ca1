"""Times: read in any ISO 8601 form, written in one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.times import (
    EPOCH,
    format_time,
    from_millis,
    normal_time,
    parse_time,
    to_millis,
)

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# A day away from both ends of the calendar, so that any zone's time exists in UTC.
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-05", "2026-01-05T00:00:00.000000Z"),
        ("2026-01-05T08:13:22", "2026-01-05T08:13:22.000000Z"),
        ("2026-01-05 08:13:22", "2026-01-05T08:13:22.000000Z"),
        ("2026-01-05T08:13:22Z", "2026-01-05T08:13:22.000000Z"),
        ("2026-01-05T08:13:22.5+00:00", "2026-01-05T08:13:22.500000Z"),
        ("2026-01-05T00:13:22+05:30", "2026-01-04T18:43:22.000000Z"),
        ("2026-12-31T22:00:00-0500", "2027-01-01T03:00:00.000000Z"),
        ("2026-01-05T08:13:22.123456789Z", "2026-01-05T08:13:22.123456Z"),
        ("2026-01-05T08:13:22.1Z", "2026-01-05T08:13:22.100000Z"),
        ("2026-01-05t08:13:22z", "2026-01-05T08:13:22.000000Z"),
        ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000000Z"),
        ("2026-12-31T18:59:60.000000-05:00", "2027-01-01T00:00:00.000000Z"),
        ("2026-01-05 08:13:22 UTC", "2026-01-05T08:13:22.000000Z"),
        ("2026-01-05 08:13:22 +0000 UTC", "2026-01-05T08:13:22.000000Z"),
        ("Mon, 05 Jan 2026 08:13:22 -0500", "2026-01-05T13:13:22.000000Z"),
        ("Mon, 05 Jan 2026 08:13:22 GMT", "2026-01-05T08:13:22.000000Z"),
    ],
)
def test_each_form_a_provider_sends_is_one_text(text: str, expected: str) -> None:
    """A naive time is UTC, an offset is applied, and digits past the microsecond are cut."""
    assert expected == format_time(parse_time(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "1767600802",
        "2026-02-30",
        "2026-01-05T25:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-01-05T08:13:61Z",
        "Monday",
        "Mon, 05 Jan 99999999999999999999 08:13:22 GMT",
    ],
)
def test_what_is_no_time_is_a_value_error(text: str) -> None:
    """A text that names no moment in UTC is refused with the one error that callers catch."""
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


@given(MOMENTS)
def test_a_written_time_is_read_back_exactly(moment: datetime) -> None:
    """Writing a moment of any zone and reading it back loses nothing."""
    assert moment == parse_time(format_time(moment))


@given(MOMENTS, MOMENTS)
def test_texts_sort_as_their_times(one: datetime, other: datetime) -> None:
    """Sorting records by the text of their time sorts them by their time, even before year 1000."""
    assert (one < other) == (format_time(one) < format_time(other))


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_milliseconds_round_trip(millis: int) -> None:
    """Milliseconds of any year 1 to 9999 come back as they went in, before 1970 too."""
    assert millis == to_millis(from_millis(millis))


def test_milliseconds_are_rounded_down() -> None:
    """A part of a millisecond never moves a threshold up, not even before 1970."""
    assert to_millis(EPOCH + timedelta(microseconds=1999)) == 1
    assert to_millis(EPOCH - timedelta(microseconds=1)) == -1


@pytest.mark.parametrize("millis", [-62_135_596_800_001, 253_402_300_800_000, 10**30])
def test_milliseconds_outside_the_calendar_are_a_value_error(millis: int) -> None:
    """A number that is no moment is refused with the one error that callers catch."""
    with pytest.raises(ValueError, match="years 1 to 9999"):
        from_millis(millis)


def test_a_moment_is_aware() -> None:
    """What is read can be compared with a UTC time whichever form it was sent in."""
    assert {UTC} == {parse_time(text).tzinfo for text in ("2026-01-05", "2026-01-05T00:00+02:00")}


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T05:30:00.000000Z",
        "0000-00-00 00:00:00",
        "1601-01-01T00:00:00Z",
        "1900-01-01",
        "1970-01-01T00:00:00Z",
        "1969-12-31T19:00:00-05:00",
    ],
)
def test_a_time_that_stands_for_none_is_a_value_error(text: str) -> None:
    """The zero of a program's calendar is not the start of a call, nor its end."""
    with pytest.raises(ValueError, match=r"."):
        normal_time(text)


def test_a_leap_second_that_is_written_as_the_tap_writes_is_read() -> None:
    """The quick way, for times that need no change, does not refuse what the other one reads."""
    assert normal_time("2016-12-31T23:59:60.000000Z") == "2017-01-01T00:00:00.000000Z"
