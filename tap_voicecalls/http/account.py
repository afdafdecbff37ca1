"""One account of one provider, as its streams know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.http.client import ApiClient
    from tap_voicecalls.http.refusals import AccountName


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one provider, with the client that all its streams share.

    Attributes:
        name: The provider's name and the account's label.
        settings: The validated settings of this account, defaults filled in.
        parts: The parts of which its lists are made, where all of them have the same.
        client: What sends its requests.
    """

    name: AccountName
    settings: Mapping[str, Any]
    parts: tuple[str, ...]
    client: ApiClient

    @property
    def label(self) -> str:
        """What the user calls it."""
        return self.name.account
