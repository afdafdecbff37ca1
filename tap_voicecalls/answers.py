"""What is where in a decoded answer; an answer that lacks it is refused, never read as empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

    Record = dict[str, Any]


def records_in(answer: Any, name: str) -> list[Record]:  # noqa: ANN401 - JSON is any value
    """Return the list of records under a name of an answer, or the answer if it is a bare array.

    Raises:
        BadAnswer: There is no such list, or something in it is no record.
    """
    found = answer.get(name) if isinstance(answer, dict) else answer
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        msg = f"the answer has no list of records under `{name}`; check `base_url`"
        raise BadAnswer(msg)
    return found


def envelope_of(answer: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON is any value
    """Return what an answer says beside its records; nothing for a bare array."""
    return answer if isinstance(answer, dict) else {}


def whole_number(value: Any) -> int | None:  # noqa: ANN401 - JSON is any value
    """Return a count as sent, or None where there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
