"""Telnyx: the time field that each type of detail records is filtered by.

The server refuses a field that a type lacks; the tap then chooses another one. Source: the official
SDKs since 4.181. Such a field is refused with 400, and ``GET /detail_records/options`` lists the
fields of a type, in an unpublished form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import ApiError
from tap_voicecalls.common.safe_text import safe_title
from tap_voicecalls.providers.telnyx.record_types import candidates, guesses, time_field
from tap_voicecalls.streams.read_context import ReadContext
from tap_voicecalls.streams.refused_statuses import REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.http.rate_gate import Rate

RECORD_TYPE = "filter[record_type]"
_OPTIONS = "/detail_records/options"
_WORD = re.compile(r"[a-z_]+")

_Type = tuple[str, str]  # an account's label, and a record type of it


class TimeFields:
    """The time field of each account's record types in one run; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._chosen: dict[_Type, str | None] = {}
        self._left: dict[_Type, list[str]] = {}
        self._refused: dict[_Type, ApiError] = {}

    def of(self, account: str, record_type: str) -> str | None:
        """Return the field to filter a type by; None if the server refuses all candidates."""
        return self._chosen.get((account, record_type), time_field(record_type))

    def refusal(self, account: str, record_type: str) -> ApiError:
        """Return the error of a type whose candidates were all refused."""
        with self._lock:
            return self._refused[account, record_type]

    def learn(self, context: ReadContext, record_type: str, field: str, error: ApiError) -> None:
        """Record that the server refuses a field, and choose another one.

        Args:
            context: Sends the request for the fields of the type.
            record_type: The type.
            field: The field that was refused.
            error: The refusal.
        """
        one = context.account.label, record_type
        with self._lock:
            if self.of(*one) != field:
                return  # another thread has learned it already
            if one not in self._left:
                options = _listed_fields(context, record_type)
                known = [name for name in candidates(record_type) if name in options]
                self._left[one] = known or list(guesses(record_type))
            left = self._left[one] = [name for name in self._left[one] if name != field]
            self._chosen[one] = left[0] if left else None
            if not left:
                msg = (
                    f"{error}; remove record type `{safe_title(record_type)}` from "
                    "`telnyx.record_types` if the account does not have it"
                )
                self._refused[one] = ApiError(msg, status=error.status)


@dataclass(frozen=True, slots=True)
class ReadContextByType(ReadContext):
    """A read context that resends a request with another time field if the server refuses one.

    Attributes:
        fields: The time fields of the types.
    """

    fields: TimeFields = field(default_factory=TimeFields)

    def ask(self, request: HTTPRequest, *, resend: bool = True, rate: Rate | None = None) -> Answer:
        """Send a request, as :meth:`ReadContext.ask` does, and return its answer.

        Raises:
            ApiError: The server refuses all time fields of the type, or the request fails.
        """
        kind, asked = str(request.params[RECORD_TYPE]), str(request.params["sort"])
        while (now := self.fields.of(self.account.label, kind)) is not None:
            try:
                again = _filtered_by(request, asked, now)
                return ReadContext.ask(self, again, resend=resend, rate=rate)
            except ApiError as error:
                if error.status not in REFUSED:
                    raise
                self.fields.learn(self, kind, now, error)
        raise self.fields.refusal(self.account.label, kind)


def _filtered_by(request: HTTPRequest, old: str, new: str) -> HTTPRequest:
    if old == new:
        return request
    params = {name.replace(f"[{old}]", f"[{new}]"): value for name, value in request.params.items()}
    return replace(request, params={**params, "sort": new})


def _listed_fields(context: ReadContext, record_type: str) -> set[str]:
    """Request the fields of a type; none if the server does not list them."""
    request = HTTPRequest(_OPTIONS, params={RECORD_TYPE: record_type}, safe_query_chars="[]")
    try:
        answer = ReadContext.ask(context, request)
    except ApiError:
        return set()
    options = answer.whole()
    about = [part for part in _parts(options) if _is_of(part, record_type)]
    texts = {text for part in about or [options] for text in _texts(part, record_type)}
    return {word for text in texts for word in _WORD.findall(text)}


def _is_of(part: Any, record_type: str) -> bool:  # noqa: ANN401 - JSON is any value
    """Return whether an object is about a type: it has a key or a value of that name."""
    return isinstance(part, dict) and (record_type in part or record_type in part.values())


def _texts(part: Any, record_type: str) -> Iterator[str]:  # noqa: ANN401 - JSON is any value
    within = part.get(record_type, part) if isinstance(part, dict) else part
    for value in _parts(within):
        if isinstance(value, dict):
            yield from value
        elif isinstance(value, str):
            yield value


def _parts(value: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON is any value
    """Yield a value and all values inside it."""
    left = [value]
    while left:
        value = left.pop()
        yield value
        if isinstance(value, dict):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
