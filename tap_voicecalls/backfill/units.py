"""What shards are cut from: the accounts of all providers, and the parts of their lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_voicecalls.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.http.account import Account
    from tap_voicecalls.providers.base import Provider
    from tap_voicecalls.tap import TapVoiceCalls


@dataclass(frozen=True, slots=True)
class Unit:
    """An account of a provider, or one part of its lists where they are made of parts.

    Attributes:
        account: The account.
        product: The part.
        streams: The names of the streams that are read for it.
        is_divisible: Whether all of them can be asked for a stretch of time.
        names_some: Whether its settings name anything that is fetched whatever its time.
    """

    account: Account
    product: str | None
    streams: tuple[str, ...]
    is_divisible: bool
    names_some: bool

    @property
    def owner(self) -> tuple[str, str]:
        """Return the provider's name and the account's label."""
        return self.account.name.provider, self.account.label


def units_of(tap: TapVoiceCalls) -> list[Unit]:
    """Return the units of all that a tap is configured to read."""
    return [
        unit
        for provider in PROVIDERS
        if provider.name in tap.config
        for account in tap.accounts(provider)
        for unit in _units(provider, account)
    ]


def _units(provider: type[Provider], account: Account) -> Iterator[Unit]:
    streams: Any = provider.streams
    names = tuple(stream.name for stream in streams)
    is_divisible = all(stream.by_time for stream in streams)
    names_some = any(account.settings.get(name) for name in provider.id_settings)
    for part in account.parts or (None,):
        yield Unit(account, part, names, is_divisible, names_some)
