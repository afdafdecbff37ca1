"""The short way of a record: from its dict to a line of output, when nothing is in between.

The lines are those that the SDK's own way writes; what maps, flattens, selects or batches records
goes that way.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.mapper import SameRecordTransform

from tap_voicecalls.writer import MessageWriter

if TYPE_CHECKING:
    from singer_sdk import Stream

_TICK = 0.01  # seconds: how exact `time_extracted` is


def writes_directly(stream: Stream, writer: object) -> bool:
    """Tell whether nothing wants to see a stream's records on their way out."""
    maps = stream.stream_maps
    return (
        isinstance(writer, MessageWriter)
        and stream.selected
        and stream.ABORT_AT_RECORD_COUNT is None
        and stream._stream_version is None  # noqa: SLF001 - records would carry it
        and stream.get_batch_config(stream.config) is None
        and len(maps) == 1
        and type(maps[0]) is SameRecordTransform
        and not maps[0].flattening_enabled
        and all(stream.mask.values())
    )


class Lines:
    """Makes of each record of a stream its RECORD message, as a line; safe to share by threads.

    Args:
        stream: The stream's name.
    """

    def __init__(self, stream: str) -> None:
        encode = msgspec.json.Encoder(decimal_format="number").encode
        self._encode = encode
        self._head = b'{"type":"RECORD","stream":' + encode(stream) + b',"record":'
        self._tail: tuple[float, bytes] = (0.0, b"")

    def __call__(self, record: dict[str, Any]) -> bytes:
        """Return the line of a record, with its end."""
        return self._head + self._encode(record) + self._time_and_end()

    def _time_and_end(self) -> bytes:
        made, tail = self._tail
        now = time.monotonic()
        if now - made > _TICK:
            tail = b',"time_extracted":' + self._encode(datetime.now(UTC)) + b"}\n"
            self._tail = (now, tail)
        return tail
