"""What a user should know of a run before it reads: its state, catalog and dates."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.safe_text import safe_name
from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.settings.errors import did_you_mean
from tap_voicecalls.settings.inputs import unknown_labels
from tap_voicecalls.settings.only import ONLY
from tap_voicecalls.streams.bookmarks import READ_FROM, VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_voicecalls.providers.base import Provider

    Settings = Mapping[str, Any]


def about_state(
    state: Mapping[str, Any], settings: Settings, configured: Iterable[type[Provider]]
) -> Iterator[str]:
    """Yield what is odd about a state: accounts without settings, and another `start_date`."""
    configured = tuple(configured)
    if not settings.get(ONLY):  # it leaves accounts out on purpose
        yield from _unknown_accounts(state, settings, configured)
    yield from _other_start(state, settings, configured)


def about_catalog(
    catalog: Iterable[str], streams: Iterable[str], known: Iterable[str]
) -> Iterator[str]:
    """Yield what is odd about a catalog.

    Args:
        catalog: The streams that it has.
        streams: The streams of the configured providers.
        known: The streams of all providers.
    """
    catalog, known = set(catalog), list(known)
    for name in sorted(catalog.difference(known)):
        hint = did_you_mean(name, known, "create it again with --discover")
        yield f"the catalog has a stream {safe_name(name)}, which does not exist; {hint}"
    if missing := [name for name in streams if name not in catalog]:
        yield (
            f"skipping streams missing from the catalog: {', '.join(missing)}; run discovery again "
            "(with Meltano: `--refresh-catalog`, or the extra `_use_cached_catalog` set to false)"
        )


def about_start(settings: Settings, now: datetime) -> Iterator[str]:
    """Yield a line if the run can read nothing."""
    if parse_time(settings["start_date"]) > now:
        yield "nothing is read: `start_date` is later than now; set it to an earlier time"


def _unknown_accounts(
    state: Mapping[str, Any], settings: Settings, configured: Iterable[type[Provider]]
) -> Iterator[str]:
    """Warn of accounts that may have been renamed: their calls would be in the tables twice."""
    labels = [
        f"{provider.name}/{label}"
        for provider in configured
        for label in unknown_labels(
            state,
            _names(provider),
            [own["account"] for own in provider.account_settings(settings[provider.name])],
        )
    ]
    if labels:
        yield (
            f"the state has bookmarks of accounts that are not configured: {', '.join(labels)}; "
            "if you renamed one, rename it in the state and in the tables as well, or its calls "
            "are read again under the new label (see 'Rename an account' in the documentation)"
        )


def _other_start(
    state: Mapping[str, Any], settings: Settings, configured: Iterable[type[Provider]]
) -> Iterator[str]:
    """Warn of time that `start_date` includes, and that no run reads."""
    start = parse_time(settings["start_date"])
    earlier, later = defaultdict[datetime, set[str]](set), defaultdict[datetime, set[str]](set)
    for place, partition in _partitions(state, settings, configured):
        began, reached = (_time(partition.get(name)) for name in (READ_FROM, VALUE))
        if began and start < began:
            earlier[began].add(place)
        if reached and start > reached:
            later[reached].add(place)
    for began, places in sorted(earlier.items()):
        yield (
            f"`start_date` was moved back: {', '.join(sorted(places))} {_were(places)} read from "
            f"{format_time(began)} on, and the time before is not read; read it in a run with "
            f"`end_date` {format_time(began)} and another state (with Meltano: "
            "`--state-id-suffix=older`), then set `start_date` back, or read everything again "
            "with `--full-refresh`"
        )
    for reached, places in sorted(later.items()):
        yield (
            f"`start_date` is later than the bookmark: {', '.join(sorted(places))} {_were(places)} "
            f"read up to {format_time(reached)} only, and the time from there to `start_date` is "
            "not read; set `start_date` to an earlier time to read it"
        )


def _partitions(
    state: Mapping[str, Any], settings: Settings, configured: Iterable[type[Provider]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the partitions of configured accounts, each with the name of its account."""
    for provider in configured:
        accounts = provider.account_settings(settings[provider.name])
        labels = {own["account"] for own in accounts}
        for name in _names(provider):
            bookmark = state.get("bookmarks", {}).get(name, {})
            for partition in bookmark.get("partitions", ()):
                if (label := partition["context"].get("account")) in labels:
                    yield f"{provider.name}/{safe_name(label)}", partition


def _names(provider: type[Provider]) -> list[str]:
    return [vars(stream)["name"] for stream in provider.streams]


def _time(text: object) -> datetime | None:
    """Return a time of the state; None without one, or if it is wrong, which is reported later."""
    try:
        return parse_time(text) if isinstance(text, str) and text else None
    except ValueError:
        return None


def _were(places: set[str]) -> str:
    return "was" if len(places) == 1 else "were"
