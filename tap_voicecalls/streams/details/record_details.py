"""Streams of details whose response is one record: the call of the list, with more fields."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.records.raw_json import decode
from tap_voicecalls.records.record_type import encode
from tap_voicecalls.streams.details.detail_stream import DetailStream

if TYPE_CHECKING:
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.details.asked import Asked
    from tap_voicecalls.streams.read_context import ReadContext


class RecordDetails(DetailStream, abc.ABC):
    """Details with the key of the list, at a path that ends with it: `path` has a `{}` there."""

    details_are_calls = True

    def fetch_details(self, context: ReadContext, asked: Asked) -> list[Row]:
        """Request the details of a call."""
        path = self.path.format(quote(asked.call_id, safe=""))
        (row,) = self.rows(context, context.ask(HTTPRequest(path)).only_record())
        if row.key[-1] != asked.call_id:
            msg = "response describes another call than requested"
            raise BadAnswer(msg)
        return [row]

    def row_as_listed(self, listed: Row) -> Row | None:
        """Return the row of the list, with the fields of the details."""
        record = dict.fromkeys(self.schema["properties"]) | decode(listed.body)
        return msgspec.structs.replace(listed, body=encode(record))
