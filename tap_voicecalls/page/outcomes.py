"""Whether a call succeeded."""

from __future__ import annotations

UNKNOWN, SUCCEEDED, NOT = 0, 1, 2

_OF_STATUS = {
    "completed": SUCCEEDED,
    **dict.fromkeys(("failed", "busy", "no_answer", "canceled"), NOT),
}


def outcome_of(successful: object, status: object) -> int:
    """Return the provider's own verdict; where there is none, whether the call was completed."""
    if isinstance(successful, bool | int):
        return SUCCEEDED if successful else NOT
    return _OF_STATUS.get(status, UNKNOWN) if isinstance(status, str) else UNKNOWN
