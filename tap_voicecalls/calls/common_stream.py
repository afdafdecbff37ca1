"""What the common streams share: they are fed by the providers' streams.

They send no requests and have no bookmarks of their own: streams of the providers feed them while
those are read. Their rows are written before the STATE that covers the records they are made from.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from tap_voicecalls.calls.protection import protection_of
from tap_voicecalls.output.record_lines import RecordLines, can_bypass_sdk
from tap_voicecalls.output.sdk_hooks.stream import SdkStream
from tap_voicecalls.records.decimal_text import DecimalTexts
from tap_voicecalls.records.raw_json import decode
from tap_voicecalls.records.record_type import encode_lines
from tap_voicecalls.records.schemas import USE_SINGER_DECIMAL, PackagedSchema, schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context

    from tap_voicecalls.common.run import Run

Item = TypeVar("Item")


class CommonStream(SdkStream, Generic[Item]):
    """Rows of all providers; each provider's package says how a record becomes some.

    It is as complete as the streams that feed it.

    Attributes:
        lines_of: Returns the rows of items, as lines of JSON; many threads use it.
    """

    schema: ClassVar[PackagedSchema] = PackagedSchema()

    def __init__(self, tap: Tap, run: Run) -> None:
        super().__init__(tap)
        self._writer: Any = tap.message_writer
        self._lines = RecordLines(self.name)
        self._records: Sequence[dict[str, Any]] = ()
        self._protect = protection_of(schema_of(type(self)), self.config)
        is_text = self.config[USE_SINGER_DECIMAL]
        self._decimals = DecimalTexts(schema_of(type(self))) if is_text else None
        is_changed = self._protect or self._decimals
        self.lines_of: Callable[[Sequence[Item]], bytes]
        self.lines_of = self._changed_lines_of if is_changed else encode_lines
        self._written = 0
        run.at_end += self._log_remarks, self._count

    def write(self, lines: Sequence[bytes]) -> None:
        """Write rows, as :attr:`lines_of` makes them, if the stream is selected.

        They come after the SCHEMA message.
        """
        if not self.selected:
            return
        self.announce()
        if self.writes_rows_itself:
            self._written += self._lines.write_lines(lines, self._writer)
            return
        self._records = [*map(decode, b"".join(lines).splitlines())]
        self._written += len(self._records)
        self.write_records()
        self._records = ()

    @property
    def writes_rows_itself(self) -> bool:
        """Whether rows are written as they are, in lines or batch files, without the SDK."""
        return can_bypass_sdk(self, self._writer)

    @property
    def bypasses_sdk(self) -> bool:
        """Yes: in this stream's own turn there is nothing to write, nor to count."""
        return True

    def write_directly(self, partitions: Sequence[Mapping[str, Any]]) -> None:
        """Write nothing: the rows come from other streams, in their turns."""

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Yield the rows that are being written; none when the SDK asks for all of them."""
        return self._records

    def _changed_lines_of(self, items: Sequence[Item]) -> bytes:
        if self._protect:
            for item in items:
                self._protect(item)
        if self._decimals:
            items = [*map(copy, items)]
            for item in items:
                self._decimals(item)
        return encode_lines(items)

    def _count(self) -> None:
        """Log the metric `record_count`, once all streams have been read."""
        # The SDK counts the records of each batch that it writes.
        if self._is_announced and self.get_batch_config(self.config) is None:
            with self.get_record_counter() as counter:
                counter.increment(self._written)

    def _log_remarks(self) -> None:
        for remark in self._decimals.remarks() if self._decimals else ():
            self.logger.warning("%s: %s", self.name, remark)

    @property
    def emit_activate_version_messages(self) -> bool:
        """No: a target would drop the rows that were written before this stream's own turn."""
        return False
