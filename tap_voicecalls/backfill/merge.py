"""The states of all shards, put together into the one from which a scheduled run goes on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_voicecalls.backfill.errors import BackfillError
from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.streams.bookmarks import LONGEST_RUNNING, PARTS
from tap_voicecalls.streams.bookmarks import VALUE as _BOOKMARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_voicecalls.backfill.plan import Plan, Shard

    Partition = Mapping[str, Any]
    States = Mapping[str, Mapping[str, Sequence[Partition]]]

# What the SDK notes for the time of a run.
_PASSING = {"starting_replication_value", "progress_markers", "replication_key_signpost"}


@dataclass(frozen=True, slots=True)
class Merged:
    """What the shards' states amount to.

    Attributes:
        state: The state to go on from: for each stream and account the time up to which nothing is
            missing.
        undone: The shards that are not done, one line each.
        unread: The streams that no shard has read; a run from the state begins them anew.
    """

    state: dict[str, Any]
    undone: list[str]
    unread: list[str]


@dataclass(frozen=True, slots=True)
class _Track:
    """How far the shards of one account have read one stream.

    Attributes:
        stream: The stream.
        chains: The shards, ascending, those of each product by themselves.
        partitions: What the shards' states say of it, ascending, by the id of the state.
    """

    stream: str
    chains: list[list[Shard]]
    partitions: dict[str, Partition]

    @property
    def owner(self) -> str:
        """Name the account."""
        shard = self.chains[0][0]
        return f"{shard.provider} (account {shard.account})"

    @property
    def parts(self) -> list[str]:
        """Return the parts of the stream's lists that the states tell of, such as products."""
        told = (name for each in self.partitions.values() for name in _parts(each))
        asked = (name for chain in self.chains for name in chain[0].products or ())
        return list(dict.fromkeys([*asked, *told])) if self._tells_parts else []

    def reached(self, shard: Shard, part: str | None = None) -> datetime | None:
        """Return how far a shard has read, of all or of one part."""
        partition = self.partitions.get(shard.state_id, {})
        told = partition.get(_BOOKMARK) if part is None else _parts(partition).get(part)
        if part is not None and not _parts(partition) and shard.products == [part]:
            told = partition.get(_BOOKMARK)  # it has read nothing else
        return parse_time(told) if told else None

    def complete_to(self, part: str | None = None) -> datetime:
        """Return up to when nothing is missing, of no part or of one."""
        chains = [chain for chain in self.chains if part is None or _holds(chain, part)]
        return min(self._end_of(chain, part) for chain in chains)

    def _end_of(self, chain: Sequence[Shard], part: str | None) -> datetime:
        for shard in chain:
            at = self.reached(shard, part) or shard.start_date
            if at < shard.end_date:
                return at
        return chain[-1].end_date

    @property
    def _tells_parts(self) -> bool:
        has_products = any(chain[0].products for chain in self.chains)
        return has_products or any(map(_parts, self.partitions.values()))


def _parts(partition: Partition) -> Mapping[str, Any]:
    found = partition.get(PARTS)
    return found if isinstance(found, dict) else {}


def _holds(chain: Sequence[Shard], part: str) -> bool:
    products = chain[0].products
    return products is None or part in products


def merged(plan: Plan, states: States) -> Merged:
    """Put the states of a plan's shards together.

    A stream's bookmark is where the first shard that is not through has got to, of several
    products the least, and the plan's end where all are through. So nothing beyond a hole counts
    as read, whatever other shards did.

    Where a stream's lists are made of parts, each part has a bookmark of its own, so that none is
    read again because of another.

    A shard that stays short of its end may be done all the same: running calls hold its bookmark
    back. They never hold it for longer than a week, so before that it is not done.

    Args:
        plan: The plan.
        states: By the id of each state, its partitions by stream.

    Raises:
        BackfillError: The plan itself has holes.
    """
    tracks = list(_tracks(plan, states))
    read = [track for track in tracks if track.partitions]
    return Merged(
        {"bookmarks": _bookmarks(plan, read)},
        list(_undone(plan, read)),
        [f"{track.stream} of {track.owner}" for track in tracks if not track.partitions],
    )


