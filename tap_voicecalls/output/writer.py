"""The writer of Singer messages: each is encoded once, and written in whole lines."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

import msgspec
from singer_sdk.contrib.msgspec import enc_hook
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.encoding.simple import Message, RecordMessage, StateMessage

from tap_voicecalls.output.abort import OutputError
from tap_voicecalls.output.batch_files import QUICK_FORMAT, BatchFiles
from tap_voicecalls.output.sdk_hooks.stream import SDKBatchMessage
from tap_voicecalls.output.stdout import Stdout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_voicecalls.output.abort import Interrupted
    from tap_voicecalls.output.sdk_hooks.stream import BatchConfig

_FULL = 1 << 16  # bytes
_OLD = 1.0  # seconds


class MessageWriter(GenericSingerWriter[bytes, Message]):
    """Collects lines; writes them when there are 64 KiB, after a second, or at a STATE message.

    A signal that arrives while lines are being written takes effect at the end of a line.

    Attributes:
        takes_lines: Whether :meth:`write_lines` may be used.
        batches: The batch files that rows go into; None if they are written as messages.
    """

    takes_lines: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._encoder = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number")
        self._lines = bytearray()
        self._written_at = time.monotonic()
        self._is_writing = False
        self._pending: Interrupted | None = None
        self._is_closed = False
        self._output: Stdout | None = None
        self.batches: BatchFiles | None = None

    def write_batches(self, config: BatchConfig, tap: str, run: str) -> None:
        """Write rows into batch files from now on, see :class:`BatchFiles`."""

        def announce(stream: str, url: str) -> None:
            self.write_message(SDKBatchMessage(stream, config.encoding, [url]))

        self.batches = BatchFiles(config, tap, run, announce)

    def writes(self, batches: BatchConfig) -> bool:
        """Whether it writes such batches, and not the SDK."""
        return self.batches is not None and batches.encoding.format == QUICK_FORMAT

    @property
    def is_state_due(self) -> bool:
        """Whether a STATE message is worth its place: each closes the batch files."""
        return self.batches is None or self.batches.is_state_due

    def serialize_message(self, message: Message) -> bytes:
        """Encode a message as one line of JSON."""
        return self._encoder.encode(message.to_dict())

    def write_message(self, message: Message) -> None:
        """Collect a message; any non-RECORD message is flushed immediately.

        A STATE message comes after the batch files that it covers.
        """
        if self.batches and isinstance(message, StateMessage):
            self.batches.flush()
        line = self.serialize_message(message)
        with self._uninterrupted():
            self._lines += line
            self._lines += b"\n"
            if (
                not isinstance(message, RecordMessage)
                or len(self._lines) >= _FULL
                or time.monotonic() - self._written_at >= _OLD
            ):
                self._write_out()

    def write_lines(self, lines: Iterable[bytes]) -> None:
        """Collect blocks of whole lines of records that are encoded already."""
        with self._uninterrupted():
            for block in lines:
                if len(block) >= _FULL and not self._lines:
                    self._write(block)  # without a copy
                else:
                    self._lines += block
                    if len(self._lines) >= _FULL:
                        self._write_out()
                if self._pending:
                    return

    def flush(self) -> None:
        """Write what was collected, unless the run was interrupted or the output failed."""
        if not self._is_closed:
            with self._uninterrupted():
                self._write_out()

    def interrupt(self, reason: Interrupted) -> None:
        """End the run: now, or at the end of the line that is being written.

        Raises:
            Interrupted: Always, here or where the lines are written.
        """
        if not self._is_writing:
            self._is_closed = True
            raise reason
        self._pending = reason
        if self._output:
            self._output.stop()

    def _write_out(self) -> None:
        lines, self._lines = self._lines, bytearray()
        self._write(lines)

    def _write(self, lines: bytes | bytearray) -> None:
        self._written_at = time.monotonic()
        self._output = Stdout()
        if self._pending:
            self._output.stop()
        try:
            self._output.write(lines)
        except OutputError:
            self._is_closed = True
            raise

    @contextmanager
    def _uninterrupted(self) -> Iterator[None]:
        """Delay an interruption to the end of the block."""
        self._is_writing = True
        try:
            yield
        finally:
            self._is_writing = False
        if self._pending:
            self._is_closed = True
            raise self._pending
