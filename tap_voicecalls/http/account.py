"""One account of one provider, as its streams see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.http.auth import AccountName
    from tap_voicecalls.http.client import ApiClient


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one provider, with the client that all its streams share.

    Attributes:
        name: The provider's name and the account's label.
        settings: The validated settings of this account, defaults filled in.
        parts: The parts of its lists, such as products, if all its lists have the same ones.
        client: The client that sends its requests.
    """

    name: AccountName
    settings: Mapping[str, Any]
    parts: tuple[str, ...]
    client: ApiClient

    @property
    def label(self) -> str:
        """The label that the user gave the account."""
        return self.name.account
