"""Access to the parts of a JSON response. A missing part is an error, never an empty list."""

from __future__ import annotations

import re
from typing import Any

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.records.raw_json import RawJson, decode, split

_COUNT = re.compile(r"[0-9]{1,18}", re.ASCII)
_NOTHING = RawJson(b"null")
_NO_RECORDS = RawJson(b"[]")
# JSON types by the first byte of a value.
_KINDS = {b"{": "an object", b'"': "a string", b"n": "null", b"t": "true", b"f": "false"}


class Answer:
    """A JSON response whose records are not decoded yet; each is decoded on its own.

    Args:
        body: The response body. An empty body (status 204) means no records.

    Raises:
        ValueError: The body is not valid JSON.
    """

    def __init__(self, body: bytes) -> None:
        self._body, self._fields = split(body) if body else (_NO_RECORDS, [])

    def get(self, name: str) -> Any:  # noqa: ANN401 - JSON is any value
        """Return a field next to the records; None if it is missing or the body is an array."""
        if isinstance(self._fields, dict) and name in self._fields:
            return decode(bytes(self._fields[name]))
        return None

    def whole(self) -> Any:  # noqa: ANN401 - as above
        """Return the whole response, decoded."""
        return decode(bytes(self._body))

    def only_record(self) -> RawJson:
        """Return the response, which is one record, as an array of one.

        Raises:
            BadAnswer: The response is not an object.
        """
        if not isinstance(self._fields, dict) or _first(self._body) != b"{":
            msg = "the response is not a JSON object"
            raise BadAnswer(msg)
        return RawJson(b"[%b]" % bytes(self._body))

    def records(self, name: str, *, count: int | None = None) -> RawJson:
        """Return the array of records in a field, or the response itself if it is an array.

        Args:
            name: The name of the field.
            count: The number of records by the response's own count, if it has one. If it is 0,
                the array may be null or missing.

        Raises:
            BadAnswer: There is no such array.
        """
        records = self._body
        if isinstance(self._fields, dict):
            records = self._fields.get(name, _NOTHING)
        if records == _NOTHING and count == 0:
            return _NO_RECORDS
        first = _first(records)
        if first != b"[":
            kind = _KINDS.get(first, "a number")
            msg = (
                f"the response has no list of records in `{name}` (found {kind}); check `base_url`"
            )
            raise BadAnswer(msg)
        return records


def _first(sent: RawJson) -> bytes:
    return bytes(memoryview(sent)[:1])


def whole_number(value: Any) -> int | None:  # noqa: ANN401 - JSON is any value
    """Return a count, which may be sent as a string; None if the value is not a count."""
    if isinstance(value, str) and _COUNT.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
