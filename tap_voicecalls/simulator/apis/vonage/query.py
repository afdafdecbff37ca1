"""The queries that the simulated Reports API accepts. Source: Vonage Reports API reference."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.api import parsed
from tap_voicecalls.simulator.apis.vonage.records import PRODUCTS

if TYPE_CHECKING:
    from datetime import datetime

    from tap_voicecalls.simulator.messages import Incoming

_WITH_DIRECTION = {"VOICE-CALL", "VOICE-FAILED", "ASR"}
_A_DAY = (timedelta(hours=24), "24 hours")
_MOST_IDS = 20
PAGING = {"cursor", "iv"}
"""The parameters that continue a query; all others define it."""
# Parameters that the simulator implements: an ignored filter would return too many records.
_KNOWN = {
    *PAGING,
    *("product", "account_id", "date_start", "date_end", "id", "direction"),
    *("include_subaccounts", "callback_url"),
}
LAST = timedelta(seconds=30)
"""How long before now a range must end: it is in the past by the clock of every server."""
_RETENTION_MONTHS = 13


class InvalidError(Exception):
    """A query that is answered with 422.

    Attributes:
        parameters: Name and reason of each invalid parameter.
    """

    def __init__(self, *parameters: tuple[str, str]) -> None:
        super().__init__(parameters)
        self.parameters = parameters


@dataclass(frozen=True, slots=True)
class Query:
    """A valid query.

    Attributes:
        product: One of the voice products.
        account: The account whose records are requested.
        window: Start (inclusive) and end (exclusive); None if ids are requested.
        ids: Record ids, at most 20; empty if a window is requested.
        direction: "inbound", "outbound" or None for both.
        digest: A hash of the query, the same for all its pages.
    """

    product: str
    account: str
    window: tuple[datetime, datetime] | None
    ids: list[str]
    direction: str | None
    digest: str


def query_of(
    incoming: Incoming, now: datetime | None, longest: tuple[timedelta, str] = _A_DAY
) -> Query:
    """Return the query of a request.

    Args:
        incoming: The request.
        now: The current time; None to accept ranges of any time.
        longest: How long its window may be, and the text of it.

    Raises:
        InvalidError: The API would answer with 422.
    """
    if unknown := sorted({name for name, _ in incoming.query} - _KNOWN):
        raise InvalidError(*((name, "Unknown parameter") for name in unknown))
    product, account = incoming.first("product"), incoming.first("account_id")
    if product not in PRODUCTS:
        reason = "Could not resolve product name" if product else "Missing required parameter"
        raise InvalidError(("product", reason))
    if not account:
        raise InvalidError(("account_id", "Missing required parameter"))
    ids = _ids(incoming)
    pairs = sorted(pair for pair in incoming.query if pair[0] not in PAGING)
    digest = sha256(repr(pairs).encode()).hexdigest()[:12]
    window = None if ids else _window(incoming, now, *longest)
    return Query(product, account, window, ids, _direction(incoming, product), digest)


def _direction(incoming: Incoming, product: str) -> str | None:
    direction = incoming.first("direction")
    if direction is not None and product not in _WITH_DIRECTION:
        raise InvalidError(("direction", f"Not supported for product {product}"))
    if direction not in {None, "inbound", "outbound"}:
        raise InvalidError(("direction", "Must be inbound or outbound"))
    return direction


def _ids(incoming: Incoming) -> list[str]:
    ids = sorted({key for key in (incoming.first("id") or "").split(",") if key})
    if len(ids) > _MOST_IDS:
        raise InvalidError(("id", f"At most {_MOST_IDS} ids"))
    dates = [name for name in ("date_start", "date_end") if incoming.first(name)]
    if ids and dates:
        raise InvalidError(*((name, "Not supported together with id") for name in dates))
    return ids


def _window(
    incoming: Incoming, now: datetime | None, longest: timedelta, named: str
) -> tuple[datetime, datetime]:
    start, end = zoned(incoming.first("date_start")), zoned(incoming.first("date_end"))
    if start is None or end is None:
        reason = "Missing, or not yyyy-mm-ddThh:mm:ss[.sss] with an offset"
        edges = {"date_start": start, "date_end": end}
        raise InvalidError(*((name, reason) for name, moment in edges.items() if moment is None))
    if end < start:
        raise InvalidError(("date_end", "Must not be before date_start"))
    if end - start > longest:
        raise InvalidError(("date_end", f"Must be no more than {named} later than date_start"))
    if now is not None and end > now - LAST:
        raise InvalidError(("date_end", "Must be in the past"))
    if now is not None and start < _kept_since(now):
        raise InvalidError(("date_start", "Must not be older than 13 months"))
    return start, end


def _kept_since(now: datetime) -> datetime:
    """Return the start of the retention, or the last day of its month if it has fewer days."""
    year, month = divmod(now.year * 12 + now.month - 1 - _RETENTION_MONTHS, 12)
    day = min(now.day, monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)


def zoned(text: str | None) -> datetime | None:
    """Parse a time as documented: with an offset, and at most three digits of a second.

    A "+" that was not encoded is a space, so the offset is missing.
    """
    zoned = re.search(r"T\d\d(:?\d\d){0,2}(\.\d{1,3})?(Z|[+-]\d\d:?\d\d)$", text or "")
    return parsed(text) if text and zoned else None
