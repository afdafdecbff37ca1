"""Voicy: the stream of its agents, read whole in each run."""

from __future__ import annotations

from tap_voicecalls.streams.full_table import FullTableStream
from tap_voicecalls.streams.reference import Reference


class VoicyAgents(FullTableStream[None]):
    """The agents, in one array.

    Calls name their agent without its id. Listing the calls once for each agent would tell the id,
    for as many more requests as there are agents, at 60 a minute. So it is not done: the names join
    the two.
    """

    name = "voicy_agents"
    path = "/agent-list"
    primary_keys = ("account", "agent_id")
    holds_secrets = True
    records_field = "agents"  # for an error line: the response is the bare array
    reference = Reference(
        endpoint="`GET /agent-list`",
        paging="none: one array",
        time_filter="none: read whole in each run",
        order="not documented: sorted here",
        late_changes="everything",
    )
