"""AI assistants, their conversations, and recordings in the Telnyx API.

Sources: developers.telnyx.com/api-reference/conversations, /assistants and /call-recordings.
"""

from __future__ import annotations

from abc import ABC
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from tap_voicecalls.simulator.api import iso, parsed
from tap_voicecalls.simulator.apis.telnyx.conversations import (
    Conversation,
    all_conversations,
    control_id,
    conversation_record,
    has_assistant,
    insights,
)
from tap_voicecalls.simulator.apis.telnyx.lists import Lists
from tap_voicecalls.simulator.apis.telnyx.records import legs
from tap_voicecalls.simulator.messages import Incoming, Response
from tap_voicecalls.simulator.seeding import seeded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_voicecalls.simulator.api import Handler, Record
    from tap_voicecalls.simulator.call import Call
    from tap_voicecalls.simulator.people import Agent

SECRET = "planted-telnyx"  # noqa: S105 - made up, for tests to search for
"""The beginning of every secret inside an assistant."""

_LARGEST_MESSAGES = 100
_LARGEST_RECORDINGS = 250
_DEFAULT_LIMIT = 20
_MADE = "2025-12-01T08:00:00Z"
_FIRST = datetime.min.replace(tzinfo=UTC)


class AssistantsApi(Lists, ABC):
    """The endpoints that belong to AI assistants, and recordings.

    Options: `telnyx_session_in_metadata` is whether a conversation names the session of its call.
    With `telnyx_newest_message_first` messages are in that order. `telnyx_refused_details` is the
    status of refused messages and insights, by their path.
    """

    own_streams: ClassVar[tuple[str, ...]] = (
        "telnyx_recordings",
        "telnyx_ai_conversations",
        "telnyx_ai_messages",
        "telnyx_ai_insights",
        "telnyx_ai_assistants",
    )
    own_options: ClassVar[Mapping[str, object]] = {
        "telnyx_session_in_metadata": True,
        "telnyx_newest_message_first": False,
        "telnyx_refused_details": {},
    }

    def routes(self) -> Mapping[str, Handler]:
        """Return the endpoints of assistants and recordings."""
        one = "GET /v2/ai/conversations/{id}"
        return {
            "GET /v2/recordings": self._recordings,
            "GET /v2/recordings/{id}": self._recording_by_id,
            "GET /v2/ai/conversations": self._conversations,
            f"{one}/messages": self._messages,
            f"{one}/conversations-insights": self._insights,
            "GET /v2/ai/assistants": self._assistants,
        }

    def own_records(self, stream: str) -> list[Record]:
        """Return every record of a stream of this part of the API."""
        now = self.now()
        if stream == "telnyx_recordings":
            return [self._recording(call) for call in self._recorded_calls(now)]
        if stream == "telnyx_ai_assistants":
            return self._all_assistants(now)
        found = self._listed(now)
        if stream == "telnyx_ai_conversations":
            return [self._conversation(one) for one in found]
        is_said = stream == "telnyx_ai_messages"
        return [
            {"conversation_id": one.key, **({"position": position} if is_said else {}), **record}
            for one in found
            for position, record in enumerate(self._beside(stream, one, now))
        ]

    def _conversations(self, incoming: Incoming) -> Response:
        now = self.now()
        found = self._listed(now)
        if key := incoming.first("id"):
            found = [one for one in found if key == f"eq.{one.key}"]
        if text := incoming.first("last_message_at"):
            since = parsed(text.removeprefix("gte."))
            if not text.startswith("gte.") or since is None:
                raise self.refusal(400, "last_message_at must be gte and a time.")
            found = [one for one in found if one.last >= since]
        if incoming.first("order") not in {None, "last_message_at.asc"}:
            raise self.refusal(400, "order is not supported by this simulator.")
        limit = self.page_limit(self.number(incoming, "limit", _DEFAULT_LIMIT, None))
        return Response(200, {"data": [self._conversation(one) for one in found[:limit]]})

    def _messages(self, incoming: Incoming, key: str) -> Response:
        one = self._found(incoming, key)
        records = self._beside("telnyx_ai_messages", one, self.now())
        if self.shared.options["telnyx_newest_message_first"]:
            records.reverse()
        page, meta = self.page(incoming, records, _LARGEST_MESSAGES)
        return Response(200, {"data": page, "meta": meta})

    def _insights(self, incoming: Incoming, key: str) -> Response:
        one = self._found(incoming, key)
        records = self._beside("telnyx_ai_insights", one, self.now())
        page, meta = self.page(incoming, records, _LARGEST_MESSAGES)
        return Response(200, {"data": page, "meta": meta})

    def _assistants(self, incoming: Incoming) -> Response:
        del incoming
        return Response(200, {"data": self._all_assistants(self.now())})

    def _recordings(self, incoming: Incoming) -> Response:
        now = self.now()
        since = self.time(incoming, "filter[created_at][gte]")
        until = self.time(incoming, "filter[created_at][lte]")
        found = [
            call
            for call in self._recorded_calls(now)
            if (since or _FIRST) <= _stored(call) <= (until or now)
        ]
        page, meta = self.page(incoming, found, _LARGEST_RECORDINGS)
        return Response(200, {"data": [self._recording(call) for call in page], "meta": meta})

    def _recording_by_id(self, incoming: Incoming, key: str) -> Response:
        del incoming
        for call in self._recorded_calls(self.now()):
            if call.key == key:
                return Response(200, {"data": self._recording(call)})
        raise self.refusal(404, "No such recording.")

    def _listed(self, now: datetime) -> list[Conversation]:
        """Return the conversations of listed calls whose latest message was written by now."""
        found = self.derived("conversations", all_conversations)
        return [one for one in found if one.last <= now and one.call.listed(now)]

    def _found(self, incoming: Incoming, key: str) -> Conversation:
        refused = self.shared.options["telnyx_refused_details"]
        if isinstance(refused, dict) and (status := refused.get(incoming.path)):
            raise self.refusal(status, "Not available.")
        for one in self._listed(self.now()):
            if one.key == key:
                return one
        raise self.refusal(404, "No such conversation.")

    def _beside(self, stream: str, one: Conversation, now: datetime) -> list[Record]:
        is_said = stream == "telnyx_ai_messages"
        made = [dict(said) for said in one.messages] if is_said else insights(one, now)
        return [self.as_sent(stream, record) for record in made]

    def _conversation(self, one: Conversation) -> Record:
        with_session = bool(self.shared.options["telnyx_session_in_metadata"])
        record = conversation_record(one, with_session=with_session)
        return self.as_sent("telnyx_ai_conversations", record, "metadata")

    def _recorded_calls(self, now: datetime) -> list[Call]:
        found = self.derived("recorded calls", _by_storage)
        return [call for call in found if call.listed(now) and _stored(call) <= now]

    def _recording(self, call: Call) -> Record:
        return self.as_sent("telnyx_recordings", _recording(call), "download_urls")

    def _all_assistants(self, now: datetime) -> list[Record]:
        agents = {call.agent.number: call.agent for call in self.calls(now) if call.agent}
        made = (_assistant(agents[number]) for number in sorted(agents))
        return [self.as_sent("telnyx_ai_assistants", record) for record in made]


