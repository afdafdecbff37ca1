"""An identity for records that come without one."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic", decimal_format="string")


def fingerprint(record: dict[str, Any]) -> str:
    """Return 32 hex digits that depend on all of a record's content, and on nothing else."""
    return hashlib.sha256(_ENCODER.encode(record)).hexdigest()[:32]
