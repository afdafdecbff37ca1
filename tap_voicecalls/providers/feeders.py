"""Connects the common streams to the providers' streams that feed them.

`calls` causes one stream of each provider to be read, even if that is deselected. The others are
fed by the streams that are read anyway. Each has one feeder for each provider, so that no cost is
written twice in two forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.normalized import Normalizer, ReadyRows
from tap_voicecalls.calls.streams import CallCosts, CallRecordings, Calls, CallTurns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tap_voicecalls.calls.normalized import Normalized
    from tap_voicecalls.providers.base import Provider
    from tap_voicecalls.recordings.archive import ProviderArchive
    from tap_voicecalls.streams.base import ProviderStream


@dataclass(frozen=True, slots=True)
class CommonStreams:
    """The common streams of a run."""

    calls: Calls
    turns: CallTurns
    costs: CallCosts
    recordings: CallRecordings

    @classmethod
    def of(cls, streams: Mapping[str, Any]) -> CommonStreams:
        """Return them from the tap's streams, by name."""
        return cls(
            streams[Calls.name],
            streams[CallTurns.name],
            streams[CallCosts.name],
            streams[CallRecordings.name],
        )

    def ready(self, items: Iterable[Normalized]) -> list[ReadyRows]:
        """Make the rows of the streams that are selected, for each item; many threads use it."""
        has_calls, has_turns = self.calls.selected, self.turns.selected
        ready = []
        for item in items:
            rows = ReadyRows(recordings=item.recordings)
            if item.call is not None and has_calls:
                self.calls.note_words(item.call)
                rows.calls = self.calls.lines_of((item.call,))
            if item.turns and has_turns:
                rows.turns = self.turns.lines_of(item.turns)
            if item.costs:
                rows.costs = self.costs.lines_of(item.costs)
            ready.append(rows)
        return ready

    def write(self, rows: Sequence[ReadyRows]) -> None:
        """Write the rows of a completed window to the streams that are selected."""
        self.calls.write([one.calls for one in rows])
        self.turns.write([one.turns for one in rows])
        self.costs.write([one.costs for one in rows])
        recordings = [*chain.from_iterable(one.recordings for one in rows)]
        self.recordings.write([self.recordings.lines_of(recordings)])


def connect_feeders(
    common: CommonStreams,
    provider: type[Provider],
    streams: Mapping[str, ProviderStream],
    archive: ProviderArchive | None = None,
) -> dict[str, list[str]]:
    """Connect a provider's streams to the common streams.

    Args:
        common: The common streams.
        provider: The provider.
        streams: The tap's streams, by name; a catalog may leave some out.
        archive: Where recordings are stored, if they are.

    Returns:
        The selected common streams that nothing of the provider feeds, by name, each with the names
        of the streams that could.
    """
    feeder = _feeder_of_calls(common.calls, provider, streams)
    makers: dict[str, dict[str, Any]] = {}
    idle: dict[str, list[str]] = {}
    for stream, kind, sources in (
        (common.turns, "turns", provider.turns_from),
        (common.costs, "costs", provider.costs_from),
        (common.recordings, "recordings", provider.recordings_from),
    ):
        source = _first_read(sources, streams, feeder)
        # The call itself tells how many turns it has.
        is_counted = common.calls.selected and kind == "turns" and source and source.name == feeder
        if source and (stream.selected or is_counted):
            makers.setdefault(source.name, {})[kind] = sources[type(source)]
        elif sources and not source and stream.selected:
            idle[stream.name] = _names(sources)
    if feeder and (common.calls.selected or feeder in makers):
        makers.setdefault(feeder, {})["call"] = provider.normalize
    for name, of_stream in makers.items():
        normalizer = Normalizer(provider.name, name, **of_stream)
        stores = archive if normalizer.recordings else None
        streams[name].feed(normalizer, common, common.calls, stores)
    return idle


def _feeder_of_calls(
    calls: Calls, provider: type[Provider], streams: Mapping[str, ProviderStream]
) -> str | None:
    """Name the stream that is read for `calls`: the first selected one, or else the last one.

    None if `calls` is not selected and neither is any of its feeders.
    """
    candidates = [streams[name] for name in _names(provider.calls_from) if name in streams]
    selected = [stream.name for stream in candidates if stream.selected]
    if selected:
        return selected[0]
    return candidates[-1].name if candidates and calls.selected else None


def _first_read(
    sources: Iterable[type[ProviderStream]],
    streams: Mapping[str, ProviderStream],
    feeder: str | None,
) -> ProviderStream | None:
    """Return the first of some streams that is read in this run."""
    for name in _names(sources):
        stream = streams.get(name)
        if stream is not None and (stream.selected or stream.name == feeder):
            return stream
    return None


def _names(streams: Iterable[Any]) -> list[str]:
    return [stream.name for stream in streams]
