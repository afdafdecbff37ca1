"""The registry of providers: one line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.providers.burki import Burki
from tap_voicecalls.providers.elevenlabs import ElevenLabs
from tap_voicecalls.providers.ovia import Ovia
from tap_voicecalls.providers.retell import Retell
from tap_voicecalls.providers.telnyx import Telnyx
from tap_voicecalls.providers.twilio import Twilio
from tap_voicecalls.providers.vapi import Vapi
from tap_voicecalls.providers.voicy import Voicy
from tap_voicecalls.providers.vonage import Vonage

if TYPE_CHECKING:
    from tap_voicecalls.providers.base import Provider

PROVIDERS: tuple[type[Provider], ...] = (
    Vonage,
    Voicy,
    Telnyx,
    Burki,
    Ovia,
    Twilio,
    Vapi,
    Retell,
    ElevenLabs,
)
