"""Telnyx: sessions. The legs and services of a session are one call, and their costs add up.

The records of a session may come in several windows, so it is kept until no more can come.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING

import msgspec

from tap_voicecalls.calls.call import UNKNOWN, Call, currency_code
from tap_voicecalls.calls.normalized import Normalized
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.providers.telnyx.calls import session_of
from tap_voicecalls.providers.telnyx.record_types import rank
from tap_voicecalls.records.exact import add

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from tap_voicecalls.calls.cost_line import CostLine
    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.rows.row import Row

# Telnyx ends a call after 4 hours by default (`time_limit_secs`, at most 14,400 for most products).
# A day leaves room for conferences, transfers, and services that are charged after the end.
LONGEST_CALL = timedelta(hours=24)
# Legs that start this close to each other are one call set-up. Their type decides which one
# describes the call, not their order.
_SET_UP = timedelta(seconds=10)


class _Service(msgspec.Struct, gc=False):
    """The fields of a service record that a session needs."""

    id: str
    telnyx_session_id: str | None = None
    call_session_id: str | None = None
    call_id: str | None = None
    telnyx_leg_id: str | None = None
    call_leg_id: str | None = None
    cost: Decimal | None = None
    currency: str | None = None


_service = msgspec.json.Decoder(_Service).decode


class _Session:
    """The records of a session so far.

    Attributes:
        last: The end of the window that its last record came in.
    """

    __slots__ = (
        "_cost",
        "_currency",
        "_is_charged",
        "_is_mixed",
        "_legs",
        "_lines",
        "_seen",
        "last",
    )

    def __init__(self) -> None:
        self._legs: list[tuple[int, Call]] = []
        self._lines: list[CostLine] = []
        self._seen: tuple[int, ...] = ()
        self._cost: int | Decimal | None = None
        self._currency: str | None = None
        self._is_charged = self._is_mixed = False
        self.last: datetime

    def add(self, row: Row, service: _Service | None) -> bool:
        """Add a record, and return whether it is new: two windows may both have it."""
        key = hash(row.key)
        if key in self._seen:
            return False
        self._seen += (key,)
        if row.normalized is not None:
            self._lines += row.normalized.costs
        if call := _leg_of(row):
            self._legs.append((rank(str(row.key[1])), call))
            self._charge(call.cost, call.currency)
        elif service is not None:
            self._charge(service.cost, currency_code(service.currency))
        return True

    def _charge(self, cost: int | Decimal | None, currency: str | None) -> None:
        """Add a cost; costs in several currencies are not added."""
        if cost is None or (self._cost is not None and not cost):
            return
        if not self._is_charged:  # a charge and its refund still have a currency
            self._cost, self._currency, self._is_charged = cost, currency, bool(cost)
        elif currency == self._currency:
            self._cost = add(self._cost or 0, cost)
        else:
            self._is_mixed = True

    def normalized(self) -> Normalized | None:
        """Return the session as a call with the lines of its cost; None if it has no leg yet."""
        if not self._legs:
            return None
        call = self._call()
        for line in self._lines:
            line.call_started_at = call.started_at
        return Normalized(call, costs=list(self._lines))

    def _call(self) -> Call:
        legs = [leg for _, leg in sorted(self._legs, key=_by_start)]
        main = legs[0] if len(legs) == 1 else self._main(legs[0].started_at)
        several = (main, *legs)
        mapped = next((leg for leg in several if leg.status != UNKNOWN), main)
        channels = [leg.channel for leg in several if leg.channel != UNKNOWN]
        lengths = (leg.duration_seconds for leg in several)
        return msgspec.structs.replace(
            main,
            started_at=legs[0].started_at,
            direction=next((leg.direction for leg in several if leg.direction != UNKNOWN), UNKNOWN),
            status=mapped.status,
            provider_status=mapped.provider_status,
            end_reason=mapped.end_reason,
            provider_end_reason=mapped.provider_end_reason,
            channel="web" if "web" in channels else next(iter(channels), UNKNOWN),
            from_number=next((leg.from_number for leg in several if leg.from_number), None),
            to_number=next((leg.to_number for leg in several if leg.to_number), None),
            duration_seconds=next((each for each in lengths if each is not None), None),
            cost=None if self._is_mixed else self._cost,
            currency=None if self._is_mixed else self._currency or main.currency,
        )

    @property
    def is_mixed(self) -> bool:
        """Whether its costs are in several currencies."""
        return self._is_mixed

    def _main(self, first: str | None) -> Call:
        """Return the leg with the most facts: among those of the set-up, by the record type."""
        return min(
            (
                (not _is_set_up(first, leg.started_at), order, _by_start((order, leg)), leg)
                for order, leg in self._legs
            ),
            key=lambda each: each[:3],
        )[3]


class Sessions:
    """The sessions that may get more records; memory holds those of a day.

    Args:
        bounds: The time that the user wants to read. The start of a session decides.

    Attributes:
        mixed: The calls with costs in several currencies.
    """

    def __init__(self, bounds: Window) -> None:
        self._start, self._end = bounds.as_text
        self._sessions: dict[str, _Session] = {}
        self.mixed: set[str] = set()

    @property
    def held(self) -> int:
        """How many sessions are kept."""
        return len(self._sessions)

    def add(self, rows: Iterable[Row], to: datetime, fresh: Iterable[Row]) -> list[Normalized]:
        """Add the rows that were read, and return the calls that fresh rows change.

        Args:
            rows: The rows.
            to: The end of the time that was read.
            fresh: The rows whose sessions are wanted.
        """
        wanted = {id(row) for row in fresh}
        touched = dict[str, _Session]()
        for row in rows:
            leg = _leg_of(row)
            service = _service(row.body) if leg is None else None
            name = session_of(service) if leg is None else leg.call_id
            session = self._sessions.pop(str(name), None) or _Session()
            session.last = to
            is_new = session.add(row, service)
            self._sessions[str(name)] = session  # last: the first one is forgotten first
            if is_new and id(row) in wanted:
                touched[str(name)] = session
        self._forget(to)
        return list(self._changed(touched))

    def _changed(self, touched: dict[str, _Session]) -> Iterator[Normalized]:
        changed = [
            (call.started_at or "", call.call_id, session, one)
            for session in touched.values()
            if (one := session.normalized()) and (call := one.call)
        ]
        for start, call_id, session, one in sorted(changed, key=lambda each: each[:2]):
            if not start or self._start <= start < self._end:
                if session.is_mixed:
                    self.mixed.add(str(call_id))
                yield one

    def _forget(self, to: datetime) -> None:
        while self._sessions:
            name, session = next(iter(self._sessions.items()))
            if session.last + LONGEST_CALL >= to:
                return
            del self._sessions[name]


def _leg_of(row: Row) -> Call | None:
    return row.normalized.call if row.normalized else None


def _by_start(ranked: tuple[int, Call]) -> tuple[bool, str, int, str]:
    order, leg = ranked
    return leg.started_at is None, leg.started_at or "", order, leg.ended_at or ""


def _is_set_up(first: str | None, start: str | None) -> bool:
    if first is None or start is None:
        return first == start
    return parse_time(start) - parse_time(first) <= _SET_UP
