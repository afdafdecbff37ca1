"""Merged states: what was read without a gap counts, and nothing after a gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.backfill.errors import BackfillError
from tap_voicecalls.backfill.merge import merge_states
from tap_voicecalls.backfill.plan import Piece, Plan, Shard, shard
from tap_voicecalls.common.windows import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
STREAM = "vonage_voice_reports"

# For each product, its shards: start hour, end hour, and bookmark (None: the shard did not run).
Bookmark = list[list[tuple[int, int, int | None]]]


def piece(product: str | None, start: int, end: int, account: str = "emea") -> Shard:
    """Make a shard of some hours."""
    window = Window(START + start * HOUR, START + end * HOUR)
    return shard(Piece("vonage", account, product, (STREAM,), window))


def plan_of(shards: Sequence[Shard], hours: int, made_at: datetime | None = None) -> Plan:
    """Make a plan of a number of hours, by default made a year later."""
    return Plan(
        made_at=made_at or START + 365 * DAY,
        start_date=START,
        end_date=START + hours * HOUR,
        shards=list(shards),
    )


def state(at: int | None, account: str = "emea", **more: object) -> dict[str, Any]:
    """Return a shard's state; without a bookmark, the shard has started and read nothing."""
    partition: dict[str, Any] = {"context": {"account": account}, **more}
    if at is not None:
        text = (START + at * HOUR).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        partition |= {"replication_key": "start_time", "replication_key_value": text}
    return {STREAM: [partition]}


def bookmark(found: dict[str, Any], account: str = "emea") -> int | None:
    """Return a merged bookmark in hours; None if there is none."""
    for partition in found["bookmarks"].get(STREAM, {}).get("partitions", ()):
        if partition["context"] == {"account": account}:
            at = datetime.fromisoformat(partition["replication_key_value"])
            return (at - START) // HOUR
    return None


@st.composite
def progresses(draw: st.DrawFn) -> tuple[int, Bookmark]:
    """Draw the length of a plan in hours, and the bookmarks of the shards of some products."""
    hours = draw(st.integers(2, 30))
    products = []
    for _ in range(draw(st.integers(1, 3))):
        cuts = sorted(draw(st.sets(st.integers(1, hours - 1), max_size=5)))
        edges = zip([0, *cuts], [*cuts, hours], strict=True)
        products.append([(start, end, draw(reached(start, end))) for start, end in edges])
    return hours, products


def reached(start: int, end: int) -> st.SearchStrategy[int | None]:
    """Draw the bookmark of a shard: in most cases, its end."""
    return st.one_of(st.just(end), st.just(end), st.none(), st.integers(start, end))


def read(products: Bookmark) -> dict[str, Any]:
    """Return the states of the shards that ran."""
    return {
        piece(f"P{number}", start, end).state_id: state(at)
        for number, chain in enumerate(products)
        for start, end, at in chain
        if at is not None
    }


def shards_of(products: Bookmark) -> list[Shard]:
    """Make the shards."""
    return [
        piece(f"P{number}", start, end)
        for number, chain in enumerate(products)
        for start, end, _ in chain
    ]


def whole_hours(hours: int, products: Bookmark) -> int:
    """Return the hour up to which every product was read, by checking each hour."""
    for hour in range(hours):
        for chain in products:
            if not any(start <= hour < (at or 0) for start, _, at in chain):
                return hour
    return hours


@given(progresses(), st.randoms())
def test_nothing_after_a_gap_counts(drawn: tuple[int, Bookmark], random: Any) -> None:  # noqa: ANN401
    """A bookmark after a gap loses calls, and one before it reads calls again.

    The order of shards and states does not matter.
    """
    hours, products = drawn
    shards, states = shards_of(products), list(read(products).items())
    random.shuffle(shards)
    random.shuffle(states)

    found = merge_states(plan_of(shards, hours), dict(states))

    assert (bookmark(found.state) or 0) == whole_hours(hours, products)


@given(progresses())
def test_incomplete_shards_are_named(drawn: tuple[int, Bookmark]) -> None:
    """An incomplete shard that counts as done is never run again."""
    hours, products = drawn
    incomplete = {
        piece(f"P{number}", start, end).state_id
        for number, chain in enumerate(products)
        for start, end, at in chain
        if at != end
    }

    found = merge_states(plan_of(shards_of(products), hours), read(products))

    assert {line.split()[0] for line in found.undone} == incomplete


