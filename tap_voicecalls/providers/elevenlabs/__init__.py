"""ElevenLabs Agents: conversations with voice agents.

Source: the Python SDK elevenlabs at 54e5899, conversational_ai/conversations, and
elevenlabs.io/docs/api-reference/conversations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from tap_voicecalls.http.auth import HeaderAuth
from tap_voicecalls.providers.base import Provider
from tap_voicecalls.providers.elevenlabs.agents import ElevenLabsAgents
from tap_voicecalls.providers.elevenlabs.calls import CALL_SOURCES, normalize
from tap_voicecalls.providers.elevenlabs.conversation_details import ElevenLabsConversationDetails
from tap_voicecalls.providers.elevenlabs.conversations import ElevenLabsConversations
from tap_voicecalls.providers.elevenlabs.costs import costs
from tap_voicecalls.providers.elevenlabs.turns import recordings, turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.recording import Recording
    from tap_voicecalls.http.auth import AuthBase

__all__ = [
    "ElevenLabs",
    "ElevenLabsAgents",
    "ElevenLabsConversationDetails",
    "ElevenLabsConversations",
    "normalize",
]


# elevenlabs.io/docs/eleven-api/resources/errors: older responses have a status, newer ones a code.
_TOO_MANY_AT_ONCE = {"too_many_concurrent_requests", "concurrent_limit_exceeded"}


class ElevenLabs(Provider):
    """ElevenLabs Agents. Accounts with data residency have another `base_url`."""

    name = "elevenlabs"
    label = "ElevenLabs"
    title = "ElevenLabs Agents"
    base_url = "https://api.elevenlabs.io"
    # elevenlabs.io/docs/eleven-api/resources/errors: a redirect must not be sent the key.
    follows_redirects = False
    streams = (ElevenLabsConversations, ElevenLabsConversationDetails, ElevenLabsAgents)
    calls_from = (ElevenLabsConversationDetails, ElevenLabsConversations)
    turns_from: ClassVar = {ElevenLabsConversationDetails: turns}
    costs_from: ClassVar = {ElevenLabsConversationDetails: costs}
    recordings_from: ClassVar = {ElevenLabsConversationDetails: recordings}
    normalize = staticmethod(normalize)
    call_sources = CALL_SOURCES

    @classmethod
    def auth(cls, settings: Mapping[str, Any]) -> AuthBase:
        """Send the key in the header `xi-api-key`."""
        return HeaderAuth("xi-api-key", settings["api_key"])

    @staticmethod
    def recording_path(recording: Recording) -> str:
        """Return the path of a conversation's recording, which has no link."""
        return f"/v1/convai/conversations/{quote(str(recording.call_id), safe='')}/audio"

    @classmethod
    def is_too_many_at_once(cls, answer: Any) -> bool:  # noqa: ANN401 - JSON is any value
        """Read ``{"detail": {"status": "too_many_concurrent_requests"}}``; others are overload."""
        match answer:
            case {"detail": {"status": str(word)} | {"code": str(word)}}:
                return word in _TOO_MANY_AT_ONCE
            case _:
                return False

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Read ``{"detail": {"status": "…", "message": "…"}}``, or the list of a 422."""
        match answer:
            case {
                "detail": {"status": str(word), "message": str(title)}
                | {"code": str(word), "message": str(title)}
            }:
                return f"{word}: {title}"
            case {"detail": [{"loc": [*place], "type": str(kind)}, *_]}:
                return f"{kind} at {'.'.join(map(str, place))}"
            case {"detail": str(title)}:
                return title
            case _:
                return ""
