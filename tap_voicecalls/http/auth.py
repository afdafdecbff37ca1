"""Who sends the requests of an account, and how they are authenticated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests.auth import AuthBase, HTTPBasicAuth

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["AccountName", "AuthBase", "BearerAuth", "HTTPBasicAuth", "HeaderAuth"]


@dataclass(frozen=True, slots=True)
class AccountName:
    """The name of an account and of its secret settings, for error messages.

    Attributes:
        provider: Name of the provider's settings object.
        account: Label of the account.
        secrets: Names of the settings that hold its keys.
    """

    provider: str
    account: str
    secrets: tuple[str, ...]

    @property
    def keys(self) -> str:
        """The settings that hold its keys, as the user wrote them."""
        return " and ".join(f"`{self.provider}.{name}`" for name in self.secrets)


class BearerAuth(AuthBase):
    """Send ``Authorization: Bearer <token>``."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class HeaderAuth(AuthBase):
    """Send a key in a header of its own."""

    def __init__(self, header: str, key: str) -> None:
        self._header, self._key = header, key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers[self._header] = self._key
        return request