@given(progresses(), st.data())
def test_more_progress_never_moves_a_bookmark_back(
    drawn: tuple[int, Bookmark], data: st.DataObject
) -> None:
    """Reading more of a shard never reduces the merged progress."""
    hours, products = drawn
    chain = data.draw(st.sampled_from(products))
    index = data.draw(st.integers(0, len(chain) - 1))
    start, end, at = chain[index]
    before = merge_states(plan_of(shards_of(products), hours), read(products))

    chain[index] = (start, end, data.draw(st.integers(at or start, end)))

    after = merge_states(plan_of(shards_of(products), hours), read(products))
    assert (bookmark(after.state) or 0) >= (bookmark(before.state) or 0)


def test_a_running_call_holds_the_bookmark_back() -> None:
    """A recent shard with a running call is done, although its bookmark is before its end.

    In an old shard, no call can hold the bookmark back, so the shard is incomplete.
    """
    shards = [piece(None, 0, 240), piece(None, 240, 480)]
    plan = plan_of(shards, 480, made_at=START + 480 * HOUR)
    first, second = (each.state_id for each in shards)

    held = merge_states(plan, {first: state(240), second: state(450)})
    stuck = merge_states(plan, {first: state(230), second: state(480)})

    assert (bookmark(held.state), held.undone) == (450, [])
    assert bookmark(stuck.state) == 230
    assert stuck.undone == [
        f"{first} is incomplete: {STREAM} was read only up to 2026-01-10T14:00:00.000000Z"
    ]


def test_accounts_are_merged_separately() -> None:
    """An incomplete account does not affect another account, even if a state contains both."""
    shards = [piece(None, 0, 9), piece(None, 0, 5, "apac"), piece(None, 5, 9, "apac")]
    of_both = {STREAM: [*state(9)[STREAM], *state(5, "apac")[STREAM]]}
    states = {shards[0].state_id: state(9), shards[1].state_id: of_both}

    found = merge_states(plan_of(shards, 9), states)

    assert (bookmark(found.state), bookmark(found.state, "apac")) == (9, 5)
    assert found.undone == [f"{shards[2].state_id} has not run"]


def test_other_fields_of_a_state_are_kept() -> None:
    """Ovia's count of calls is kept; temporary fields of the SDK are not."""
    whole = piece(None, 0, 9)
    states = {whole.state_id: state(9, calls_listed=50, starting_replication_value="x")}

    found = merge_states(plan_of([whole], 9), states)

    assert found.state["bookmarks"][STREAM]["partitions"] == [
        {
            "context": {"account": "emea"},
            "calls_listed": 50,
            "read_from": "2026-01-01T00:00:00.000000Z",
            "replication_key": "start_time",
            "replication_key_value": "2026-01-01T09:00:00.000000Z",
        }
    ]


def test_objects_in_states_are_merged_by_key() -> None:
    """Otherwise, details refused in an earlier shard are never requested again."""
    first = state(10, details_refused={"c-1": "2026-01-01T10:00:00Z"})
    second = state(20, details_refused={"c-2": "2026-01-01T11:00:00Z"})
    plan = plan_of([piece(None, 0, 10), piece(None, 10, 20)], 20)
    names = [shard.state_id for shard in plan.shards]

    found = merge_states(plan, dict(zip(names, (first, second), strict=True))).state

    (partition,) = found["bookmarks"][STREAM]["partitions"]
    assert partition["details_refused"].keys() == {"c-1", "c-2"}
    assert partition["context"] == {"account": "emea"}


def test_an_unread_stream_has_no_bookmark() -> None:
    """What no shard read is one line for each account, but is not a gap."""
    names = ("voicy_calls", STREAM, "voicy_agents")
    made = Piece("voicy", "x", None, names, Window(START, START + 9 * HOUR))
    whole = shard(made)

    found = merge_states(plan_of([whole], 9), {whole.state_id: state(9, "x")})

    assert found.state["bookmarks"].keys() == {STREAM}
    assert (found.undone, found.unread) == ([], ["voicy_calls, voicy_agents of voicy (account x)"])


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_plan_with_a_gap_is_rejected(missing: int) -> None:
    """The calls of a shard that is missing from the plan would count as read."""
    shards = [piece("ASR", 0, 3), piece("ASR", 3, 6), piece("ASR", 6, 9)]
    del shards[missing]
    states = {each.state_id: state(9) for each in shards}

    with pytest.raises(BackfillError, match="the plan is incomplete"):
        merge_states(plan_of(shards, 9), states)
