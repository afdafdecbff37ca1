"""Writes messages: each encoded once, and written out in whole lines."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

import msgspec
from singer_sdk.contrib.msgspec import enc_hook
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.encoding.simple import Message, RecordMessage

from tap_voicecalls.output.endings import OutputError
from tap_voicecalls.output.lines import Output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_voicecalls.output.endings import Interrupted

__all__ = ["MessageWriter", "OutputError"]

_FULL = 1 << 16  # bytes
_OLD = 1.0  # seconds


class MessageWriter(GenericSingerWriter[bytes, Message]):
    """Collects records and writes them when there are enough, when they get old, or at a STATE.

    A signal that arrives while lines are written takes effect at the end of a line.

    Attributes:
        takes_lines: Whether it takes records that are encoded already, as :meth:`write_lines` does.
    """

    takes_lines: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._encoder = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number")
        self._lines = bytearray()
        self._written_at = time.monotonic()
        self._writing = False
        self._pending: Interrupted | None = None
        self._over = False
        self._output: Output | None = None

    def serialize_message(self, message: Message) -> bytes:
        """Encode a message as one line of JSON."""
        return self._encoder.encode(message.to_dict())

    def write_message(self, message: Message) -> None:
        """Take in a message; any but a RECORD is written at once, with all before it."""
        line = self.serialize_message(message)
        with self._whole():
            self._lines += line
            self._lines += b"\n"
            if (
                not isinstance(message, RecordMessage)
                or len(self._lines) >= _FULL
                or time.monotonic() - self._written_at >= _OLD
            ):
                self._write_out()

    def write_lines(self, lines: Iterable[bytes]) -> None:
        """Take in whole lines of records, already encoded."""
        with self._whole():
            for line in lines:
                self._lines += line
                if len(self._lines) >= _FULL:
                    self._write_out()
                    if self._pending:
                        return

    def flush(self) -> None:
        """Write what was taken in; nothing, once the run was interrupted or the output lost."""
        if not self._over:
            with self._whole():
                self._write_out()

    def interrupt(self, reason: Interrupted) -> None:
        """End the run: now, or as soon as the lines being written are out.

        Raises:
            Interrupted: Always, here or where the lines are written.
        """
        if not self._writing:
            self._over = True
            raise reason
        self._pending = reason
        if self._output:
            self._output.stop()

    def _write_out(self) -> None:
        self._written_at = time.monotonic()
        lines, self._lines = self._lines, bytearray()
        self._output = Output()
        if self._pending:
            self._output.stop()
        try:
            self._output.write(lines)
        except OutputError:
            self._over = True
            raise

    @contextmanager
    def _whole(self) -> Iterator[None]:
        self._writing = True
        try:
            yield
        finally:
            self._writing = False
        if self._pending:
            self._over = True
            raise self._pending
