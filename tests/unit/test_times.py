"""Times are parsed from many formats and written in one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_voicecalls.common.times import (
    EPOCH,
    format_time,
    from_millis,
    normal_time,
    normal_times,
    parse_time,
    to_millis,
)

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# A day inside the calendar, so that times of all zones exist in UTC.
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
def test_all_formats_of_providers_are_normalized(text: str, expected: str) -> None:
    """Text without offset is UTC, offsets are applied, digits after the microsecond are cut."""
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
def test_text_that_is_not_a_time_is_a_value_error(text: str) -> None:
    """Callers catch this error only."""
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


def test_much_space_in_a_text_takes_no_longer_than_other_signs() -> None:
    """Catches one odd value of a record that holds up a run for minutes."""
    began = process_time()

    with pytest.raises(ValueError, match="not a time"):
        parse_time(f"2026-01-05T08:13:22{' ' * 20_000}?")

    assert process_time() - began < 1


def normal_or_none(text: str) -> str | None:
    """Return a text in the format of the tap, or None if it is not a time."""
    try:
        return normal_time(text)
    except ValueError:
        return None


SECONDS = st.datetimes(datetime(1969, 12, 30), datetime(2030, 1, 1))  # noqa: DTZ001 - as text
ENDINGS = st.text("0123456789.,Zz+A ", max_size=9) | st.from_regex(
    r"\.[0-9]{1,9}Z?", fullmatch=True
)
WRITTEN = st.builds("{:%Y-%m-%dT%H:%M:%S}{}".format, SECONDS, ENDINGS)


@given(st.lists(WRITTEN, min_size=1, max_size=4))
@example(["2026-01-05T08:13:22.1234"])
@example(["2026-01-05T08:13:22A"])
def test_many_times_are_written_as_each_by_itself(texts: list[str]) -> None:
    """Catches a text without its zone that loses a digit, and a text that is taken for a time."""
    assert normal_times(texts) in (None, [*map(normal_or_none, texts)])


@given(MOMENTS)
def test_a_formatted_time_is_parsed_back_exactly(moment: datetime) -> None:
    """Formatting a time of any zone and parsing it loses nothing."""
    assert moment == parse_time(format_time(moment))


@given(MOMENTS, MOMENTS)
def test_formatted_times_sort_like_times(one: datetime, other: datetime) -> None:
    """Records sorted by the text of their time are sorted by time, even before the year 1000."""
    assert (one < other) == (format_time(one) < format_time(other))


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_milliseconds_round_trip(millis: int) -> None:
    """Milliseconds of the years 1 to 9999 are converted back exactly, before 1970 too."""
    assert millis == to_millis(from_millis(millis))


def test_milliseconds_are_rounded_down() -> None:
    """Fractions of a millisecond never move a threshold up, not even before 1970."""
    assert to_millis(EPOCH + timedelta(microseconds=1999)) == 1
    assert to_millis(EPOCH - timedelta(microseconds=1)) == -1


@pytest.mark.parametrize("millis", [-62_135_596_800_001, 253_402_300_800_000, 10**30])
def test_milliseconds_outside_the_calendar_are_a_value_error(millis: int) -> None:
    """Callers catch this error only."""
    with pytest.raises(ValueError, match="years 1 to 9999"):
        from_millis(millis)


def test_parsed_times_are_aware() -> None:
    """A parsed time can be compared with any UTC time, whatever its format was."""
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
def test_a_placeholder_time_is_a_value_error(text: str) -> None:
    """The zero of a calendar is neither the start nor the end of a call."""
    with pytest.raises(ValueError, match=r"."):
        normal_time(text)


def test_a_leap_second_in_the_format_of_the_tap_is_parsed() -> None:
    """The fast path for normalized times falls back to the parser."""
    assert normal_time("2016-12-31T23:59:60.000000Z") == "2017-01-01T00:00:00.000000Z"