def _tracks(plan: Plan, states: States) -> Iterator[_Track]:
    for chains in _by_owner(plan):
        shards = [shard for chain in chains for shard in chain]
        shards.sort(key=lambda shard: shard.start_date)
        for stream in shards[0].streams:
            found = {shard.state_id: _partition(states, shard, stream) for shard in shards}
            told = {name: partition for name, partition in found.items() if partition}
            yield _Track(stream, chains, told)


def _by_owner(plan: Plan) -> Iterable[list[list[Shard]]]:
    """Return the shards of each account, and of each of its products, ascending."""
    owners: dict[tuple[str, str], dict[tuple[str, ...], list[Shard]]] = {}
    for shard in sorted(plan.shards, key=lambda shard: shard.start_date):
        chains = owners.setdefault((shard.provider, shard.account), {})
        chains.setdefault(tuple(shard.products or ()), []).append(shard)
    for found in owners.values():
        for chain in found.values():
            _check(plan, chain)
    return [list(chains.values()) for chains in owners.values()]


def _check(plan: Plan, chain: Sequence[Shard]) -> None:
    ends = [plan.start_date, *(shard.end_date for shard in chain)]
    for end, shard in zip(ends, chain, strict=False):
        if end != shard.start_date:
            msg = f"the plan is not whole: nothing leads up to its shard {shard.id}"
            raise BackfillError(msg)
    if ends[-1] != plan.end_date:
        msg = f"the plan is not whole: nothing follows its shard {chain[-1].id}"
        raise BackfillError(msg)


def _partition(states: States, shard: Shard, stream: str) -> Partition | None:
    partitions = states.get(shard.state_id, {}).get(stream, ())
    own = {"account": shard.account}
    return next((each for each in partitions if each.get("context") == own), None)


def _bookmarks(plan: Plan, tracks: Iterable[_Track]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for track in tracks:
        end = track.complete_to()
        reached = {part: track.complete_to(part) for part in track.parts}
        parts = {part: format_time(at) for part, at in reached.items() if at > plan.start_date}
        if parts or end > plan.start_date:
            last = [each for each in track.partitions.values() if each.get(_BOOKMARK)][-1]
            kept = {name: value for name, value in last.items() if name not in _PASSING}
            kept |= _gathered(track.partitions.values())
            told = {_BOOKMARK: format_time(end)} | ({PARTS: parts} if parts else {})
            partitions = found.setdefault(track.stream, {"partitions": []})["partitions"]
            partitions.append(kept | told)
    return found


def _gathered(partitions: Iterable[Partition]) -> dict[str, Any]:
    """Put together what several shards remember by key, such as calls to ask for again."""
    found: dict[str, Any] = {}
    for partition in partitions:
        for name, value in partition.items():
            if isinstance(value, dict) and name not in {"context", *_PASSING}:
                found[name] = found.get(name, {}) | value
    return found


def _undone(plan: Plan, tracks: Sequence[_Track]) -> Iterator[str]:
    for shard in plan.shards:
        found = [
            (track.stream, track.reached(shard))
            for track in tracks
            if any(shard in chain for chain in track.chains)
        ]
        if not any(at for _, at in found):
            yield f"{shard.state_id} has not run"
            continue
        due = min(shard.end_date, plan.made_at - LONGEST_RUNNING)
        for stream, at in found:
            if at is None or at < due:
                how_far = f"read only up to {format_time(at)}" if at else "not read at all"
                yield f"{shard.state_id} is incomplete: {stream} was {how_far}"
            elif at > shard.end_date:
                yield (
                    f"{shard.state_id} has the state of another run: of {stream} it has reached "
                    f"{format_time(at)}, past the end of the shard; run it again without a state"
                )
