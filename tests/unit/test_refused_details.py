"""Refused details: errors of single calls, errors of the account, and what the state remembers."""

from __future__ import annotations

import pytest

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.streams.details.refused_details import RefusedDetails

NOW, EARLIER, LONG_AGO = "2026-01-10T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-01T00:00:00Z"
SINCE = "2026-01-03T00:00:00Z"
GONE = ApiError("410 Gone", status=410)
FORBIDDEN = ApiError("403 Forbidden", status=403)
GIVEN_UP = ApiError("no answer")


def test_the_state_holds_a_bounded_number_of_calls() -> None:
    """An account with refusals every day would make each STATE longer, without an end."""
    refusals = RefusedDetails({}, NOW, SINCE)

    for number in range(150):
        refusals.answered("other")
        refusals.answered("another")
        refusals.refused(f"c-{number:03}", None, GONE)

    assert list(refusals.remembered) == [f"c-{number:03}" for number in range(50, 150)]
    assert len(refusals.given_up) == 50


def test_merged_states_are_cut_to_the_bound() -> None:
    """States of many shards, put together, hold more than one run can have remembered."""
    earlier = {f"c-{number:03}": f"2026-01-09T00:{number % 60:02}:00Z" for number in range(240)}

    refusals = RefusedDetails(earlier, NOW, SINCE)

    assert len(refusals.remembered) == 100
    assert min(refusals.remembered.values()) > "2026-01-09T00:30:00Z"


def test_each_call_is_given_up_by_its_own_time() -> None:
    """The week of one call does not end with that of another."""
    refusals = RefusedDetails({"old": LONG_AGO, "new": EARLIER}, NOW, SINCE)
    refusals.refused("new", None, GONE)

    assert refusals.remembered == {"new": EARLIER}
    assert refusals.given_up == ["old"]


def test_known_refusals_do_not_count_towards_an_error() -> None:
    """On a quiet day, calls that were refused before would stop the account for good."""
    refusals = RefusedDetails({f"c-{number}": EARLIER for number in range(30)}, NOW, SINCE)

    for number in range(30):
        refusals.refused(f"c-{number}", None, FORBIDDEN)

    refusals.end()
    assert not refusals.are_in_doubt


@pytest.mark.parametrize("error", [FORBIDDEN, GIVEN_UP], ids=["forbidden", "no answer"])
def test_an_account_with_refusals_only_is_an_error(error: ApiError) -> None:
    """A key that may not read details is an error, however few calls there are."""
    refusals = RefusedDetails({}, NOW, SINCE)
    refusals.refused("c-1", None, error)

    assert refusals.are_in_doubt
    with pytest.raises(ApiError, match="the details of 1 of 1 calls were refused"):
        refusals.end()


def test_an_answer_ends_the_doubt() -> None:
    """One call that may be read proves that the others are refused by themselves."""
    refusals = RefusedDetails({}, NOW, SINCE)
    refusals.refused("c-1", None, FORBIDDEN)
    refusals.answered("c-2")

    assert not refusals.are_in_doubt
    refusals.end()


@pytest.mark.parametrize("error", [GONE, BadAnswer("no call")], ids=["refused", "unreadable"])
def test_ten_in_a_row_are_an_error(error: ApiError | BadAnswer) -> None:
    """A provider that begins to refuse in the middle of a run is not asked for all the rest."""
    refusals = RefusedDetails({}, NOW, SINCE)
    for number in range(100):
        refusals.answered(f"a-{number}")
    for number in range(9):
        refusals.refused(f"c-{number}", None, error)

    with pytest.raises(type(error), match="10 of 110 calls"):
        refusals.refused("c-9", None, error)
