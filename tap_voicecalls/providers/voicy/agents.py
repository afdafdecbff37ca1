"""Voicy: the stream of its agents, read whole in each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.streams.full_table import FullTableStream
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer


class VoicyAgents(FullTableStream):
    """The agents, in one array.

    Calls name their agent without its id. Listing the calls once for each agent would tell the id,
    for as many more requests as there are agents, at 60 a minute. So it is not done: the names join
    the two.
    """

    name = "voicy_agents"
    path = "/agent-list"
    primary_keys = ("account", "agent_id")
    holds_secrets = True
    reference = Reference(
        endpoint="`GET /agent-list`",
        paging="none: one array",
        time_filter="none: read whole in each run",
        order="not documented: sorted here",
        late_changes="everything",
    )

    def get_http_request(self, skip: int, cursor: str | None) -> HTTPRequest:  # noqa: ARG002 - there are no pages
        """Request all agents."""
        return HTTPRequest(self.path)

    def parse_page(self, answer: Answer) -> Page:
        """Read the bare array."""
        return Page(answer.records("agents"))
