"""Telnyx: the stream of AI assistants.

Source: developers.telnyx.com/api-reference/assistants/list-assistants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.streams.full_table import FullTableStream
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer


class TelnyxAiAssistants(FullTableStream):
    """The assistants of the account; names of keys and tokens inside them are removed."""

    name = "telnyx_ai_assistants"
    path = "/ai/assistants"
    primary_keys = ("account", "id")
    holds_secrets = True
    reference = Reference(
        endpoint="`GET /ai/assistants`",
        paging="none: one array",
        time_filter="none: read whole in each run",
        order="not documented: sorted here",
        late_changes="everything",
    )

    def get_http_request(self, skip: int, cursor: str | None) -> HTTPRequest:  # noqa: ARG002 - there are no pages
        """Request the list."""
        return HTTPRequest(self.path)

    def parse_page(self, answer: Answer) -> Page:
        """Read ``{"data": […]}``."""
        return Page(answer.records("data"))
