"""What is where in an answer; one that lacks it is refused, never read as empty."""

from __future__ import annotations

from typing import Any

from tap_voicecalls.errors import BadAnswer
from tap_voicecalls.payload import Sent, decode, split

_ARRAY = ord("[")
_NOTHING = Sent(b"null")


class Answer:
    """An answer whose records are still as sent, for each to be decoded by itself.

    Args:
        body: The answer's body.

    Raises:
        ValueError: It is no JSON.
    """

    def __init__(self, body: bytes) -> None:
        self._body, self._fields = split(body)

    def get(self, name: str) -> Any:  # noqa: ANN401 - JSON is any value
        """Return what the answer says beside its records; None if nothing, or for a bare array."""
        if isinstance(self._fields, dict) and name in self._fields:
            return decode(bytes(self._fields[name]))
        return None

    def only_record(self) -> Sent:
        """Return the array of the one record that the answer is."""
        return Sent(b"[%b]" % bytes(self._body))

    def records(self, name: str) -> Sent:
        """Return the array of records under a name, or the answer if it is a bare array.

        Raises:
            BadAnswer: There is no such array.
        """
        found = self._body
        if isinstance(self._fields, dict):
            found = self._fields.get(name, _NOTHING)
        if memoryview(found)[0] != _ARRAY:
            msg = f"the answer has no list of records under `{name}`; check `base_url`"
            raise BadAnswer(msg)
        return found


def whole_number(value: Any) -> int | None:  # noqa: ANN401 - JSON is any value
    """Return a count as sent, or None where there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
