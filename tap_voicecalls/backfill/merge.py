"""Merges the states of all shards into one, from which scheduled runs continue. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tap_voicecalls.backfill.errors import BackfillError
from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.streams.bookmarks import LONGEST_RUNNING, PARTS, READ_FROM, VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_voicecalls.backfill.plan import Plan, Shard

    Partition = Mapping[str, Any]
    States = Mapping[str, Mapping[str, Sequence[Partition]]]

# The SDK uses these fields only during a run.
_TEMPORARY = {"starting_replication_value", "progress_markers", "replication_key_signpost"}


@dataclass(frozen=True, slots=True)
class Merged:
    """The result of a merge.

    Attributes:
        state: The merged state: for each stream and account, the time up to which nothing is
            missing.
        undone: A line for each shard that is not done.
        unread: A line for each account, with its streams that no shard has read; the next run
            starts them at `start_date`.
    """

    state: dict[str, Any]
    undone: list[str]
    unread: list[str]


@dataclass(frozen=True, slots=True)
class _Track:
    """The progress of the shards of one account in one stream.

    Attributes:
        stream: The stream.
        chains: The shards of each product, in order of time.
        partitions: The stream's partition in each shard's state, by state id, in order of time.
    """

    stream: str
    chains: list[list[Shard]]
    partitions: dict[str, Partition]

    @property
    def owner(self) -> str:
        """The provider and the account."""
        shard = self.chains[0][0]
        return f"{shard.provider} (account {shard.account})"

    @property
    def parts(self) -> list[str]:
        """The parts of the stream's lists, such as products, that have bookmarks of their own."""
        recorded = (name for each in self.partitions.values() for name in _parts(each))
        planned = (name for chain in self.chains for name in chain[0].products or ())
        return list(dict.fromkeys([*planned, *recorded])) if self._has_parts else []

    def reached(self, shard: Shard, part: str | None = None) -> datetime | None:
        """Return the bookmark of a shard, or of one part in it."""
        partition = self.partitions.get(shard.state_id, {})
        bookmark = partition.get(VALUE) if part is None else _parts(partition).get(part)
        if part is not None and not _parts(partition) and shard.products == [part]:
            bookmark = partition.get(VALUE)  # the shard reads only this part
        return parse_time(bookmark) if bookmark else None

    def complete_to(self, part: str | None = None) -> datetime:
        """Return the time up to which nothing is missing, in all or in one part."""
        chains = [chain for chain in self.chains if part is None or _has_part(chain, part)]
        return min(self._end_of(chain, part) for chain in chains)

    def _end_of(self, chain: Sequence[Shard], part: str | None) -> datetime:
        for shard in chain:
            at = self.reached(shard, part) or shard.start_date
            if at < shard.end_date:
                return at
        return chain[-1].end_date

    @property
    def _has_parts(self) -> bool:
        has_products = any(chain[0].products for chain in self.chains)
        return has_products or any(map(_parts, self.partitions.values()))


def _parts(partition: Partition) -> Mapping[str, Any]:
    parts = partition.get(PARTS)
    return parts if isinstance(parts, dict) else {}


def _has_part(chain: Sequence[Shard], part: str) -> bool:
    products = chain[0].products
    return products is None or part in products


def merge_states(plan: Plan, states: States) -> Merged:
    """Merge the states of a plan's shards.

    The merged bookmark of a stream is the bookmark of its first incomplete shard, or the end of the
    plan if all shards are complete. So nothing after a gap counts as read. With several products,
    it is the earliest of their bookmarks.

    If a stream's lists have parts, each part keeps a bookmark of its own, so that no part is read
    again because of another one.

    A shard whose bookmark is before its end may still be done, since running calls hold a bookmark
    back. They do so for a week at most; a bookmark before that means that the shard is not done.

    Args:
        plan: The plan.
        states: The partitions of each state by stream, by state id.

    Raises:
        BackfillError: The plan has gaps.
    """
    tracks = list(_tracks(plan, states))
    read = [track for track in tracks if track.partitions]
    return Merged(
        {"bookmarks": _bookmarks(plan, read)},
        list(_undone(plan, read)),
        list(_unread(tracks)),
    )


