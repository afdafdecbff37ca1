"""The Twilio API (source: its OpenAPI document twilio_api_v2010, and its voice documentation).

GET `/2010-04-01/Accounts/{sid}/Calls.json` filters by whole days of the start and by status, newest
first. A page names the next one by a path with a `PageToken`. Unknown parameters are ignored. The
price of a call is negative, and comes after its end.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from tap_voicecalls.simulator.api import Api, Record
from tap_voicecalls.simulator.call import Profile
from tap_voicecalls.simulator.messages import Incoming, Response
from tap_voicecalls.simulator.seeding import money, seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_voicecalls.simulator.api import Handler
    from tap_voicecalls.simulator.call import Call

_LARGEST_PAGE = 1000
_DEFAULT_PAGE = 50
_STATUSES = {"inactivity": "completed", "no_answer": "no-answer"}
_RATE = 0.0085  # of a minute
_LEG_ONE_IN = 4
_CODES = {400: 20001, 401: 20003, 404: 20404, 429: 20429}


class Twilio(Api):
    """Simulated Twilio API.

    Options: with `twilio_legs` some calls were forwarded, and have a second leg. With
    `twilio_lists_undialed` a filter by start also shows calls that were never dialed. With
    `twilio_end_includes_day` `StartTime<` includes the midnight of its day.
    """

    name = "twilio"
    streams = ("twilio_calls",)
    base_path = "/2010-04-01"
    profile = Profile(precision=timedelta(seconds=1), channels={"phone": 80, "web": 20})
    page_size = _LARGEST_PAGE
    lists_running = True
    list_field, paging_fields = "calls", ("PageToken",)
    cursor_fields = ("next_page_uri",)
    options: ClassVar[Mapping[str, object]] = {
        "twilio_legs": False,
        "twilio_lists_undialed": False,
        "twilio_end_includes_day": False,
    }
    call_fields: ClassVar[Mapping[str, str]] = {
        "call_id": "sid",
        "provider_status": "status",
        "started_at": "start_time",
    }

    @property
    def account(self) -> str:
        """The account's SID."""
        return f"AC{self.fake_credential('account', 32)}"

    def configuration(self, url: str) -> dict[str, object]:
        """Return tap settings with an account's SID and token."""
        keys = {"account_sid": self.account, "auth_token": self.api_key}
        base = f"{url}/{self.name}{self.base_path}"
        return keys | {"base_url": base, "requests_per_second": 1000}

    def is_authorized(self, header: str) -> bool:
        """Return whether a header has the account's SID and token."""
        pair = f"{self.account}:{self.api_key}".encode()
        return header == f"Basic {b64encode(pair).decode()}"

    def routes(self) -> Mapping[str, Handler]:
        """Return the one endpoint."""
        return {"GET /2010-04-01/Accounts/{id}/Calls.json": self._list}

    def error_body(self, status: int, detail: str) -> object:
        """Return Twilio's error."""
        return {"code": _CODES.get(status, 20500), "message": detail, "status": status}

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return every call, oldest first."""
        del stream, narrow
        return [self._sent(*leg) for leg in self._legs(self.now())]

    def _list(self, incoming: Incoming, account: str) -> Response:
        if account != self.account:
            raise self.refusal(404, "The requested account was not found")
        matches = self._filter(incoming)
        now = self.now()
        found = [leg for leg in self._legs(now) if matches(*leg)][::-1]
        size = self.page_limit(self._size(incoming))
        start = self._position(incoming, found)
        page = found[start : start + size]
        following = None
        if len(found) > start + size:
            query = [(name, value) for name, value in incoming.query if name != "PageToken"]
            token = f"PA{_sid(*page[-1])}"
            following = f"{incoming.path}?{urlencode([*query, ('PageToken', token)])}"
            following = f"/{self.name}{following}"
        if self.is_emptied(start // size + 1):
            page = []
        body = {"calls": [self._sent(*leg) for leg in page], "next_page_uri": following}
        return Response(200, body | {"page_size": size, "uri": incoming.path})

    def _filter(self, incoming: Incoming) -> Callable[[Call, int], bool]:
        since, until = (self._day(incoming, f"StartTime{sign}") for sign in (">", "<"))
        status = incoming.first("Status")
        shows_undialed = self.shared.options["twilio_lists_undialed"]
        if until and self.shared.options["twilio_end_includes_day"]:
            until += timedelta(microseconds=1)

        def matches(call: Call, leg: int) -> bool:
            del leg
            start = _start(call)
            is_timed = not (since or until) or _is_dialed(call) or shows_undialed
            is_named = status in {None, _status(call, self.now())}
            in_time = (not since or start >= since) and (not until or start < until)
            return bool(is_timed and is_named and in_time)

        return matches

    def _day(self, incoming: Incoming, name: str) -> datetime | None:
        text = incoming.first(name)
        try:
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if text else None
        except ValueError:
            raise self.refusal(400, f"Parameter '{name}' is not valid") from None

    def _size(self, incoming: Incoming) -> int:
        text = incoming.first("PageSize") or str(_DEFAULT_PAGE)
        if not text.isdecimal() or not 1 <= int(text) <= _LARGEST_PAGE:
            raise self.refusal(400, "Page size must be between 1 and 1000")
        return int(text)

    def _position(self, incoming: Incoming, found: list[tuple[Call, int]]) -> int:
        token = incoming.first("PageToken")
        names = [f"PA{_sid(*leg)}" for leg in found]
        return names.index(token) + 1 if token in names else 0

    def _legs(self, now: datetime) -> list[tuple[Call, int]]:
        with_legs = self.shared.options["twilio_legs"]
        return [
            (call, leg)
            for call in self.calls(now)
            for leg in range(1 + bool(with_legs and call.answered and not call.seed % _LEG_ONE_IN))
        ]

    def _sent(self, call: Call, leg: int) -> Record:
        record = _record(call, leg, self.now()) | {"account_sid": self.account}
        return self.as_sent("twilio_calls", record)


def _start(call: Call) -> datetime:
    return call.start.replace(microsecond=0)


def _is_dialed(call: Call) -> bool:
    return call.has_start and call.outcome not in {"canceled", "failed"}


def _sid(call: Call, leg: int) -> str:
    key = call.key.replace("-", "")
    return f"CA{key}" if leg == 0 else f"CA{key[::-1]}"


def _status(call: Call, now: datetime) -> str:
    if not call.ended(now):
        return "in-progress" if _is_dialed(call) else "queued"
    return _STATUSES.get(call.outcome, call.outcome)


def _record(call: Call, leg: int, now: datetime) -> Record:
    has_ended = call.ended(now)
    rng = seeded(call.seed + leg)
    price = -money(rng, _RATE * call.duration / 60 + 0.0001) if call.answered else None
    end = format_datetime(call.end.replace(microsecond=0))
    is_dialed = _is_dialed(call)
    return {
        "sid": _sid(call, leg),
        "parent_call_sid": _sid(call, 0) if leg else None,
        "date_created": format_datetime(_start(call)),
        "date_updated": end if has_ended else format_datetime(_start(call)),
        "start_time": format_datetime(_start(call)) if is_dialed else None,
        "end_time": end if has_ended and is_dialed else None,
        "from": call.from_number or f"client:{call.customer.split()[0].lower()}",
        "to": call.to_number or "client:agent",
        "status": _status(call, now),
        "duration": str(int(call.duration)) if has_ended and call.answered else "",
        "price": str(price) if price is not None and call.costed(now) else None,
        "price_unit": "USD",
        "direction": _direction(call, leg),
        "answered_by": ("human", "machine_end_beep", None)[call.seed % 3],
        "api_version": "2010-04-01",
        "queue_time": "0",
        "subresource_uris": {"recordings": f"/2010-04-01/Calls/{_sid(call, leg)}/Recordings.json"},
    }


def _direction(call: Call, leg: int) -> str:
    if leg:
        return "outbound-dial"
    return "inbound" if call.direction == "inbound" else "outbound-api"
