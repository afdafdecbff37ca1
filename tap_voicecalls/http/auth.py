"""How requests prove who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.auth import AuthBase, HTTPBasicAuth

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["AuthBase", "BearerAuth", "HTTPBasicAuth"]


class BearerAuth(AuthBase):
    """Send ``Authorization: Bearer <token>``."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
