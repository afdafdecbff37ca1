"""Burki: calls of voice assistants. Source: docs.burki.dev/api-reference, and its openapi.json."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.answers import whole_number
from tap_voicecalls.call import UNKNOWN, Call, currency_code, identifier, in_our_words
from tap_voicecalls.pagination import OffsetPaginator, SentPage
from tap_voicecalls.phone import e164
from tap_voicecalls.provider import Provider
from tap_voicecalls.times import format_time
from tap_voicecalls.windowed_stream import PageContext, WindowedStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.answers import Answer
    from tap_voicecalls.call import Direction, Status
    from tap_voicecalls.record_type import Record

_PAGE_SIZE = 1000

# The three words of the call object's status; `failed` is also a call not answered, or busy.
_STATUSES: Mapping[str, Status] = {
    "ongoing": "in_progress",
    "completed": "completed",
    "failed": "failed",
}
# No field of Burki's: plain words of those who attach the direction to their calls.
_DIRECTIONS: Mapping[str, Direction] = {
    "inbound": "inbound",
    "incoming": "inbound",
    "outbound": "outbound",
    "outgoing": "outbound",
}


class _Meta(msgspec.Struct, gc=False):
    """The one key of a call's metadata that is read."""

    direction: str | None = None


_decode_meta = msgspec.json.Decoder(_Meta).decode


def normalise(record: Record) -> Call:
    """Tell of a call in the words of all providers.

    Burki tells no direction: it is the `direction` of the user's own metadata, if that is there.
    `customer_phone_number` is the customer and `to_phone_number` the user's own line, "the number
    that was called", so the customer called, unless the metadata says that it was outbound. Where
    there is a number there was a phone.
    """
    customer, own = e164(record.customer_phone_number), e164(record.to_phone_number)
    direction = _direction(record.call_meta)
    caller, callee = (own, customer) if direction == "outbound" else (customer, own)
    return Call(
        call_id=identifier(record.id),
        direction=direction,
        status=in_our_words(_STATUSES, record.status),
        provider_status=record.status,
        channel="phone" if caller or callee else UNKNOWN,
        from_number=caller,
        to_number=callee,
        agent_id=identifier(record.assistant_id),
        agent_name=record.assistant_name or None,
        started_at=record.started_at,
        ended_at=record.ended_at,
        duration_seconds=record.duration,
        cost=record.total_cost,
        cost_llm=record.llm_cost,
        cost_tts=record.tts_cost,
        cost_stt=record.stt_cost,
        cost_telephony=record.telephony_cost,
        currency=currency_code(record.cost_currency),
    )


def _direction(meta: msgspec.Raw | None) -> Direction:
    # Looking for the key is quick, decoding is not.
    if meta is None or b'"direction"' not in (sent := bytes(meta)):
        return UNKNOWN
    try:
        return in_our_words(_DIRECTIONS, _decode_meta(sent).direction)
    except (ValueError, RecursionError):  # it is of another type, or what surrounds it is odd
        return UNKNOWN


class BurkiCalls(WindowedStream[int]):
    """Calls, newest first. The time filter is on the start and takes in both its ends."""

    name = "burki_calls"
    # With the slash: without it the server redirects.
    path = "/api/v1/calls/"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    window = timedelta(days=7)
    tells_total = True
    reach_after = timedelta(microseconds=1)

    def get_new_paginator(self) -> OffsetPaginator:
        """Skip what was read, up to the total."""
        return OffsetPaginator(_PAGE_SIZE)

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Ask for a window with both its ends."""
        return HTTPRequest(
            self.path,
            params={
                "date_from": format_time(page.window.start),
                "date_to": format_time(page.window.end),
                "skip": page.token or 0,
                "limit": _PAGE_SIZE,
            },
        )

    def parse_page(self, answer: Answer, *, page: PageContext[int]) -> SentPage:  # noqa: ARG002
        """Read ``{"items": […], "total": n}``, or the bare array of older servers."""
        return SentPage(answer.records("items"), total=whole_number(answer.get("total")))

    def is_running(self, record: Record) -> bool:
        """One word means that a call has not ended."""
        return bool(record.status == "ongoing")

    def ended_at(self, record: Record) -> str:
        """Costs come once a call ended."""
        return record.ended_at or ""


class Burki(Provider):
    """Burki."""

    name = "burki"
    title = "Burki"
    base_url = "https://api.burki.dev"
    streams = calls_from = (BurkiCalls,)
    normalise = staticmethod(normalise)

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """``{"detail": "…"}``, or on 422 a list of what is wrong where."""
        match answer:
            case {"detail": str(detail)}:
                return detail
            case {"detail": [*problems]}:
                return ", ".join(_named(problem) for problem in problems)
            case _:
                return ""


def _named(problem: Any) -> str:  # noqa: ANN401 - JSON is any value
    """Name the parameter and the kind of problem; the message may quote the value."""
    match problem:
        case {"loc": [*place], "type": str(kind)}:
            return ".".join(str(part) for part in place) + f": {kind}"
        case _:
            return ""
