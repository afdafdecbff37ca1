"""What the streams use of the inside of the SDK's `Stream`."""

from __future__ import annotations

import abc
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.batch import Batcher
from singer_sdk.helpers._batch import BatchConfig, SDKBatchMessage, StorageTarget
from singer_sdk.helpers._catalog import pop_deselected_record_properties
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import RemoveRecordTransform

from tap_voicecalls.output.sdk_hooks.hook import SdkChangedError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers._batch import BaseBatchFileEncoding
    from singer_sdk.helpers.types import Context

__all__ = ["BatchConfig", "SDKBatchMessage", "SdkStream"]


class WholeFiles(StorageTarget):
    """A storage whose files get their names when they are whole, as those of the tap itself do."""

    @contextmanager
    def open(self, filename: str, mode: str = "wb") -> Generator[IO[bytes], None, None]:  # noqa: ARG002
        """Open a new file."""
        from tap_voicecalls.output.storage import Storage  # noqa: PLC0415 - slow to import

        with Storage(self.root).writing(filename) as file:
            yield file


class SdkStream(Stream, abc.ABC):
    """A stream that keeps its own bookmarks, and may write its records without the SDK."""

    # The tap makes records fit their schema itself, once and without loss.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    def __init__(self, tap: Tap) -> None:
        super().__init__(tap)
        self._is_announced = False

    # What a subclass overrides ----------------------------------------------------------------

    @abc.abstractmethod
    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:
        """Yield records for the SDK to map, flatten, batch and write."""

    @property
    def writes_rows_itself(self) -> bool:
        """Whether rows are written as they are, in lines or batch files, without the SDK."""
        return False

    @property
    def bypasses_sdk(self) -> bool:
        """Whether the tap writes the records itself, with :meth:`write_directly`."""
        return False

    def write_directly(self, partitions: Sequence[Mapping[str, Any]]) -> None:
        """Read partitions and write their records without the SDK."""
        raise NotImplementedError

    # What a subclass calls --------------------------------------------------------------------

    @property
    def has_version(self) -> bool:
        """Whether the SDK adds a version to each record (`emit_activate_version_messages`)."""
        return self._stream_version is not None

    def read_also_if_deselected(self, child: Stream) -> None:
        """Let the SDK read this stream for another one that is selected.

        The SDK reads a stream that is not selected if one of its child streams is.

        Raises:
            SdkChangedError: The SDK would not read it, and the child would silently lack records.
        """
        self.child_streams.append(child)
        if not self.has_selected_descendents:
            fact = f"does not read the deselected stream {self.name} for {child.name}"
            raise SdkChangedError(fact)

    def finish_partition(self, partition: Context) -> None:
        """Complete the state of a partition that was read without the SDK."""
        self._finalize_state(self.get_context_state(partition))

    def announce(self) -> None:
        """Write the SCHEMA message, unless it has been written already."""
        self._write_schema_message()

    def write_records(self) -> None:
        """Write what :meth:`get_records` yields now: in batches, or as mapped records."""
        if batch_config := self.get_batch_config(self.config):
            for encoding, manifest in self.get_batches(batch_config):
                self._write_batch_message(encoding=encoding, manifest=manifest)
        else:
            for record in self.get_records(None):
                self._write_record_message(record)

    # What the SDK calls -----------------------------------------------------------------------

    def _write_schema_message(self) -> None:
        """Announce the stream once, by whichever of the SDK and the tap comes first."""
        if not self._is_announced:
            self._is_announced = True
            super()._write_schema_message()

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Write the records without the SDK where nothing needs to see them on their way."""
        if write_messages and self.bypasses_sdk:
            self.write_directly([context] if context else self.partitions or [])
        else:
            yield from super()._sync_records(context, write_messages=write_messages)

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return no signpost: the bookmark is set by the tap, not found in records by the SDK."""

    def _write_starting_replication_value(self, context: Context | None) -> None:
        """Write no starting value: nothing reads it, and a malformed bookmark would end the run."""

    def _increment_stream_state(self, *_: object, **__: object) -> None:
        """Leave the bookmark alone: complete windows move it, single records do not."""

    def generate_child_contexts(self, *_: object, **__: object) -> Iterable[None]:
        """Return no contexts: no stream is read for each record of another one."""
        return ()

    def get_batch_config(self, config: Mapping[str, Any]) -> BatchConfig | None:
        """Return no batches if the SDK must not write any."""
        return None if self.writes_rows_itself else self.batches_wanted(config)

    def batches_wanted(self, config: Mapping[str, Any]) -> BatchConfig | None:
        """Return no batches for a stream that is deselected, removed or mapped to several streams.

        The last are written as records: the files of a batch belong to one stream.
        """
        if not self.selected or len(maps := self.stream_maps) > 1:
            return None
        if isinstance(maps[0], RemoveRecordTransform):
            return None
        return super().get_batch_config(config)

    def get_batches(
        self, batch_config: BatchConfig, context: Context | None = None
    ) -> Iterator[tuple[BaseBatchFileEncoding, list[str]]]:
        """Yield the files of each batch, with records as the SCHEMA message declares them."""
        storage = WholeFiles(**batch_config.storage.asdict())
        batcher = Batcher(self.tap_name, self.name, replace(batch_config, storage=storage))
        records = self._sync_records(context, write_messages=False)
        for manifest in batcher.get_batches(records=self._mapped(records)):
            yield batch_config.encoding, manifest

    def _mapped(self, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        (stream_map,) = self.stream_maps
        for record in records:
            pop_deselected_record_properties(record, self.schema, self.mask)
            if (mapped := stream_map.transform(record)) is not None:
                yield mapped
