"""Assistants, flows and phone numbers in the Burki API (source: its openapi.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.simulator.seeding import seeded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.call import Call
    from tap_voicecalls.simulator.people import Agent

SECRET = "planted-secret"  # noqa: S105 - made up, for tests to search for
"""The beginning of every secret inside an assistant."""

_MADE = "2025-12-01T08:00:00Z"


def assistants(calls: Iterable[Call]) -> list[Record]:
    """Return the assistants that the calls name, with secrets at several depths."""
    agents = {call.agent.number: call.agent for call in calls if call.agent}
    return [_assistant(agents[number]) for number in sorted(agents)]


def _assistant(agent: Agent) -> Record:
    rng = seeded(agent.number)
    return {
        "id": agent.number,
        "name": agent.name,
        "description": None,
        "is_active": True,
        "llm_provider": "openai",
        "llm_provider_config": {
            "api_key": f"{SECRET}-1",
            "base_url": f"https://user:{SECRET}-2@llm.example/v1?api-key={SECRET}-3",
            "model": "gpt-4o-mini",
            "custom_config": {"Headers": {"X-Custom": f"{SECRET}-4"}, "retries": 2},
        },
        "llm_settings": {"temperature": 0.4, "max_tokens": 300, "system_prompt": "Be brief."},
        "tts_settings": {
            "provider": "elevenlabs",
            "voice_id": "v-1",
            "provider_config": {"apiKey": f"{SECRET}-5"},
        },
        "webhook_url": f"https://hooks.example/burki?token={SECRET}-6",
        "api_keys": [{"vendor": "openai", "value": f"{SECRET}-7"}],
        "tools": [{"name": "crm", "auth": {"bearer_token": f"{SECRET}-8"}}],
        "total_calls": rng.randint(1, 900),
        "created_at": _MADE,
        "updated_at": None,
    }


def flows(calls: Iterable[Call]) -> list[Record]:
    """Return the flows."""
    first = min((call.agent.number for call in calls if call.agent), default=1)
    return [
        {
            "id": number,
            "organization_id": 1,
            "base_assistant_id": first,
            "name": name,
            "graph": {"nodes": [{"id": "start", "headers": {"x": f"{SECRET}-9"}}], "edges": []},
            "is_active": number > 1,
            "created_at": _MADE,
            "updated_at": _MADE,
        }
        for number, name in enumerate(("Triage → Billing", "Night desk"), start=1)
    ]


def phone_numbers(calls: Iterable[Call]) -> list[Record]:
    """Return the company's numbers that the calls used."""
    numbers = sorted({call.business_number for call in calls if call.business_number})
    return [
        {
            "id": index,
            "phone_number": number,
            "friendly_name": f"Line {index}",
            "provider": "twilio",
            "twilio_sid": f"PN{index:032}",
            "is_active": True,
            "capabilities": {"voice": True, "sms": False},
            "allowed_country_codes": ["US", "DE"],
            "assistant": {"id": 1, "name": "Night desk", "is_active": True},
            "flow": None,
            "created_at": _MADE,
            "updated_at": None,
        }
        for index, number in enumerate(numbers, start=1)
    ]
