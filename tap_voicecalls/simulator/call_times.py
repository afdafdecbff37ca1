"""When calls start, including equal starts and starts at midnight, and how long they last."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.seeding import chance

if TYPE_CHECKING:
    import random

# Weights of the 24 hours (UTC): quiet nights, a peak in the morning and one after lunch.
_HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 19, 16, 12, 16, 18, 17, 14, 11, 8, 6, 5, 3, 2, 1)
_CUMULATED_HOURS = list(accumulate(_HOURS))
# Weights of Monday to Sunday, a mean of one.
_WEEKDAYS = (1.2, 1.2, 1.15, 1.15, 1.1, 0.7, 0.5)
_TIE_SHARE = 0.05
_MIDNIGHT_SHARE = 1 / 3
_LONGEST_SECONDS = 7200.0


def starts(
    rng: random.Random, day: date, calls_per_day: float, precision: timedelta
) -> list[datetime]:
    """Return the starts of one day's calls.

    Args:
        rng: The day's own generator.
        day: A day in UTC.
        calls_per_day: Weekly mean.
        precision: The unit that starts are truncated to, for instance a millisecond.

    Returns:
        Aware UTC datetimes, ascending. Some are equal on purpose. On about every third day the
        first one or two are exactly midnight, where two windows of the tap meet.
    """
    count = round(calls_per_day * _WEEKDAYS[day.weekday()] * rng.uniform(0.9, 1.1))
    midnight = datetime.combine(day, time(), UTC)
    hours = rng.choices(range(24), cum_weights=_CUMULATED_HOURS, k=count)
    moments = sorted(_moment(rng, midnight, hour, precision) for hour in hours)
    for index in range(1, count):
        if chance(rng, _TIE_SHARE):
            moments[index] = moments[index - 1]
    if chance(rng, _MIDNIGHT_SHARE):
        for index in range(min(count, rng.randint(1, 2))):
            moments[index] = midnight
    return moments


def _moment(rng: random.Random, midnight: datetime, hour: int, precision: timedelta) -> datetime:
    """Return a random time in an hour of a day, truncated to the precision."""
    offset = timedelta(hours=hour, microseconds=rng.randrange(3_600_000_000))
    return midnight + offset // precision * precision


def seconds(rng: random.Random, outcome: str) -> float:
    """Return how long a call lasts, in seconds with millisecond precision.

    Durations of answered calls are log-normal with a median of 90 seconds. The duration of an
    unanswered call is the ringing time.
    """
    if outcome in {"completed", "inactivity"}:
        talk = min(_LONGEST_SECONDS, rng.lognormvariate(4.5, 0.9))
        return round(1.0 + talk + (30.0 if outcome == "inactivity" else 0.0), 3)
    longest = {"no_answer": 45.0, "canceled": 15.0}.get(outcome, 3.0)
    return round(rng.uniform(longest / 3, longest), 3)
