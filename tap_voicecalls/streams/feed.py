"""How a stream feeds the common streams: `calls`, and what was said and paid in them."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_voicecalls.calls.normalized import Normalized, Normalizer, ReadyRows
    from tap_voicecalls.recordings.archive import ProviderArchive
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.read_context import CompletedWindow, ReadContext


class Common(Protocol):
    """The common streams, as a stream that feeds them sees them."""

    def ready(self, items: Iterable[Normalized]) -> list[ReadyRows]:
        """Make the rows of each item; many threads use it."""

    def write(self, rows: Sequence[ReadyRows]) -> None:
        """Write the rows of a completed window, before the STATE that covers it."""


class Feed(NamedTuple):
    """What a stream does for the common streams; without anything, it does not feed them.

    Attributes:
        normalize: Makes of a record what it tells of a call.
        common: Where the rows are written; None if another stream writes them.
        archive: Where recordings are stored, if they are.
        merges: Whether a call is made of several records: what each tells is merged later.
    """

    normalize: Normalizer | None = None
    common: Common | None = None
    archive: ProviderArchive | None = None
    merges: bool = False

    @property
    def makes_calls(self) -> bool:
        """Whether records become rows of `calls`."""
        return self.normalize is not None and self.normalize.call is not None

    def normalized_or_ready(
        self, records: Sequence[Record]
    ) -> tuple[Iterable[Normalized | None], Iterable[ReadyRows | None]]:
        """Return what records tell of calls: normalized, to be merged later, or as ready rows.

        The other of the two has only None. Rows are made at once: later, the records are no longer
        in the processor's cache.
        """
        if not (normalize := self.normalize):
            return repeat(None), repeat(None)
        if self.merges or not (common := self.common):
            return [normalize(record) for record in records], repeat(None)
        return repeat(None), common.ready(normalize(record) for record in records)

    def store(self, items: Sequence[Normalized | ReadyRows], context: ReadContext) -> None:
        """Store the recordings that were not stored yet."""
        if self.archive:
            recordings = [one for item in items for one in item.recordings]
            self.archive.store(
                context.account.label, recordings, context.cancelled, context.reading
            )

    def write(self, window: CompletedWindow, context: ReadContext, most: int | None) -> None:
        """Write the rows of a window, after its recordings are stored.

        Args:
            window: The window.
            context: The read that it belongs to.
            most: The most records whose rows are written, in a connection test.
        """
        if not self.common:
            return
        if window.normalized is None:
            rows = [row.ready for row in window.rows if row.ready]
        else:
            rows = self.common.ready(window.normalized)
        rows = rows[:most]
        self.store(rows, context)
        if self.archive:
            self.archive.close_window()
        self.common.write(rows)
