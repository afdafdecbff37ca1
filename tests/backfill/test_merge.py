"""What the states of shards amount to: all that is read counts, and nothing beyond a hole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.backfill.errors import BackfillError
from tap_voicecalls.backfill.merge import merged
from tap_voicecalls.backfill.plan import Piece, Plan, Shard, shard
from tap_voicecalls.common.windows import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
STREAM = "vonage_voice_reports"

# For each product the hours that its shards are cut at, and how far each shard came, if it ran.
Bookmark = list[list[tuple[int, int, int | None]]]


def piece(product: str | None, start: int, end: int, account: str = "emea") -> Shard:
    """Make a shard of some hours."""
    window = Window(START + start * HOUR, START + end * HOUR)
    return shard(Piece("vonage", account, product, (STREAM,), window))


def plan_of(shards: Sequence[Shard], hours: int, made_at: datetime | None = None) -> Plan:
    """Make a plan of so many hours, by default a year later."""
    return Plan(
        made_at=made_at or START + 365 * DAY,
        start_date=START,
        end_date=START + hours * HOUR,
        shards=list(shards),
    )


def state(at: int | None, account: str = "emea", **more: object) -> dict[str, Any]:
    """Return a shard's state; without a bookmark it has begun and read nothing."""
    partition: dict[str, Any] = {"context": {"account": account}, **more}
    if at is not None:
        told = (START + at * HOUR).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        partition |= {"replication_key": "start_time", "replication_key_value": told}
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
    """Draw how far the shards of some products came, and how many hours there are."""
    hours = draw(st.integers(2, 30))
    products = []
    for _ in range(draw(st.integers(1, 3))):
        cuts = sorted(draw(st.sets(st.integers(1, hours - 1), max_size=5)))
        edges = zip([0, *cuts], [*cuts, hours], strict=True)
        products.append([(start, end, draw(reached(start, end))) for start, end in edges])
    return hours, products


def reached(start: int, end: int) -> st.SearchStrategy[int | None]:
    """Draw how far a shard came: mostly to its end."""
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
    """Return up to which hour every product has been read, hour by hour."""
    for hour in range(hours):
        for chain in products:
            if not any(start <= hour < (at or 0) for start, _, at in chain):
                return hour
    return hours


@given(progresses(), st.randoms())
def test_nothing_beyond_a_hole_counts(drawn: tuple[int, Bookmark], random: Any) -> None:  # noqa: ANN401
    """A bookmark past an hour that a product lacks loses its calls; one before reads in vain.

    In whatever order shards and states come.
    """
    hours, products = drawn
    shards, states = shards_of(products), list(read(products).items())
    random.shuffle(shards)
    random.shuffle(states)

    found = merged(plan_of(shards, hours), dict(states))

    assert (bookmark(found.state) or 0) == whole_hours(hours, products)


@given(progresses())
def test_shards_that_are_not_through_are_named(drawn: tuple[int, Bookmark]) -> None:
    """A shard that is taken as done though it is not is never run again."""
    hours, products = drawn
    lacking = {
        piece(f"P{number}", start, end).state_id
        for number, chain in enumerate(products)
        for start, end, at in chain
        if at != end
    }

    found = merged(plan_of(shards_of(products), hours), read(products))

    assert {line.split()[0] for line in found.undone} == lacking


@given(progresses(), st.data())
def test_a_shard_that_reads_on_never_sets_back(
    drawn: tuple[int, Bookmark], data: st.DataObject
) -> None:
    """More that is read is never less that counts."""
    hours, products = drawn
    chain = data.draw(st.sampled_from(products))
    place = data.draw(st.integers(0, len(chain) - 1))
    start, end, at = chain[place]
    before = merged(plan_of(shards_of(products), hours), read(products))

    chain[place] = (start, end, data.draw(st.integers(at or start, end)))

    after = merged(plan_of(shards_of(products), hours), read(products))
    assert (bookmark(after.state) or 0) >= (bookmark(before.state) or 0)


def test_a_running_call_holds_the_bookmark() -> None:
    """A shard near now stays short of its end for a running call: it is done, and read from there.

    Before that no call can hold a bookmark: there a shard that stays short is not through.
    """
    shards = [piece(None, 0, 240), piece(None, 240, 480)]
    plan = plan_of(shards, 480, made_at=START + 480 * HOUR)
    first, second = (each.state_id for each in shards)

    held = merged(plan, {first: state(240), second: state(450)})
    stuck = merged(plan, {first: state(230), second: state(480)})

    assert (bookmark(held.state), held.undone) == (450, [])
    assert bookmark(stuck.state) == 230
    assert stuck.undone == [
        f"{first} is incomplete: {STREAM} was read only up to 2026-01-10T14:00:00.000000Z"
    ]


def test_accounts_are_kept_apart() -> None:
    """An account whose shards are all done is not read again because another's are not.

    Nor is it taken as read because a state tells of another's.
    """
    shards = [piece(None, 0, 9), piece(None, 0, 5, "apac"), piece(None, 5, 9, "apac")]
    of_both = {STREAM: [*state(9)[STREAM], *state(5, "apac")[STREAM]]}
    states = {shards[0].state_id: state(9), shards[1].state_id: of_both}

    found = merged(plan_of(shards, 9), states)

    assert (bookmark(found.state), bookmark(found.state, "apac")) == (9, 5)
    assert found.undone == [f"{shards[2].state_id} has not run"]


def test_what_else_a_state_says_stays() -> None:
    """Ovia's count of calls goes on into the next run, what the SDK notes in passing does not."""
    whole = piece(None, 0, 9)
    states = {whole.state_id: state(9, calls_listed=50, starting_replication_value="x")}

    found = merged(plan_of([whole], 9), states)

    assert found.state["bookmarks"][STREAM]["partitions"] == [
        {
            "context": {"account": "emea"},
            "calls_listed": 50,
            "replication_key": "start_time",
            "replication_key_value": "2026-01-01T09:00:00.000000Z",
        }
    ]


def test_what_each_shard_remembers_by_key_is_put_together() -> None:
    """Details that were refused in an earlier shard would never be asked for again."""
    first = state(10, details_refused={"c-1": "2026-01-01T10:00:00Z"})
    second = state(20, details_refused={"c-2": "2026-01-01T11:00:00Z"})
    plan = plan_of([piece(None, 0, 10), piece(None, 10, 20)], 20)
    names = [shard.state_id for shard in plan.shards]

    found = merged(plan, dict(zip(names, (first, second), strict=True))).state

    (partition,) = found["bookmarks"][STREAM]["partitions"]
    assert partition["details_refused"].keys() == {"c-1", "c-2"}
    assert partition["context"] == {"account": "emea"}


def test_a_stream_that_was_not_selected_is_left_out() -> None:
    """A stream that no shard reads has no bookmark, and is told of, not taken for a hole."""
    made = Piece("voicy", "x", None, ("voicy_calls", STREAM), Window(START, START + 9 * HOUR))
    whole = shard(made)

    found = merged(plan_of([whole], 9), {whole.state_id: state(9, "x")})

    assert found.state["bookmarks"].keys() == {STREAM}
    assert (found.undone, found.unread) == ([], ["voicy_calls of voicy (account x)"])


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_plan_with_a_hole_is_refused(missing: int) -> None:
    """A plan that lost a shard on the way would take its calls as read."""
    shards = [piece("ASR", 0, 3), piece("ASR", 3, 6), piece("ASR", 6, 9)]
    del shards[missing]
    states = {each.state_id: state(9) for each in shards}

    with pytest.raises(BackfillError, match="the plan is not whole"):
        merged(plan_of(shards, 9), states)
