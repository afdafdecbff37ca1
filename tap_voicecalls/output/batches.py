"""Batches of records as stream maps and flattening make them; the SDK writes them as they came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.batch import Batcher
from singer_sdk.helpers._catalog import pop_deselected_record_properties
from singer_sdk.mapper import RemoveRecordTransform

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from singer_sdk.helpers._batch import BaseBatchFileEncoding, BatchConfig
    from singer_sdk.helpers.types import Context


class MappedBatches(Stream):
    """A stream whose batches hold what its SCHEMA says."""

    def get_batch_config(self, config: Mapping[str, Any]) -> BatchConfig | None:
        """No batches of a stream that is read for others, removed, or mapped to several.

        The last are written as records: the files of a batch are of one stream.
        """
        if not self.selected or len(maps := self.stream_maps) > 1:
            return None
        if isinstance(maps[0], RemoveRecordTransform):
            return None
        return super().get_batch_config(config)

    def _write_starting_replication_value(self, context: Context | None) -> None:
        """No such value: nothing reads it, and a bookmark of another type would end the run."""

    def get_batches(
        self, batch_config: BatchConfig, context: Context | None = None
    ) -> Iterator[tuple[BaseBatchFileEncoding, list[str]]]:
        """Yield the files of each batch."""
        batcher = Batcher(self.tap_name, self.name, batch_config)
        records = self._sync_records(context, write_messages=False)
        for manifest in batcher.get_batches(records=self._mapped(records)):
            yield batch_config.encoding, manifest

    def _mapped(self, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        (stream_map,) = self.stream_maps
        for record in records:
            pop_deselected_record_properties(record, self.schema, self.mask)
            if (mapped := stream_map.transform(record)) is not None:
                yield mapped
