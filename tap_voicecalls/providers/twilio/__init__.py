"""Twilio: calls of its Programmable Voice API, and of those that speak the same form.

Source: Twilio's OpenAPI document twilio_api_v2010, and twilio.com/docs/voice/api/call-resource.
SignalWire's compatibility API and Telnyx's TeXML calls have the same lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_voicecalls.http.auth import BearerAuth, HTTPBasicAuth
from tap_voicecalls.providers.base import Provider
from tap_voicecalls.providers.twilio.calls import CALL_SOURCES, costs, normalize
from tap_voicecalls.providers.twilio.streams import TwilioCalls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.http.auth import AuthBase

_TOO_MANY = 20429

__all__ = ["Twilio", "TwilioCalls", "normalize"]


class Twilio(Provider):
    """Twilio."""

    name = "twilio"
    label = "Twilio"
    title = "Twilio Programmable Voice"
    base_url = "https://api.twilio.com/2010-04-01"
    secrets = ("account_sid", "auth_token", "api_key_sid", "api_key_secret", "bearer_token")
    key_sets = (
        ("account_sid", "auth_token"),
        ("account_sid", "api_key_sid", "api_key_secret"),
        ("account_sid", "bearer_token"),
    )
    # It limits how many requests are open, and names no number.
    most_at_once = 4
    streams = calls_from = (TwilioCalls,)
    costs_from: ClassVar = {TwilioCalls: costs}
    normalize = staticmethod(normalize)
    call_sources = CALL_SOURCES
    settings = (
        th.Property(
            "calls_path",
            th.StringType(min_length=1),
            default="/Accounts/{account_sid}/Calls.json",
            description="The path of the list below `base_url`. For Telnyx's TeXML calls: "
            "`/Accounts/{account_sid}/Calls`, with `bearer_token`.",
        ),
    )

    @classmethod
    def auth(cls, settings: Mapping[str, Any]) -> AuthBase:
        """Authenticate by a Bearer token, an API key, or the account's token."""
        *_, user, key = cls.keys_of(settings)
        if key == "bearer_token":
            return BearerAuth(settings[key])
        return HTTPBasicAuth(settings[user], settings[key])

    @classmethod
    def is_too_many_at_once(cls, answer: Any) -> bool:  # noqa: ANN401 - JSON is any value
        """Read ``{"code": 20429}``: Twilio limits how many requests are open, not their rate."""
        return isinstance(answer, dict) and answer.get("code") == _TOO_MANY

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Read ``{"code": 20003, "message": "…", "status": 401}``."""
        match answer:
            case {"code": int(code), "message": str(title)}:
                return f"{code} {title}"
            case _:
                return ""
