"""An identity for records that come without one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENCODER = msgspec.json.Encoder(order="deterministic", decimal_format="string")


def fingerprint(record: dict[str, Any], common: Mapping[str, Any] | None = None) -> str:
    """Return 32 hex digits that depend on all of a record's content, and on nothing else.

    A field that is null or an empty text has none: it may be left out another time.

    Args:
        record: The record as sent.
        common: What was sent once for it and others; the record's own fields win.
    """
    fields = {**(common or {}), **record}
    told = {name: value for name, value in fields.items() if value is not None and value != ""}
    return hashlib.sha256(_ENCODER.encode(told)).hexdigest()[:32]
