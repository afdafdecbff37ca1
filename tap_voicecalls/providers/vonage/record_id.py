"""An id for records that have none: VOICE-CALL, WEBSOCKET-CALL and ASR in the specifications."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tap_voicecalls.record_type import Record

_OWN_IDS = ("call_id", "trace_id", "leg_id", "request_id")
# Without an id of any kind: what tells two calls of one moment apart.
_PARTIES = ("direction", "from", "to")


def record_id(record: Record) -> str | None:
    """Return 32 hex digits made of what cannot change; None if the record has nothing of it.

    That is the product, the id of the leg, and its start: the legs of a call have ids of their own,
    but speech is recognised several times in one leg. Whatever may be told later has no part in it,
    such as a status or a cost. The values are those of the conformed record, so neither the way it
    came nor the format of a time makes a difference.

    Args:
        record: A record whose start is filled in.
    """
    own = next((value for name in _OWN_IDS if (value := getattr(record, name))), None)
    parties = [getattr(record, name) for name in _PARTIES] if own is None else []
    if own is None and record.start_time is None:
        return None
    product = (record.product or "").upper()
    parts = msgspec.json.encode([product, own, record.start_time, *parties])
    return hashlib.sha256(parts).hexdigest()[:32]
