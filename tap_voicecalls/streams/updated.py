"""Calls that changed after the windows have passed them, where an API filters by the last change.

Analysis, costs and the end of a scheduled call may come days after its creation. The time up to
which changes were read is kept in the state, beside the bookmark.
"""

from __future__ import annotations

import abc
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from msgspec.structs import replace

from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.common.windows import Window
from tap_voicecalls.rows.row_store import RowStore, merged
from tap_voicecalls.streams.bookmarks import VALUE
from tap_voicecalls.streams.paging.list_count import ListCount
from tap_voicecalls.streams.read_context import completed_in_chunks
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.read_context import CompletedWindow, ReadContext

Token = TypeVar("Token")

_UPDATES_TO = "updates_to"


class ReadsUpdates(WindowedStream[Token]):
    """A stream that reads windows of creation, and then what has changed since the last run.

    The first run needs no such pass, and a run with an `end_date` in the past leaves it to the
    scheduled runs. Calls that are in the windows of a run are not written twice.

    Attributes:
        clocks_differ: How much further back a run looks, because the server's clock may be behind
            and changes may be listed late.
    """

    clocks_differ: ClassVar[timedelta] = timedelta(minutes=5)

    @abc.abstractmethod
    def get_updates_request(self, since: datetime, *, page: PageContext[Token]) -> HTTPRequest:
        """Describe the request for one page of the records that changed at a time or later.

        The window of the page is all that the stream may read, by creation.
        """

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Yield completed windows, and then the changed calls that are in none of them."""
        since = self._since(context)
        yield from super().read(context)
        if not self.is_up_to_now(context):
            return
        chunks = self._changed(context, since) if since else ()
        end, memory = context.span.end, {_UPDATES_TO: format_time(self.now)}
        yield from completed_in_chunks(chunks, end, end, state=memory)

    def _changed(self, context: ReadContext, since: datetime) -> Iterator[list[Row]]:
        store = RowStore(self.rows_in_memory, self.bytes_in_memory)
        count = ListCount(store)
        count.begin()
        since -= self.clocks_differ
        window = Window(self.bounds.start, max(since, self.now))
        request = partial(self.get_updates_request, since)
        for page in self.pages(context, window, request=request):
            count.add(page)
        (first, _), (start, _) = self.bounds.as_text, context.span.as_text
        for chunk in merged([store], self.rows_in_memory, self.bytes_in_memory):
            # The bookmark need not wait for them: their next change is read as well.
            yield [replace(row, bookmark_cap="") for row in chunk if first <= row.time < start]

    def _since(self, context: ReadContext) -> datetime | None:
        """Return up to when changes are known, before this run; None if nothing was read.

        Runs that were interrupted or ended in the past leave a bookmark only: the records were read
        later than that.
        """
        known = context.state.get(_UPDATES_TO) or context.state.get(VALUE)
        return min(parse_time(known), self.now) if known else None
