"""Made-up rows of the stream `calls`: always the same, with all that is awkward to show."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from registry import schema_of

if TYPE_CHECKING:
    from pathlib import Path

Call = dict[str, Any]

SCRIPT = "<script>alert(1)</script>"
BREAKS_OUT = 'sip:"><img src=x onerror=alert(2)>@pbx.example.com'
START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 9
# More calls by day than by night, in the hours from 0 to 23.
RHYTHM = [1, 1, 0, 0, 0, 1, 2, 5, 9, 12, 11, 9, 7, 9, 12, 11, 8, 6, 4, 3, 2, 2, 1, 1]
VOCABULARIES = ("end_reason", "ended_by", "answered_by", "sentiment")
SAID = (
    "No, thank you. Bye!",
    "Let me speak to a *human*!",
    "A human, please…",
    "Überhaupt nicht. A HUMAN!",
    None,
    "Thank you, please call again.",
)
STATUSES = ["completed"] * 14 + ["no_answer"] * 3 + ["failed", "busy", "canceled", "unknown"]


class Provider(NamedTuple):
    """What the calls of a provider are like."""

    stream: str
    channel: str
    per_minute: Decimal
    currencies: tuple[str | None, ...] = ("USD",)
    agents: tuple[tuple[str | None, str | None], ...] = ((None, None),)
    parts: tuple[int, ...] = ()


PROVIDERS = {
    "vonage": Provider("vonage_voice_reports", "phone", Decimal("0.0139"), ("EUR", "USD")),
    "voicy": Provider(
        "voicy_calls",
        "web",
        Decimal("0.085"),
        agents=(("agent_1", "Reception"), ("agent_2", SCRIPT)),
        parts=(5, 3, 1, 1),
    ),
    "telnyx": Provider("telnyx_detail_records", "sip", Decimal("0.012")),
    "burki": Provider(
        "burki_calls",
        "phone",
        Decimal("0.1071"),
        agents=(("12", "Night desk"), ("13", None), ("14", "Orders")),
        parts=(4, 2, 1, 1),
    ),
    "ovia": Provider(
        "ovia_calls",
        "phone",
        Decimal("0.064"),
        currencies=(None,),
        agents=((None, "Dentist's front desk"),),
        parts=(3, 3, 2, 2),
    ),
}


def numbers(rng: random.Random, provider: str) -> tuple[str | None, str]:
    """Return a customer's number, unknown now and then, and one of the provider's three lines."""
    withheld = rng.random() < 0.05
    area = rng.choice(["303", "415", "512", "617"])
    customer = None if withheld else f"+1{area}5550{rng.randrange(100, 200)}"
    line = f"+12125550{100 + 10 * list(PROVIDERS).index(provider) + rng.randrange(3)}"
    return customer, line


def costs(rng: random.Random, provider: Provider, seconds: Decimal) -> Call:
    """Return what a call cost, and its parts where the provider tells them."""
    price = provider.per_minute * rng.randrange(80, 120) / 100
    cost = (price * seconds / 60).quantize(Decimal("0.00000001"))
    names = ("cost_llm", "cost_tts", "cost_stt", "cost_telephony")
    parts = dict.fromkeys(names) | {
        name: cost * tenths / 10 for name, tenths in zip(names, provider.parts, strict=False)
    }
    return {"cost": cost, **parts, "currency": rng.choice(provider.currencies)}


def call(rng: random.Random, name: str, number: int) -> Call:
    """Make one call of a provider, somewhere in the nine days."""
    provider = PROVIDERS[name]
    hour = rng.choices(range(24), RHYTHM)[0]
    started = START + timedelta(
        days=rng.randrange(DAYS), hours=hour, microseconds=rng.randrange(3_600_000_000)
    )
    status = rng.choice(STATUSES)
    direction = rng.choice(["inbound", "inbound", "outbound"])
    customer, line = numbers(rng, name)
    agent_id, agent_name = rng.choice(provider.agents)
    talked = rng.expovariate(1 / 150) if status == "completed" else 0
    seconds = Decimal(f"{talked:.3f}")
    return {
        **dict.fromkeys(schema_of("calls")["properties"]),
        "provider": name,
        "account": "default",
        "call_id": f"{name}-{number}",
        "stream": provider.stream,
        "direction": direction,
        "status": status,
        "provider_status": status.upper(),
        "channel": provider.channel,
        "from_number": customer if direction == "inbound" else line,
        "from_withheld": customer is None if direction == "inbound" else False,
        "to_number": line if direction == "inbound" else customer,
        "agent_id": agent_id,
        "agent_name": agent_name,
        "started_at": stamp(started),
        "ended_at": stamp(started + timedelta(seconds=float(seconds))),
        "duration_seconds": seconds,
        **costs(rng, provider, seconds),
        "has_recording": rng.choice([True, False, None]),
        "has_transcript": rng.choice([True, False, None]),
        **dict.fromkeys(VOCABULARIES, "unknown"),
        **end_of(name, number, status),
    }


def end_of(provider: str, number: int, status: str) -> Call:
    """Return how a call ended, and what is said of its quality; some providers tell neither."""
    if provider not in {"voicy", "burki"}:
        return {}
    hung_up = status == "completed" and number % 3 == 0
    ended = {"end_reason": "caller_hangup", "ended_by": "caller"} if hung_up else {}
    return ended | {
        "successful": status == "completed" and number % 4 > 0 if provider == "voicy" else None,
        "response_seconds": Decimal(number % 37) / 20 if number % 5 else None,
    }


def turns(final: list[Call]) -> list[Call]:
    """Return what is said in the completed calls of Voicy, with a turn of an older reading."""
    said = []
    for call in final:
        if call["provider"] == "voicy" and call["status"] == "completed":
            number = int(call["call_id"].rpartition("-")[2])
            phrases = ("Hello?", SAID[number % len(SAID)], "Anything else?", SAID[number % 4])
            said += [_turn(call, place, text, number) for place, text in enumerate(phrases)]
            call["turns"] = 3
    return said


def _turn(call: Call, place: int, text: str | None, number: int) -> Call:
    is_agent = place % 2 == 0
    return {
        **dict.fromkeys(schema_of("call_turns")["properties"]),
        **{name: call[name] for name in ("provider", "account", "call_id")},
        "turn": place,
        "role": "agent" if is_agent else "caller",
        "text": text,
        "response_seconds": Decimal(number % 41) / 25 if is_agent and place else None,
    }


def stamp(time: datetime) -> str:
    """Write a time as the tap does."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def awkward() -> list[Call]:
    """Return calls with nothing but what must be told, one under way, and odd callers."""
    bare = dict.fromkeys(call(random.Random(0), "burki", 0))  # noqa: S311 - made-up calls
    bare |= {"account": "second", "direction": "unknown", "status": "unknown", "channel": "unknown"}
    bare |= dict.fromkeys(VOCABULARIES, "unknown")
    timed = bare | {"started_at": stamp(START + timedelta(days=2))}
    markup = timed | {"direction": "inbound", "from_number": BREAKS_OUT}
    on_no_line = timed | {"direction": "inbound", "from_number": "+12065550142"}
    running = {"status": "in_progress", "agent_id": "12"}
    free = {"cost": Decimal(0), "currency": "GBP", "duration_seconds": Decimal(0)}
    return [
        bare | {"provider": "telnyx", "call_id": "bare"},
        timed | {"provider": "burki", "call_id": "running"} | running,
        timed | {"provider": "vonage", "call_id": "free"} | free,
        markup | {"provider": "vonage", "call_id": "markup-1", "to_number": "+12025550100"},
        markup | {"provider": "telnyx", "call_id": "markup-2", "to_number": "+12025550120"},
        on_no_line | {"provider": "voicy", "call_id": "no-line-1"},
        on_no_line | {"provider": "ovia", "call_id": "no-line-2"},
    ]


def calls(count: int = 600, seed: int = 1) -> list[Call]:
    """Return the calls as they are in the end, each once."""
    rng = random.Random(seed)  # noqa: S311 - made-up calls
    made = [call(rng, rng.choice(list(PROVIDERS)), number) for number in range(count)]
    return made + awkward()


def as_first_read(final: Call) -> Call:
    """Return the same call as an earlier run has read it: under way, and not yet charged."""
    unknown_yet = ("ended_at", "duration_seconds", "cost", "currency", "agent_name")
    return final | dict.fromkeys(unknown_yet) | {"status": "in_progress"}


def lines(final: list[Call]) -> list[Call]:
    """Return what several runs append: a third of the calls first as they were under way."""
    return [as_first_read(call) for call in final[::3]] + final


def write(path: Path, rows: list[Call]) -> Path:
    """Write rows as a target does, decimals as they are."""
    encode = msgspec.json.Encoder(decimal_format="number").encode
    path.write_bytes(b"".join(encode(row) + b"\n" for row in rows))
    return path
