"""ElevenLabs: the stream of its agents, read whole in each run.

Source: the Python SDK, types/agent_summary_response_model.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.times import time_of_seconds
from tap_voicecalls.streams.full_table import FullTableStream
from tap_voicecalls.streams.paging.page import Page, next_cursor
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.paged import PageContext


class ElevenLabsAgents(FullTableStream[str]):
    """The agents, also those without calls. Not selected by default: calls name their agent."""

    name = "elevenlabs_agents"
    path = "/v1/convai/agents"
    primary_keys = ("account", "agent_id")
    selected_by_default = False
    holds_secrets = True
    reference = Reference(
        endpoint="`GET /v1/convai/agents`",
        paging="opaque `cursor`, while `has_more`; pages of 100",
        time_filter="none: read whole in each run",
        order="not documented: sorted here",
        late_changes="everything",
    )
    page_size = 100  # the highest allowed `page_size`

    def get_http_request(self, *, page: PageContext[str]) -> HTTPRequest:
        """Request a page."""
        at = {} if page.token is None else {"cursor": page.token}
        return HTTPRequest(self.path, params={"page_size": self.page_size, **at})

    def parse_page(self, answer: Answer, *, page: PageContext[str]) -> Page:  # noqa: ARG002 - all alike
        """Read ``{"agents": […], "has_more": true, "next_cursor": "…"}``."""
        following = next_cursor(answer.get, "next_cursor", has_more="has_more")
        return Page(answer.records("agents"), next=following)

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the times as timestamps."""
        for name, seconds in (
            ("created_at", record.created_at_unix_secs),
            ("last_call_at", record.last_call_time_unix_secs),
        ):
            if seconds is not None:
                setattr(record, name, time_of_seconds(seconds))
