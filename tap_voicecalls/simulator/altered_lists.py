"""Alters the lists of correct responses: unusual values, wrong totals, endless pages.

The functions use what an `Api` declares about its lists, so that they work for every provider. A
response without a list stays unchanged.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

import msgspec

from tap_voicecalls.simulator.api import parsed
from tap_voicecalls.simulator.messages import Response, encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_voicecalls.simulator.api import Api, Record
    from tap_voicecalls.simulator.messages import Incoming

    RawJson = Record | msgspec.Raw
    """A record, or an encoded one."""

    Change = Callable[[list[RawJson]], list[RawJson] | None]

_MANY = 10**9
_KEYS = ("id", "call_id")
_FIELD = "x_sim_value"
# JSON has no NaN, but some encoders write it. JSON has no limit of digits, but most decoders do.
_NAN = b"NaN"
_DIGITS = b"9" * 5000
# An integer of at least this is a time in milliseconds, not a size or an offset.
_FIRST_MILLISECONDS = 10**12
_fresh = itertools.count(1)


def with_nan(api: Api, incoming: Incoming) -> Response:
    """Add a NaN to each record, in an undocumented field."""
    return _with_value(api, incoming, _NAN)


def with_huge_integer(api: Api, incoming: Incoming) -> Response:
    """Add an integer with more digits than most decoders accept to each record."""
    return _with_value(api, incoming, _DIGITS)


def with_duplicate_keys(api: Api, incoming: Incoming) -> Response:
    """Send each field of each record twice, with the same value."""

    def change(records: list[RawJson]) -> list[RawJson]:
        inner = [encoded(record)[1:-1] for record in records]
        return [msgspec.Raw(b"{" + text + b"," + text + b"}") for text in inner]

    return _changed(api, api.answer(incoming), change)


def with_null_for_nothing(api: Api, incoming: Incoming) -> Response:
    """Replace an empty list by null; a list with records stays unchanged."""
    return _changed(api, api.answer(incoming), lambda records: records or None)


def with_null_records(api: Api, incoming: Incoming) -> Response:
    """Replace every list by null; the totals stay unchanged."""
    return _changed(api, api.answer(incoming), lambda _: None)


def without_list(api: Api, incoming: Incoming) -> Response:
    """Remove the list; if the response is the list itself, send an empty object."""
    answer = api.answer(incoming)
    if _records(api, answer) is None:
        return answer
    body = answer.body if isinstance(answer.body, dict) else {}
    return replace(answer, body={key: body[key] for key in body if key != api.list_field})


def halved(api: Api, incoming: Incoming) -> Response:
    """Send the first half of the list as partial content, with status 206."""
    answer = api.answer(incoming)
    whole = len(answer.encoded())
    part = _changed(api, answer, lambda records: records[: len(records) // 2])
    last = max(len(part.encoded()) - 1, 0)
    headers = {**answer.headers, "Content-Range": f"bytes 0-{last}/{max(whole, last + 1)}"}
    return replace(part, status=206, headers=headers)


def without_totals(api: Api, incoming: Incoming) -> Response:
    """Set all totals to 0, although the list has records."""
    return _with_fields(api, api.answer(incoming), dict.fromkeys(api.total_fields, 0))


def with_huge_totals(api: Api, incoming: Incoming) -> Response:
    """Set all totals to a number larger than any client can read."""
    return _with_fields(api, api.answer(incoming), dict.fromkeys(api.total_fields, _MANY))


def with_list_for_cursor(api: Api, incoming: Incoming) -> Response:
    """Announce another page with a cursor that is a list."""
    answer = api.answer(incoming)
    return _continued(api, answer, ["next"]) if api.cursor_fields else answer


def always_empty(api: Api, incoming: Incoming) -> Response:
    """Send an empty page and announce another one, each time with a new cursor.

    A list without pages stays unchanged, since an empty one could be correct.
    """
    if not api.paging_fields:
        return api.answer(incoming)
    answer = _changed(api, api.answer(_first_page(api, incoming)), lambda _: [])
    return _continued(api, answer, f"page-{next(_fresh)}")


def always_new(api: Api, incoming: Incoming) -> Response:
    """Send the first page again with new ids and announce another one.

    A list without pages stays unchanged.
    """
    if not api.paging_fields:
        return api.answer(incoming)

    def change(records: list[RawJson]) -> list[RawJson]:
        return [_renamed(cast("Record", record)) for record in records]

    answer = _changed(api, api.answer(_first_page(api, incoming)), change)
    return _continued(api, answer, f"page-{next(_fresh)}")


def unfiltered(api: Api, incoming: Incoming) -> Response:
    """Ignore the time filter; if the API requires one, send all records in one page."""
    query = [pair for pair in incoming.query if not _is_time(pair[1])]
    answer = api.answer(replace(incoming, query=query, body=_without_times(incoming.body)))
    if _records(api, answer) is not None:
        return answer
    everything = cast("list[RawJson]", api.records(api.streams[0]))
    answer = _changed(api, api.answer(incoming), lambda _: everything)
    return _with_fields(api, answer, dict.fromkeys(api.total_fields, len(everything)))


def _with_value(api: Api, incoming: Incoming, value: bytes) -> Response:
    """Add a field with an already encoded value to each record."""

    def change(records: list[RawJson]) -> list[RawJson]:
        raw = msgspec.Raw(value)
        return [cast("Record", record) | {_FIELD: raw} for record in records]

    return _changed(api, api.answer(incoming), change)


def _records(api: Api, answer: Response) -> list[RawJson] | None:
    """Return the list of a response, None for a response without a list."""
    body = answer.body
    if isinstance(body, dict) and api.list_field:
        body = body.get(api.list_field)
    return body if answer.status == HTTPStatus.OK and isinstance(body, list) else None


def _changed(api: Api, answer: Response, change: Change) -> Response:
    records = _records(api, answer)
    if records is None:
        return answer
    changed: object = change(records)
    if isinstance(answer.body, dict):
        changed = {**answer.body, api.list_field: changed}
    return replace(answer, body=changed)


def _with_fields(api: Api, answer: Response, values: Mapping[str, object]) -> Response:
    """Set fields of a list response, named by their path."""
    if _records(api, answer) is None or not isinstance(answer.body, dict):
        return answer
    body = dict(answer.body)
    for path, value in values.items():
        name, _, inner = path.partition(".")
        body[name] = {**cast("Record", body[name]), inner: value} if inner else value
    return replace(answer, body=body)


def _continued(api: Api, answer: Response, cursor: object) -> Response:
    values = {**dict.fromkeys(api.cursor_fields, cursor), **api.next_page_fields}
    return _with_fields(api, answer, {**dict.fromkeys(api.total_fields, _MANY), **values})


def _first_page(api: Api, incoming: Incoming) -> Incoming:
    """Return the request without its paging parameters."""
    query = [pair for pair in incoming.query if pair[0] not in api.paging_fields]
    body = incoming.body
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in api.paging_fields}
    return replace(incoming, query=query, body=body)


def _renamed(record: Record) -> Record:
    number = next(_fresh)
    new = {
        name: _MANY + number if isinstance(record[name], int) else f"new-{number}"
        for name in _KEYS
        if name in record
    }
    return record | new


def _is_time(text: str) -> bool:
    return "T" in text and parsed(text) is not None


def _without_times(body: object) -> object:
    if not isinstance(body, dict):
        return body
    return {
        name: _without_times(value)
        for name, value in body.items()
        if not (isinstance(value, int) and value >= _FIRST_MILLISECONDS)
    }
