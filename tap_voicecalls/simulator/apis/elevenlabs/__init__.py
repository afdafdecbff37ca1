"""The ElevenLabs Agents API (source: its Python SDK at 54e5899, conversational_ai/conversations).

GET `/v1/convai/conversations` filters by the start in whole seconds, newest first; the last page
has a cursor as well. GET `/v1/convai/conversations/{id}` adds what was said and what it cost, which
comes some time after the end. The key is in a header of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_voicecalls.simulator.api import Api, Record
from tap_voicecalls.simulator.apis.elevenlabs.records import (
    agents,
    details,
    is_chat,
    item,
    key_of,
    seconds,
)
from tap_voicecalls.simulator.call import Call, Profile
from tap_voicecalls.simulator.messages import Incoming, Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_voicecalls.simulator.api import Handler

_DEFAULT_SIZE = 30
_LARGEST_SIZE = 100
_CURSOR = "after-"


class ElevenLabs(Api):
    """Simulated ElevenLabs Agents API.

    Options: `elevenlabs_inclusive` says whether the filter includes its ends. With
    `elevenlabs_text_chats` some conversations are text chats. `elevenlabs_fiat` says whether costs
    are told in money.
    """

    name = "elevenlabs"
    streams = ("elevenlabs_conversations", "elevenlabs_conversation_details", "elevenlabs_agents")
    page_size = _LARGEST_SIZE
    lists_running = True
    never = frozenset({"redirect-same"})  # clients are told not to follow any
    list_field, paging_fields = "conversations", ("cursor",)
    cursor_fields: ClassVar = ("next_cursor",)
    next_page_fields: ClassVar[Mapping[str, object]] = {"has_more": True}
    profile = Profile(channels={"phone": 60, "web": 40}, agentless_share=0.0)
    options: ClassVar[Mapping[str, object]] = {
        "elevenlabs_inclusive": True,
        "elevenlabs_text_chats": False,
        "elevenlabs_fiat": True,
    }
    call_fields: ClassVar[Mapping[str, str]] = {
        "call_id": "conversation_id",
        "provider_status": "status",
        "started_at": "started_at",
    }

    def admit(self, incoming: Incoming) -> None:
        """Refuse a request without the right key."""
        if incoming.headers.get("xi-api-key") != self.api_key:
            raise self.refusal(401, "Invalid API key")

    def routes(self) -> Mapping[str, Handler]:
        """Return all endpoints."""
        base = "GET /v1/convai/conversations"
        return {
            base: self._list,
            f"{base}/{{id}}": self._get,
            f"{base}/{{id}}/audio": self._audio,
            "GET /v1/convai/agents": self._agents,
        }

    def error_body(self, status: int, detail: str) -> object:
        """Return an error body; a 429 says which limit was reached."""
        word = {401: "invalid_api_key", 429: "system_busy"}.get(status, "error")
        return {"detail": {"status": word, "message": detail}}

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return every conversation, or agent."""
        del narrow
        if stream == "elevenlabs_agents":
            return [self.as_sent(stream, one) for one in agents(self.calls(self.now()))]
        return [self._sent(stream, call) for call in self.calls(self.now())]

    def _list(self, incoming: Incoming) -> Response:
        after = self._number(incoming, "call_start_after_unix", 0)
        before = self._number(incoming, "call_start_before_unix", 1 << 40)
        inclusive = bool(self.shared.options["elevenlabs_inclusive"])
        lower, upper = after + (not inclusive), before + inclusive
        calls = [call for call in self.calls(self.now()) if lower <= seconds(call.start) < upper]
        if (wanted := incoming.first("text_only")) is not None:
            if wanted not in {"true", "false"}:
                raise self.refusal(422, "text_only")
            has_chats = bool(self.shared.options["elevenlabs_text_chats"])
            is_wanted = wanted == "true"
            calls = [call for call in calls if is_chat(call, has_chats=has_chats) == is_wanted]
        found = sorted(calls, key=lambda call: (seconds(call.start), call.key), reverse=True)
        size = self._number(incoming, "page_size", _DEFAULT_SIZE)
        if not 1 <= size <= _LARGEST_SIZE:
            raise self.refusal(422, "page_size")
        size, start = self.page_limit(size), self._position(incoming, found)
        page = [] if self.is_emptied(start // size + 1) else found[start : start + size]
        last = found[min(start + size, len(found)) - 1] if found else None
        body = {
            "conversations": [self._sent("elevenlabs_conversations", call) for call in page],
            "has_more": len(found) > start + size,
            "next_cursor": f"{_CURSOR}{last.key}" if last else None,
        }
        return Response(200, body)

    def _position(self, incoming: Incoming, found: Sequence[Call]) -> int:
        cursor = incoming.first("cursor")
        if cursor is None:
            return 0
        names = [f"{_CURSOR}{call.key}" for call in found]
        if cursor not in names:
            raise self.refusal(400, "Invalid cursor")
        return names.index(cursor) + 1

    def _agents(self, incoming: Incoming) -> Response:
        size = self._number(incoming, "page_size", _DEFAULT_SIZE)
        if not 1 <= size <= _LARGEST_SIZE:
            raise self.refusal(422, "page_size")
        found, start = self.records("elevenlabs_agents"), self._number(incoming, "cursor", 0)
        size = self.page_limit(size)
        more = start + size < len(found)
        body = {"agents": found[start : start + size], "has_more": more}
        return Response(200, body | {"next_cursor": str(start + size)})

    def _number(self, incoming: Incoming, name: str, default: int) -> int:
        text = incoming.first(name)
        if text is not None and not text.isdecimal():
            raise self.refusal(422, name)
        return default if text is None else int(text)

    def _get(self, incoming: Incoming, name: str) -> Response:
        del incoming
        return Response(200, self._sent("elevenlabs_conversation_details", self._found(name)))

    def _audio(self, incoming: Incoming, name: str) -> Response:
        del incoming
        self._found(name)
        return Response(200, b"ID3", {"Content-Type": "audio/mpeg"})

    def _found(self, name: str) -> Call:
        found = [call for call in self.calls(self.now()) if key_of(call) == name]
        if not found:
            raise self.refusal(404, "Conversation not found")
        return found[0]

    def _sent(self, stream: str, call: Call) -> Record:
        now, options = self.now(), self.shared.options
        has_chats = bool(options["elevenlabs_text_chats"])
        if stream == "elevenlabs_conversations":
            record = item(call, now, has_chats=has_chats)
        else:
            has_fiat = bool(options["elevenlabs_fiat"])
            record = details(call, now, has_chats=has_chats, has_fiat=has_fiat)
        return self.as_sent(stream, record, "metadata")
