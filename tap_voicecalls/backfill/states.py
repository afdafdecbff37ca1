"""Reads plans and states of shards from files; states in the format of Meltano or Singer."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tap_voicecalls.backfill.errors import BackfillError
from tap_voicecalls.backfill.plan import VERSION, Plan
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.streams.bookmarks import PARTS, VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Partitions = Mapping[str, list[dict[str, Any]]]

Read = TypeVar("Read")


class _Stream(msgspec.Struct):
    partitions: list[dict[str, Any]] = []


class _State(msgspec.Struct):
    bookmarks: dict[str, _Stream] = {}


class _File(_State):
    """A state in the format of Singer or `meltano state get`."""

    singer_state: _State | None = None


def read_plan(path: str) -> Plan:
    """Read a plan.

    Raises:
        BackfillError: The file is not a plan, or has another version.
    """
    plan = _read(Path(path), Plan, "plan")
    if plan.version != VERSION:
        msg = f"{path}: the plan has version {plan.version}, but this program reads {VERSION}"
        raise BackfillError(msg)
    return plan


def read_states(plan: Plan, paths: Sequence[str]) -> dict[str, Partitions]:
    """Read the states of a plan's shards: the partitions of each by stream, by state id.

    Args:
        plan: The plan.
        paths: Files named after the state ids, and folders of such files.

    Raises:
        BackfillError: A file does not belong to a shard of the plan, or is not a state.
    """
    known = {shard.state_id for shard in plan.shards}
    return {file.stem: _partitions(file) for path in paths for file in _files(Path(path), known)}


def _files(path: Path, known: Iterable[str]) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for name in known if (file := path / f"{name}.json").exists())
    elif path.stem in known:
        yield path
    else:
        msg = f"{path}: the plan has no shard with the state id {path.stem}"
        raise BackfillError(msg)


def _partitions(file: Path) -> Partitions:
    read = _read(file, _File, "state")
    partitions = {
        name: stream.partitions for name, stream in (read.singer_state or read).bookmarks.items()
    }
    for partition in chain.from_iterable(partitions.values()):
        parts = partition.get(PARTS)
        bookmarks = [partition.get(VALUE), *(parts.values() if isinstance(parts, dict) else ())]
        try:
            for each in filter(None, bookmarks):
                parse_time(each)
        except (TypeError, ValueError):
            msg = f"{file} is not a state: a bookmark in it is not a time"
            raise BackfillError(msg) from None
    return partitions


def _read(file: Path, kind: type[Read], noun: str) -> Read:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}"
        raise BackfillError(msg) from None
    except msgspec.DecodeError as error:
        msg = f"{file} is not a {noun}: {error}"
        raise BackfillError(msg) from None
