"""Telnyx: the stream of AI assistants.

Source: developers.telnyx.com/api-reference/assistants/list-assistants.
"""

from __future__ import annotations

from tap_voicecalls.streams.full_table import FullTableStream
from tap_voicecalls.streams.reference import Reference


class TelnyxAiAssistants(FullTableStream[None]):
    """The assistants of the account; names of keys and tokens inside them are removed."""

    name = "telnyx_ai_assistants"
    path = "/ai/assistants"
    primary_keys = ("account", "id")
    holds_secrets = True
    records_field = "data"
    reference = Reference(
        endpoint="`GET /ai/assistants`",
        paging="none: one array",
        time_filter="none: read whole in each run",
        order="not documented: sorted here",
        late_changes="everything",
    )
