"""A recording of a call, as the stream `call_recordings` holds it."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations
from typing import Literal

import msgspec

RecordingStatus = Literal["archived", "off", "missing", "refused", "too_large", "expired"]


class Recording(msgspec.Struct, gc=False, kw_only=True):
    """A recording; ``schemas/call_recordings.json`` describes each field.

    A provider fills `call_id`, `recording`, `call_started_at`, `url`, and what it tells of the
    file. The archive fills the rest.
    """

    provider: str | None = None
    account: str | None = None
    call_id: str | None = None
    recording: str
    call_started_at: str | None = None
    url: str | None = None
    file: str | None = None
    status: RecordingStatus = "off"
    bytes: int | None = None
    sha256: str | None = None
    media_type: str | None = None
    duration_seconds: int | Decimal | None = None
    channels: int | None = None
    archived_at: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether a later run need not try to archive it."""
        return self.status in {"archived", "off", "too_large"}
