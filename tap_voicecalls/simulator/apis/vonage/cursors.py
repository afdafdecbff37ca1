"""The cursors of the simulated Reports API: a cursor and its initialisation vector."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.apis.vonage.query import InvalidError

if TYPE_CHECKING:
    from tap_voicecalls.simulator.apis.vonage.query import Query
    from tap_voicecalls.simulator.messages import Incoming


class Cursors:
    """Creates and reads cursors. A cursor belongs to one query and holds a position in its order.

    Args:
        key: The secret of the initialisation vectors.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    def after(self, query: Query, last: str) -> dict[str, str]:
        """Return the parameters that continue a query after a position."""
        cursor = b64encode(f"{query.digest}.{last}".encode()).decode()
        return {"cursor": cursor, "iv": self._vector(cursor)}

    def position(self, incoming: Incoming, query: Query) -> str:
        """Return the position after which the page begins, "" for the first page.

        Raises:
            InvalidError: The cursor is incomplete, or of another query.
        """
        cursor, vector = incoming.first("cursor"), incoming.first("iv")
        if cursor is None and vector is None:
            return ""
        if not cursor or not vector:
            wrong = "iv" if cursor else "cursor"
            raise InvalidError((wrong, "cursor and iv are needed together"))
        if vector != self._vector(cursor):
            raise InvalidError(("iv", "Does not belong to this cursor"))
        digest, _, position = b64decode(cursor).decode().partition(".")
        if digest != query.digest:
            raise InvalidError(("cursor", "Does not belong to this query"))
        return position

    def _vector(self, cursor: str) -> str:
        return sha256(f"{self._key}{cursor}".encode()).hexdigest()[:32]
