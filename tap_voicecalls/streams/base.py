"""What the streams of all providers declare, and what the SDK asks of them."""

from __future__ import annotations

import abc
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from tap_voicecalls.common.times import parse_time
from tap_voicecalls.output.record_lines import RecordLines, can_bypass_sdk
from tap_voicecalls.records.raw_json import decode
from tap_voicecalls.rows.row import body_of
from tap_voicecalls.streams.account_reads import AccountReads

if TYPE_CHECKING:
    from collections.abc import Iterable

    from singer_sdk.helpers.types import Context

    from tap_voicecalls.streams.reference import Reference


class ProviderStream(AccountReads, abc.ABC):
    """A stream of a provider: completed windows in ascending order, each followed by its bookmark.

    Attributes:
        path: Where the list is, below the provider's base URL.
        reference: The facts of the list, for the documentation.
        by_time: Whether the API filters calls by time; if not, each run reads all there are.
        window_grid: The unit of that filter if it is a long one, such as a day: windows end at its
            multiples.
        needs_calls: Whether each request is for a call of a list, of which a test needs one.
    """

    path: ClassVar[str]
    reference: ClassVar[Reference]
    by_time: ClassVar[bool] = True
    window_grid: ClassVar[timedelta] = timedelta.resolution
    needs_calls: ClassVar[bool] = False

    @property
    def is_test(self) -> bool:
        """Whether this is a connection test, which ends after the first window."""
        return self.ABORT_AT_RECORD_COUNT is not None

    @cached_property
    def is_of_the_past(self) -> bool:
        """Whether this run ends in the past: lists of any time are left to runs up to now."""
        end_date = self.config.get("end_date")
        return end_date is not None and parse_time(end_date) < self.now

    # What the SDK asks for --------------------------------------------------------------------

    @property
    def partitions(self) -> list[dict[str, Any]]:
        """One partition of the state for each account."""
        return [{"account": label} for label in self.accounts]

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:
        """Yield an account's records, for the SDK to map, flatten, batch and write."""
        for rows in self.read_account(context):
            yield from (decode(row.body) for row in rows)

    @property
    def bypasses_sdk(self) -> bool:
        """Whether the tap writes the records itself; of a deselected stream it writes none."""
        return not self.selected or self.writes_rows_itself

    @property
    def writes_rows_itself(self) -> bool:
        """Whether rows are written as they are, in lines or batch files, without the SDK."""
        return can_bypass_sdk(self, self._writer)

    def write_directly(self, partitions: Iterable[Context]) -> None:
        """Read partitions and write their records as lines, without the SDK."""
        lines = RecordLines(self.name)
        with self.get_record_counter() as counter, self.get_sync_timer() as timer:
            for partition in partitions:
                counter.with_context(partition)
                timer.with_context(partition)
                for rows in self.read_account(partition):
                    if self.selected:
                        lines.write([*map(body_of, rows)], self._writer)
                        counter.increment(len(rows))
                self.finish_partition(partition)
