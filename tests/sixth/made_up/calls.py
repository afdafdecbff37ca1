"""A call of Made Up in the vocabulary of all providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import Call, normalize_enum

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.call import Status
    from tap_voicecalls.records.record_type import Record

_STATUSES: Mapping[str, Status] = {"done": "completed", "lost": "failed"}

CALL_SOURCES: Mapping[str, str] = {
    "stream": "`made_up_calls`",
    "call_id": "`id`",
    "status": "`outcome`",
    "provider_status": "`outcome`",
    "started_at": "`started_at`",
}
"""Where the fields of a call come from, in Markdown; the others are not reported."""


def normalize(record: Record) -> Call:
    """Map a record to a call."""
    return Call(
        call_id=record.id,
        status=normalize_enum(_STATUSES, record.outcome),
        provider_status=record.outcome,
        started_at=record.started_at,
    )