def _by_storage(calls: Sequence[Call]) -> list[Call]:
    return sorted(filter(has_assistant, calls), key=lambda call: (_stored(call), call.key))


def _stored(call: Call) -> datetime:
    return call.end + timedelta(seconds=5)


def _recording(call: Call) -> Record:
    ids = legs(seeded(call.seed))
    link = f"https://recordings.telnyx.example/{call.key}.mp3"
    signed = f"{link}?X-Amz-Date={call.end:%Y%m%dT%H%M%SZ}&X-Amz-Expires=600&X-Amz-Signature=0"
    return {
        "record_type": "recording",
        "id": call.key,
        "call_session_id": ids["telnyx_session_id"],
        "call_leg_id": ids["telnyx_leg_id"],
        "call_control_id": control_id(call),
        "connection_id": "1714155612345678901",
        "channels": "dual" if call.seed % 2 else "single",
        "source": "call",
        "status": "completed",
        "from": call.from_number,
        "to": call.to_number,
        "recording_started_at": iso(call.start),
        "recording_ended_at": iso(call.end),
        "duration_millis": int(call.duration * 1000),
        "download_urls": {"mp3": signed},
        "created_at": iso(_stored(call), "microseconds"),
        "updated_at": iso(_stored(call), "microseconds"),
    }


def _assistant(agent: Agent) -> Record:
    return {
        "id": f"assistant-{agent.key}",
        "name": agent.name,
        "created_at": _MADE,
        "version_id": str(agent.version),
        "model": "openai/gpt-4o",
        "instructions": "Be brief.",
        "greeting": "Hello!",
        "tags": ["front desk"],
        "enabled_features": ["telephony"],
        "llm_api_key_ref": f"{SECRET}-1",
        "voice_settings": {"voice": "Telnyx.KokoroTTS.af", "api_key_ref": f"{SECRET}-2"},
        "external_llm": {
            "base_url": f"https://user:{SECRET}-3@llm.example/v1?key={SECRET}-4",
            "llm_api_key_ref": f"{SECRET}-5",
            "model": "own",
        },
        "observability_settings": {"secret_key_ref": f"{SECRET}-6", "status": "enabled"},
        "tools": [
            {
                "type": "webhook",
                "webhook": {
                    "name": "crm",
                    "url": f"https://crm.example/find?api_key={SECRET}-7",
                    "headers": [{"name": "Authorization", "value": f"Bearer {SECRET}-8"}],
                },
            }
        ],
    }
