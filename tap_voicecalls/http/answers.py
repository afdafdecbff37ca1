"""What is where in an answer; one that lacks it is refused, never read as empty."""

from __future__ import annotations

import re
from typing import Any

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.records.raw_json import RawJson, decode, split

_COUNT = re.compile(r"[0-9]{1,18}", re.ASCII)
_NOTHING = RawJson(b"null")
_NO_RECORDS = RawJson(b"[]")
# What an answer is, by its first byte, in the words of JSON.
_KINDS = {b"{": "an object", b'"': "a text", b"n": "null", b"t": "true", b"f": "false"}


class Answer:
    """An answer whose records are still as sent, for each to be decoded by itself.

    Args:
        body: The answer's body; without a byte it is the answer 204, which says: there is nothing.

    Raises:
        ValueError: It is no JSON.
    """

    def __init__(self, body: bytes) -> None:
        self._body, self._fields = split(body) if body else (_NO_RECORDS, [])

    def get(self, name: str) -> Any:  # noqa: ANN401 - JSON is any value
        """Return what the answer says beside its records; None if nothing, or for a bare array."""
        if isinstance(self._fields, dict) and name in self._fields:
            return decode(bytes(self._fields[name]))
        return None

    def whole(self) -> Any:  # noqa: ANN401 - as above
        """Return all of the answer, decoded."""
        return decode(bytes(self._body))

    def only_record(self) -> RawJson:
        """Return the array of the one record that the answer is.

        Raises:
            BadAnswer: It is no object.
        """
        if not isinstance(self._fields, dict) or _first(self._body) != b"{":
            msg = "the answer is no record"
            raise BadAnswer(msg)
        return RawJson(b"[%b]" % bytes(self._body))

    def records(self, name: str, *, count: int | None = None) -> RawJson:
        """Return the array of records under a name, or the answer if it is a bare array.

        Args:
            name: The name.
            count: How many records the answer says there are, where it does. If there are none,
                the array may be null or missing.

        Raises:
            BadAnswer: There is no such array.
        """
        found = self._body
        if isinstance(self._fields, dict):
            found = self._fields.get(name, _NOTHING)
        if found == _NOTHING and count == 0:
            return _NO_RECORDS
        first = _first(found)
        if first != b"[":
            kind = _KINDS.get(first, "a number")
            msg = f"the answer has no list of records under `{name}`, but {kind}; check `base_url`"
            raise BadAnswer(msg)
        return found


def _first(sent: RawJson) -> bytes:
    return bytes(memoryview(sent)[:1])


def whole_number(value: Any) -> int | None:  # noqa: ANN401 - JSON is any value
    """Return a count, which may be sent as text, or None where there is none."""
    if isinstance(value, str) and _COUNT.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
