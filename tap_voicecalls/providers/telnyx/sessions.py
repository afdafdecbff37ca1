"""One call a session: its legs and services come as records of their own, whose costs add up.

A session's records may come in several windows, so a session is kept until no more of it can come.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING

import msgspec

from tap_voicecalls.calls.call import UNKNOWN, Call, currency_code
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.providers.telnyx.calls import session_of
from tap_voicecalls.providers.telnyx.record_types import rank
from tap_voicecalls.records.exact import add

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.rows.row import Row

# Telnyx ends a call after 4 hours unless told otherwise (`time_limit_secs`, at most 14,400 for most
# products); a day leaves room for conferences, transfers, and services charged for after the end.
LONGEST_CALL = timedelta(hours=24)
# Legs that start within so long of each other are one call being set up: what tells most of it is
# the kind of leg, and not which came first.
_SET_UP = timedelta(seconds=10)


class _Service(msgspec.Struct, gc=False):
    """What a session needs to know of a record that is no leg."""

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
    """What is known of a session so far.

    Attributes:
        last: When its last record came, by the windows that were read.
    """

    __slots__ = ("_cost", "_currency", "_is_charged", "_is_mixed", "_legs", "_seen", "last")

    def __init__(self) -> None:
        self._legs: list[tuple[int, Call]] = []
        self._seen: tuple[int, ...] = ()
        self._cost: int | Decimal | None = None
        self._currency: str | None = None
        self._is_charged = self._is_mixed = False
        self.last: datetime

    def add(self, row: Row, service: _Service | None) -> bool:
        """Take a record in, once: two windows may both show one. Tell whether it is new."""
        key = hash(row.key)
        if key in self._seen:
            return False
        self._seen += (key,)
        if row.call is not None:
            self._legs.append((rank(str(row.key[1])), row.call))
            self._charge(row.call.cost, row.call.currency)
        elif service is not None:
            self._charge(service.cost, currency_code(service.currency))
        return True

    def _charge(self, cost: int | Decimal | None, currency: str | None) -> None:
        """Add a cost up, but never two currencies."""
        if cost is None or (self._cost is not None and not cost):
            return
        if not self._is_charged:  # a charge and its refund are no free call: they have a currency
            self._cost, self._currency, self._is_charged = cost, currency, bool(cost)
        elif currency == self._currency:
            self._cost = add(self._cost or 0, cost)
        else:
            self._is_mixed = True

    def call(self) -> Call | None:
        """Return the call that it is; None if no leg is known."""
        if not self._legs:
            return None
        legs = [leg for _, leg in sorted(self._legs, key=_by_start)]
        main = legs[0] if len(legs) == 1 else self._main(legs[0].started_at)
        several = (main, *legs)
        told = next((leg for leg in several if leg.status != UNKNOWN), main)
        channels = [leg.channel for leg in several if leg.channel != UNKNOWN]
        lengths = (leg.duration_seconds for leg in several)
        return msgspec.structs.replace(
            main,
            started_at=legs[0].started_at,
            direction=next((leg.direction for leg in several if leg.direction != UNKNOWN), UNKNOWN),
            status=told.status,
            provider_status=told.provider_status,
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
        """Choose the leg that tells most: of those of the set-up, by the type of the record."""
        return min(
            (
                (not _is_set_up(first, leg.started_at), order, _by_start((order, leg)), leg)
                for order, leg in self._legs
            ),
            key=lambda each: each[:3],
        )[3]


class Sessions:
    """The sessions that more records may come of; memory holds those of a day.

    Args:
        bounds: The time that the user wants to have read: a session belongs to that of its start.
    """

    def __init__(self, bounds: Window) -> None:
        self._start, self._end = bounds.as_text
        self._sessions: dict[str, _Session] = {}
        self.mixed: set[str] = set()

    @property
    def held(self) -> int:
        """How many sessions are kept."""
        return len(self._sessions)

    def add(self, rows: Iterable[Row], to: datetime, fresh: Iterable[Row]) -> list[Call]:
        """Take in what was read up to a time, and return the calls that fresh rows change.

        Args:
            rows: All rows that were read.
            to: Up to when.
            fresh: Those of them whose sessions are wanted.
        """
        wanted = {id(row) for row in fresh}
        touched = dict[str, _Session]()
        for row in rows:
            service = _service(row.body) if row.call is None else None
            name = row.call.call_id if row.call is not None else session_of(service)
            session = self._sessions.pop(str(name), None) or _Session()
            session.last = to
            is_new = session.add(row, service)
            self._sessions[str(name)] = session  # at the end: the first is the one to forget first
            if is_new and id(row) in wanted:
                touched[str(name)] = session
        self._forget(to)
        return list(self._calls(touched))

    def _calls(self, touched: dict[str, _Session]) -> Iterable[Call]:
        found = [(session, call) for session in touched.values() if (call := session.call())]
        for session, call in sorted(
            found, key=lambda one: (one[1].started_at or "", one[1].call_id)
        ):
            if call.started_at is None or self._start <= call.started_at < self._end:
                if session.is_mixed:
                    self.mixed.add(str(call.call_id))
                yield call

    def _forget(self, to: datetime) -> None:
        while self._sessions:
            name, session = next(iter(self._sessions.items()))
            if session.last + LONGEST_CALL >= to:
                return
            del self._sessions[name]


def _by_start(ranked: tuple[int, Call]) -> tuple[bool, str, int, str]:
    order, leg = ranked
    return leg.started_at is None, leg.started_at or "", order, leg.ended_at or ""


def _is_set_up(first: str | None, start: str | None) -> bool:
    if first is None or start is None:
        return first == start
    return parse_time(start) - parse_time(first) <= _SET_UP
