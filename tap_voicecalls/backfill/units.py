"""The units that are divided into shards: accounts, and the parts of their lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_voicecalls.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.http.account import Account
    from tap_voicecalls.providers.base import Provider
    from tap_voicecalls.tap import TapVoiceCalls

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Unit:
    """An account, or one part of its lists if they have parts.

    Attributes:
        account: The account.
        product: The part; None if its lists have no parts.
        streams: The names of its streams.
        is_divisible: Whether all streams can be read by time.
        grid: The longest unit of its streams' filters by time, a second at least.
        has_named_ids: Whether its settings name ids that each run requests, whatever the window.
    """

    account: Account
    product: str | None
    streams: tuple[str, ...]
    is_divisible: bool
    grid: timedelta
    has_named_ids: bool

    @property
    def owner(self) -> tuple[str, str]:
        """The provider's name and the account's label."""
        return self.account.name.provider, self.account.label


def units_of(tap: TapVoiceCalls) -> list[Unit]:
    """Return all units that a tap is configured to read."""
    return [
        unit
        for provider in PROVIDERS
        if provider.name in tap.config
        for account in tap.accounts(provider)
        for unit in _units(provider, account)
    ]


def _units(provider: type[Provider], account: Account) -> Iterator[Unit]:
    # Lists of any time are read by each run, not by a shard.
    every: Any = provider.streams
    streams = [stream for stream in every if stream.replication_key]
    names = tuple(stream.name for stream in streams)
    is_divisible = all(stream.by_time for stream in streams)
    grid = max(_SECOND, *(stream.window_grid for stream in streams))
    has_named_ids = any(account.settings.get(name) for name in provider.id_settings)
    for part in account.parts or (None,):
        yield Unit(account, part, names, is_divisible, grid, has_named_ids)
