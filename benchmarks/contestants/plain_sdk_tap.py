"""A tap as from the Meltano SDK's template: sequential pages, the default writer.

Its stream is full-table, which costs the SDK less than an incremental stream.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BearerTokenAuthenticator
from singer_sdk.helpers.jsonpath import extract_jsonpath
from singer_sdk.pagination import OffsetPaginator
from singer_sdk.streams import RESTStream

if TYPE_CHECKING:
    from collections.abc import Iterable

    import requests
    from singer_sdk.streams.rest import HTTPRequest, PageContext


class _Offset(OffsetPaginator):
    """Ends at the first empty page, which the SDK detects."""

    def has_more(self, response: requests.Response) -> bool:  # noqa: ARG002
        """Return True, since checking the response would decode it twice."""
        return True


class Calls(RESTStream[int]):
    """All calls."""

    name = "calls"
    path = "/api/v1/calls/"
    primary_keys = ("id",)
    records_jsonpath = "$.items[*]"
    schema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("id", th.IntegerType, required=True),
        th.Property("call_sid", th.StringType),
        th.Property("assistant_id", th.IntegerType),
        th.Property("assistant_name", th.StringType),
        th.Property("assistant_graph_name", th.StringType),
        th.Property("flow_name", th.StringType),
        th.Property("to_phone_number", th.StringType),
        th.Property("customer_phone_number", th.StringType),
        th.Property("status", th.StringType),
        th.Property("duration", th.IntegerType),
        th.Property("started_at", th.DateTimeType),
        th.Property("ended_at", th.DateTimeType),
        th.Property("call_meta", th.CustomType({"type": ["object", "null"]})),
        th.Property("total_cost", th.NumberType),
        th.Property("llm_cost", th.NumberType),
        th.Property("tts_cost", th.NumberType),
        th.Property("stt_cost", th.NumberType),
        th.Property("telephony_cost", th.NumberType),
        th.Property("cost_currency", th.StringType),
    ).to_dict()

    @property
    def url_base(self) -> str:
        """The base URL of the API."""
        return str(self.config["base_url"])

    @property
    def authenticator(self) -> BearerTokenAuthenticator:
        """A bearer token with the key."""
        return BearerTokenAuthenticator(token=self.config["api_key"])

    def get_new_paginator(self) -> OffsetPaginator:
        """Return a paginator of offsets."""
        return _Offset(start_value=0, page_size=self.config["page_size"])

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Return the request of a page."""
        request = super().get_http_request(page=page)
        request.params["skip"] = page.next_page_token or 0
        request.params["limit"] = self.config["page_size"]
        return request

    def parse_response(self, response: requests.Response) -> Iterable[dict[str, Any]]:
        """Yield the records of a page."""
        yield from extract_jsonpath(self.records_jsonpath, input=response.json(parse_float=Decimal))


class PlainTap(Tap):
    """Reads calls."""

    name = "tap-plain"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("base_url", th.StringType, required=True),
        th.Property("api_key", th.StringType, required=True, secret=True),
        th.Property("page_size", th.IntegerType, required=True),
    ).to_dict()

    def discover_streams(self) -> list[Calls]:
        """Return the only stream."""
        return [Calls(tap=self)]


if __name__ == "__main__":
    PlainTap.cli()
