"""Retell: the recordings of a call.

Source: Retell's Python SDK 5.60.0, phone_call_response.py: signed links expire after 24 hours, and
each response has new ones. An account that stores no personal data has scrubbed recordings only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.recording import Recording
from tap_voicecalls.providers.retell.call_details import RetellCallDetails
from tap_voicecalls.providers.retell.calls import RECORDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.recordings.fetching import Ask
    from tap_voicecalls.records.record_type import Record

_MULTI_CHANNEL, _SCRUBBED = "multi_channel", "scrubbed"
_NAMES = ("0", _MULTI_CHANNEL, _SCRUBBED, f"{_SCRUBBED}_{_MULTI_CHANNEL}")
_FIELDS: Mapping[str, str] = dict(zip(_NAMES, RECORDINGS, strict=True))


def _links_of(record: Record) -> dict[str, str]:
    """Return the links of a call's recordings by name; scrubbed ones if there are no others."""
    links = {name: link for name, field in _FIELDS.items() if (link := getattr(record, field))}
    return {n: link for n, link in links.items() if not n.startswith(_SCRUBBED)} or links


def recordings(record: Record) -> list[Recording]:
    """Make the recordings of a call."""
    return [
        Recording(
            call_id=record.call_id,
            recording=name,
            call_started_at=record.started_at,
            url=link,
            channels=2 if name.endswith(_MULTI_CHANNEL) else None,
        )
        for name, link in _links_of(record).items()
    ]


def fresh_link(recording: Recording, ask: Ask) -> str | None:
    """Request a call again, whose links have expired."""
    path = RetellCallDetails.path.format(quote(recording.call_id or "", safe=""))
    link = ask(HTTPRequest(path)).get(_FIELDS[recording.recording])
    return link if isinstance(link, str) and link else None
