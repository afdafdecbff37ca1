"""The direct way of a record: from its JSON to a line of output or of a batch file.

The lines are the same, byte for byte, as those that the SDK writes. Records that are mapped,
flattened, selected by field or batched as Parquet go through the SDK.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from tap_voicecalls.output.stream_maps import UnchangedRecords
from tap_voicecalls.output.writer import MessageWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_voicecalls.output.sdk_hooks.stream import SdkStream

_AT_ONCE = 64  # records
_encode = msgspec.json.Encoder().encode


def can_bypass_sdk(stream: SdkStream, writer: object) -> bool:
    """Whether nothing needs to see a stream's records on their way out."""
    return (
        isinstance(writer, MessageWriter)
        and writer.takes_lines
        and stream.selected
        and stream.ABORT_AT_RECORD_COUNT is None
        and not stream.has_version
        and ((batches := stream.batches_wanted(stream.config)) is None or writer.writes(batches))
        and len(maps := stream.stream_maps) == 1  # a stream that is not in the catalog has none
        and type(maps[0]) is UnchangedRecords
        and not maps[0].flattening_enabled
        and all(stream.mask.values())
    )


class RecordLines:
    """Turns records into lines with RECORD messages.

    Args:
        stream: The stream's name.
    """

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._head = b'{"type":"RECORD","stream":' + _encode(stream) + b',"record":'

    def write(self, bodies: Sequence[bytes], writer: MessageWriter) -> None:
        """Write records given as JSON: as messages, or into batch files.

        Raises:
            OutputError: They cannot be written.
        """
        if writer.batches is None:
            writer.write_lines(self.of(bodies))
        else:
            writer.batches.write(self._stream, bodies)

    def write_lines(self, lines: Sequence[bytes], writer: MessageWriter) -> int:
        """Write records given as lines of JSON, any number together, and return how many.

        Raises:
            OutputError: They cannot be written.
        """
        if writer.batches is not None:
            bodies = b"".join(lines).splitlines()
            writer.batches.write(self._stream, bodies)
            return len(bodies)
        count = 0
        for first in range(0, len(lines), _AT_ONCE):
            if block := b"".join(lines[first : first + _AT_ONCE]):
                tail = _tail()
                between = tail + self._head
                records = block[:-1].replace(b"\n", between)
                # By the length: counting the lines would take longer than to replace their ends.
                count += 1 + (len(records) + 1 - len(block)) // (len(between) - 1)
                writer.write_lines([self._head + records + tail])
        return count

    def of(self, bodies: Sequence[bytes]) -> Iterator[bytes]:
        """Yield blocks of whole lines for records given as JSON."""
        for first in range(0, len(bodies), _AT_ONCE):
            tail = _tail()
            some = bodies[first : first + _AT_ONCE]
            yield self._head + (tail + self._head).join(some) + tail


def _tail() -> bytes:
    return b',"time_extracted":' + _encode(datetime.now(UTC)) + b"}\n"
