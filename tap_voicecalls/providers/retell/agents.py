"""Retell: the stream of its agents, read whole in each run.

Source: Retell's TypeScript SDK, resources/agent.ts: each agent once, in its latest version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.times import time_of_millis
from tap_voicecalls.providers.retell.call_list import next_key
from tap_voicecalls.streams.full_table import FullTableStream
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.paged import PageContext


class RetellAgents(FullTableStream[str]):
    """The agents, also those without calls. Not selected by default: calls name their agent."""

    name = "retell_agents"
    path = "/v2/list-agents"
    primary_keys = ("account", "agent_id")
    selected_by_default = False
    holds_secrets = True
    reference = Reference(
        endpoint="`POST /v2/list-agents`",
        paging="opaque `pagination_key`, while `has_more`; pages of 1000",
        time_filter="none: read whole in each run",
        order="not documented: sorted here",
        late_changes="everything",
    )
    page_size = 1000

    def get_http_request(self, *, page: PageContext[str]) -> HTTPRequest:
        """Request a page; what pages is in the query, and the filter in the body."""
        at = {} if page.token is None else {"pagination_key": page.token}
        return HTTPRequest(
            self.path, method="POST", params={"limit": self.page_size, **at}, data={}
        )

    def parse_page(self, answer: Answer, *, page: PageContext[str]) -> Page:  # noqa: ARG002 - all alike
        """Read ``{"items": […], "has_more": true, "pagination_key": "…"}``."""
        return Page(answer.records("items"), next=next_key(answer))

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the time of the last change as a timestamp."""
        if record.user_modified_timestamp is not None:
            record.modified_at = time_of_millis(record.user_modified_timestamp)