def _unread(tracks: Iterable[_Track]) -> Iterator[str]:
    for owner, group in groupby(tracks, key=lambda track: track.owner):
        if names := [track.stream for track in group if not track.partitions]:
            yield f"{', '.join(names)} of {owner}"


def _tracks(plan: Plan, states: States) -> Iterator[_Track]:
    for chains in _by_owner(plan):
        shards = [shard for chain in chains for shard in chain]
        shards.sort(key=lambda shard: shard.start_date)
        for stream in shards[0].streams:
            partitions = {
                shard.state_id: partition
                for shard in shards
                if (partition := _partition(states, shard, stream))
            }
            yield _Track(stream, chains, partitions)


def _by_owner(plan: Plan) -> Iterable[list[list[Shard]]]:
    """Return the shards of each account, by product, in order of time."""
    owners: dict[tuple[str, str], dict[tuple[str, ...], list[Shard]]] = {}
    for shard in sorted(plan.shards, key=lambda shard: shard.start_date):
        chains = owners.setdefault((shard.provider, shard.account), {})
        chains.setdefault(tuple(shard.products or ()), []).append(shard)
    for chains in owners.values():
        for chain in chains.values():
            _check(plan, chain)
    return [list(chains.values()) for chains in owners.values()]


def _check(plan: Plan, chain: Sequence[Shard]) -> None:
    ends = [plan.start_date, *(shard.end_date for shard in chain)]
    for end, shard in zip(ends, chain, strict=False):
        if end != shard.start_date:
            msg = f"the plan is incomplete: there is a gap before its shard {shard.id}"
            raise BackfillError(msg)
    if ends[-1] != plan.end_date:
        msg = f"the plan is incomplete: there is a gap after its shard {chain[-1].id}"
        raise BackfillError(msg)


def _partition(states: States, shard: Shard, stream: str) -> Partition | None:
    partitions = states.get(shard.state_id, {}).get(stream, ())
    own = {"account": shard.account}
    return next((each for each in partitions if each.get("context") == own), None)


def _bookmarks(plan: Plan, tracks: Iterable[_Track]) -> dict[str, Any]:
    bookmarks: dict[str, Any] = {}
    for track in tracks:
        end = track.complete_to()
        reached = {part: track.complete_to(part) for part in track.parts}
        parts = {part: format_time(at) for part, at in reached.items() if at > plan.start_date}
        if parts or end > plan.start_date:
            last = [each for each in track.partitions.values() if each.get(VALUE)][-1]
            kept = {name: value for name, value in last.items() if name not in _TEMPORARY}
            kept |= _merged_by_key(track.partitions.values())
            merged: dict[str, Any] = {READ_FROM: format_time(plan.start_date)}
            merged |= {VALUE: format_time(end)} | ({PARTS: parts} if parts else {})
            partitions = bookmarks.setdefault(track.stream, {"partitions": []})["partitions"]
            partitions.append(kept | merged)
    return bookmarks


def _merged_by_key(partitions: Iterable[Partition]) -> dict[str, Any]:
    """Merge objects that shards keep in their states, such as calls to request again."""
    merged: dict[str, Any] = {}
    for partition in partitions:
        for name, value in partition.items():
            if isinstance(value, dict) and name not in {"context", *_TEMPORARY}:
                merged[name] = merged.get(name, {}) | value
    return merged


def _undone(plan: Plan, tracks: Sequence[_Track]) -> Iterator[str]:
    for shard in plan.shards:
        reached = [
            (track.stream, track.reached(shard))
            for track in tracks
            if any(shard in chain for chain in track.chains)
        ]
        if not any(at for _, at in reached):
            yield f"{shard.state_id} has not run"
            continue
        due = min(shard.end_date, plan.made_at - LONGEST_RUNNING)
        for stream, at in reached:
            if at is None or at < due:
                how_far = f"read only up to {format_time(at)}" if at else "not read at all"
                yield f"{shard.state_id} is incomplete: {stream} was {how_far}"
            elif at > shard.end_date:
                yield (
                    f"{shard.state_id} has the state of another run: {stream} was read up to "
                    f"{format_time(at)}, past the end of the shard; run it again without a state"
                )
