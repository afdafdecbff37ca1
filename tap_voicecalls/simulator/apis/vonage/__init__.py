"""The simulated Vonage Reports API. Source: Vonage Reports API reference.

GET `/v2/reports/records`: one product and at most 24 hours a request, date_start <= t < date_end,
pages of 1000 in no documented order, continued with a cursor and its initialisation vector. Only
ended calls are listed. Asynchronous reports are in `reports`.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from hashlib import blake2b
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode
from uuid import uuid4

from tap_voicecalls.simulator.api import Api, Record, iso
from tap_voicecalls.simulator.apis.vonage.cursors import Cursors
from tap_voicecalls.simulator.apis.vonage.query import PAGING, InvalidError, Query, query_of
from tap_voicecalls.simulator.apis.vonage.records import (
    CURRENCY,
    PRODUCTS,
    WITHOUT_ID,
    product_of,
    record,
    start_of,
)
from tap_voicecalls.simulator.apis.vonage.reports import OPTIONS, Reports
from tap_voicecalls.simulator.call import Call, Profile
from tap_voicecalls.simulator.messages import Incoming, Response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tap_voicecalls.simulator.api import Handler

_PAGE_SIZE = 1000
_DATES = {"date_start", "date_end"}
# Suffix of a position (a hexadecimal number) after which an empty page was sent. It sorts before
# all digits: the next page holds what the empty one left out.
_PASSED = "!"
_TITLES = {
    400: "Invalid request parameter",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Invalid Abort Operation",
    422: "Unprocessable entity",
}


class Vonage(Api):
    """Simulated Vonage Reports API.

    Options: with `vonage_next_link_away` the next page has only a link, to another origin. With
    `vonage_cursor_loops` the cursor of the second page leads to the second page. With
    `vonage_last_page_has_cursor` the last page has its own cursor. With `vonage_bare_next_link` the
    next page has only a link, without the dates. With `vonage_no_ids` records have only the ids of
    the specifications. Without `vonage_checks_ranges` a range may be in the future or before the
    retention, for clients with another clock. The options of reports are described in `reports`.
    """

    name = "vonage"
    streams = ("vonage_voice_reports",)
    page_size = _PAGE_SIZE
    list_field, total_fields = "records", ("items_count",)
    paging_fields = cursor_fields = ("cursor", "iv")
    next_page_fields: ClassVar[Mapping[str, object]] = {"request_status": "TRUNCATED"}
    profile = Profile(channels={"phone": 66, "tts": 16, "web": 10, "websocket": 8})
    options: ClassVar[Mapping[str, object]] = {
        "vonage_next_link_away": False,
        "vonage_cursor_loops": False,
        "vonage_last_page_has_cursor": False,
        "vonage_bare_next_link": False,
        "vonage_no_ids": False,
        "vonage_checks_ranges": True,
        **OPTIONS,
    }

    @property
    def account(self) -> str:
        """The API key, 8 characters, which is also the id of the account."""
        return self.fake_credential("account", 8)

    @property
    def _cursors(self) -> Cursors:
        return Cursors(self.api_key)

    def configuration(self, url: str) -> dict[str, object]:
        """Return the settings, with the secret and the account of the key."""
        settings = super().configuration(url)
        own = {"api_key": self.account, "api_secret": self.api_key, "account_id": self.account}
        return {**settings, **own}

    def routes(self) -> Mapping[str, Handler]:
        """Return the endpoints of records and of reports."""
        reports = Reports(
            self.account,
            options=self.shared.options,
            now=self.now,
            find=lambda query: [self._record(call) for _, call in self._matching(query)],
            refusal=self.refusal,
            foreign_url=self.shared.foreign_url,
        )
        others = {route: self._named(handler) for route, handler in reports.routes().items()}
        return {"GET /v2/reports/records": self._named(self._list), **others}

    def is_authorized(self, header: str) -> bool:
        """Return whether the header is Basic authentication with the key and its secret."""
        pair = b64encode(f"{self.account}:{self.api_key}".encode()).decode()
        return header == f"Basic {pair}"

    def error_body(self, status: int, detail: str) -> Record:
        """Return an RFC 7807 body."""
        return {
            "type": f"https://developer.nexmo.com/api-errors#{status}",
            "title": _TITLES.get(status, "Error"),
            "detail": detail,
            "instance": uuid4().hex,
        }

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return the records of all ended calls, or of those of some `products`."""
        del stream
        now = self.now()
        products = narrow.get("products") or PRODUCTS
        wanted = set(products) if isinstance(products, (list, tuple, set)) else {products}
        calls = [call for call in self.calls(now) if call.ended(now)]
        return [self._record(call) for call in calls if product_of(call) in wanted]

    def _named(self, handler: Handler) -> Handler:
        """Answer with a 422 that names the parameters if a handler finds invalid ones."""

        def handle(incoming: Incoming, *segments: str) -> Response:
            try:
                return handler(incoming, *segments)
            except InvalidError as error:
                named = [{"name": name, "reason": reason} for name, reason in error.parameters]
                body = self.error_body(422, "Invalid request parameters.")
                return Response(422, body | {"invalid_parameters": named})

        return handle

    def _list(self, incoming: Incoming) -> Response:
        checked = self.shared.options["vonage_checks_ranges"]
        query = query_of(incoming, self.now() if checked else None)
        if query.account != self.account:
            raise self.refusal(403, "User not authorized to query the requested data.")
        return Response(200, self._page(incoming, query, self._cursors.position(incoming, query)))

    def _page(self, incoming: Incoming, query: Query, after: str) -> Record:
        matching = self._matching(query)
        rest = [entry for entry in matching if entry[0] > after]
        page = self._shown(rest, len(matching) - len(rest), after)
        body = self._envelope(incoming, query, [self._record(call) for _, call in page])
        missing = sorted(set(query.ids) - {call.key for _, call in matching})
        if missing:
            body["ids_not_found"] = ",".join(missing)
        if after and self.shared.options["vonage_cursor_loops"]:
            body |= self._continuation(incoming, query, after)
        elif len(rest) > len(page):
            last = page[-1][0] if page else after + _PASSED
            body |= self._continuation(incoming, query, last)
        elif self.shared.options["vonage_last_page_has_cursor"]:
            body |= self._cursors.after(query, after)
        return body

    def _shown(
        self, rest: list[tuple[str, Call]], passed: int, after: str
    ) -> list[tuple[str, Call]]:
        size = self.page_limit(_PAGE_SIZE)
        if self.is_emptied(passed // size + 1) and not after.endswith(_PASSED):
            return []
        return rest[:size]

    def _matching(self, query: Query) -> list[tuple[str, Call]]:
        """Return the calls of a query, in the same order for every page.

        A page continues after a position in that order, not after a count: calls that end between
        two pages move no other call to another page.
        """
        now = self.now()
        calls = (
            (blake2b((query.digest + call.key).encode(), digest_size=12).hexdigest(), call)
            for call in self._within(query, now)
            if call.ended(now) and product_of(call) == query.product
            if query.direction in {None, call.direction}
        )
        return sorted(calls, key=itemgetter(0))

    def _within(self, query: Query, now: datetime) -> list[Call]:
        """Return the calls with a wanted id, or with a start in the window."""
        if query.window is None:
            calls = [self.call(key, now) for key in query.ids]
            return [call for call in calls if call]
        start, end = query.window
        # Records truncate the start to a second or a millisecond; the filter uses their value.
        nearby = self.calls(now, start, end + timedelta(seconds=1))
        return [call for call in nearby if start <= start_of(call) < end]

    def _record(self, call: Call) -> Record:
        sent = record(call, self.account)
        if self.shared.options["vonage_no_ids"] and product_of(call) in WITHOUT_ID:
            del sent["id"]
        return self.as_sent("vonage_voice_reports", sent)

    def _envelope(self, incoming: Incoming, query: Query, page: list[Record]) -> Record:
        return {
            "_links": {"self": {"href": self._link(incoming, incoming.query)}},
            "request_id": str(uuid4()),
            "request_status": "SUCCESS",
            "received_at": iso(self.now(), "seconds", "+0000"),
            "price": 0,
            "currency": CURRENCY,
            "items_count": len(page),
            "product": query.product,
            "account_id": self.account,
            "date_start": incoming.first("date_start"),
            "date_end": incoming.first("date_end"),
            "records": page,
        }

    def _continuation(self, incoming: Incoming, query: Query, last: str) -> Record:
        options, paging = self.shared.options, self._cursors.after(query, last)
        left_out = PAGING | (_DATES if options["vonage_bare_next_link"] else set())
        pairs = [pair for pair in incoming.query if pair[0] not in left_out]
        following = self._link(incoming, [*pairs, *paging.items()])
        if options["vonage_next_link_away"]:
            following = following.replace(
                incoming.mount, f"{self.shared.foreign_url()}/{self.name}"
            )
        if options["vonage_next_link_away"] or options["vonage_bare_next_link"]:
            paging = {}
        links = {
            "self": {"href": self._link(incoming, incoming.query)},
            "next": {"href": following},
        }
        return {"_links": links, "request_status": "TRUNCATED", **paging}

    def _link(self, incoming: Incoming, pairs: list[tuple[str, str]]) -> str:
        return f"{incoming.mount}{incoming.path}?{urlencode(pairs)}"
