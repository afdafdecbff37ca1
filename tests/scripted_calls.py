"""Servers of Burki and Voicy that answer with the calls that a test writes out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from werkzeug import Response

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer
    from werkzeug import Request

Record = dict[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ago(**span: float) -> datetime:
    """Return a time before now, at a whole second."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**span)


def millis(moment: datetime) -> int:
    """Return a time in Unix milliseconds."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def answer(body: object, status: int = 200) -> Response:
    """Return a JSON answer; bytes are sent as they are."""
    sent = body if isinstance(body, bytes) else json.dumps(body)
    return Response(sent, status, content_type="application/json")


@dataclass
class Voicy:
    """A Voicy of which a test writes the calls.

    Attributes:
        server: The server.
        calls: The calls as the list has them; one without a start is in no filtered list.
        gets: What is answered in place of a call's details: the status and the body.
        asked: The bodies of requests for lists, and the ids of details, in order.
        refuses_unfiltered: Whether a list of calls of any time is refused.
    """

    server: HTTPServer
    calls: list[Record] = field(default_factory=list)
    gets: dict[str, tuple[int, object]] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    refuses_unfiltered: bool = False

    def __post_init__(self) -> None:
        """Answer both endpoints."""
        self.server.expect_request("/call-list", method="POST").respond_with_handler(self._list)
        details = re.compile("^/call-get/.+$")
        self.server.expect_request(details).respond_with_handler(self._get)

    def add(self, call_id: str, start: datetime | None, **more: object) -> Record:
        """Add a call to the list."""
        call = {
            "call_id": call_id,
            "call_type": "phone_call",
            "call_status": "user_hangup",
            "agent": {"name": "Front desk", "version": 3},
            "from_number": "+12025550143",
            "to_number": "+12025550187",
            "direction": "incoming",
            "start_timestamp": None if start is None else millis(start),
            "duration_ms": 31000,
            **more,
        }
        self.calls.append(call)
        return call

    def config(self, **settings: object) -> Record:
        """Return the tap's settings."""
        own = {"api_key": "k", "base_url": self.server.url_for(""), "requests_per_second": 1000}
        return {"max_tries": 1, **settings, "voicy": own}

    @property
    def details(self) -> list[str]:
        """The ids whose details were asked for, since this was last looked at."""
        ids = sorted(each for each in self.asked if isinstance(each, str))
        self.asked.clear()
        return ids

    def _list(self, request: Request) -> Response:
        query = json.loads(request.get_data())
        self.asked.append(query)
        bounds = query.get("filter_criteria", {}).get("start_timestamp")
        if bounds is None and self.refuses_unfiltered:
            return answer({"error": "start_timestamp is required"}, 400)
        found = [call for call in self.calls if bounds is None or _is_within(call, bounds)]
        # As a database does: what is null comes last in ascending order, and first in descending.
        found.sort(key=lambda call: (call["start_timestamp"] is None, call["start_timestamp"] or 0))
        if query["sort_order"] == "descending":
            found.reverse()
        ids = [call["call_id"] for call in found]
        first = ids.index(query["pagination_key"]) + 1 if query.get("pagination_key") else 0
        page = found[first : first + query["limit"]]
        return answer({"calls": page, "total_count": len(found)})

    def _get(self, request: Request) -> Response:
        call_id = request.path.rpartition("/")[2]
        self.asked.append(call_id)
        call = next(call for call in self.calls if call["call_id"] == call_id)
        status, body = self.gets.get(call_id, (200, {**call, "summary": "Short."}))
        return answer(body, status)


@dataclass
class Burki:
    """A Burki of which a test writes the calls.

    Attributes:
        server: The server.
        calls: The calls; one without a start is in no filtered list.
        nulls_first: Whether calls without a start come before all others, newest first.
        asked: The queries, in order.
    """

    server: HTTPServer
    calls: list[Record] = field(default_factory=list)
    nulls_first: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Answer the list."""
        self.server.expect_request("/api/v1/calls/").respond_with_handler(self._list)

    def add(self, number: int, start: datetime | None, **more: object) -> Record:
        """Add a call to the list."""
        call = {
            "id": number,
            "status": "completed",
            "started_at": start and start.isoformat(),
            "ended_at": start and (start + timedelta(seconds=30)).isoformat(),
            "customer_phone_number": "+12025550143",
            "to_phone_number": "+12025550187",
            **more,
        }
        self.calls.append(call)
        return call

    def config(self, **settings: object) -> Record:
        """Return the tap's settings."""
        own = {"api_key": "k", "base_url": self.server.url_for("").rstrip("/")}
        return {"max_tries": 1, **settings, "burki": own}

    def _list(self, request: Request) -> Response:
        query = request.args.to_dict()
        self.asked.append(query)
        found = [call for call in self.calls if "date_from" not in query or _is_dated(call, query)]
        dated = [call for call in found if call["started_at"]]
        dated.sort(key=lambda call: str(call["started_at"]), reverse=True)
        others = [call for call in found if not call["started_at"]]
        found = [*others, *dated] if self.nulls_first else [*dated, *others]
        skip, limit = int(query["skip"]), int(query["limit"])
        page = {"items": found[skip : skip + limit], "total": len(found)}
        return answer({**page, "skip": skip, "limit": limit})


def _is_within(call: Record, bounds: Record) -> bool:
    start = call["start_timestamp"]
    return start is not None and bounds["lower_threshold"] <= start <= bounds["upper_threshold"]


def _is_dated(call: Record, query: dict[str, str]) -> bool:
    if not call["started_at"]:
        return False
    start = datetime.fromisoformat(call["started_at"])
    bounds = [datetime.fromisoformat(query[name]) for name in ("date_from", "date_to")]
    return bounds[0] <= start <= bounds[1]
