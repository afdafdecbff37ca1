"""The records of the simulated Reports API. Source: Vonage Reports API reference.

All values are strings or null, numbers too. Each product has its own fields and time formats.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.api import iso
from tap_voicecalls.simulator.seeding import chance, identifier, seeded

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.call import Call

PRODUCTS = (
    "VOICE-CALL",
    "VOICE-FAILED",
    "VOICE-TTS",
    "IN-APP-VOICE",
    "WEBSOCKET-CALL",
    "ASR",
    "AMD",
)
"""The voice products; no call of this simulator belongs to the last two."""

WITHOUT_ID = {"VOICE-CALL", "WEBSOCKET-CALL", "ASR"}
"""Products whose records have only a `call_id` in the specifications, no id."""

CURRENCY = "EUR"

_CHANNELS = {"tts": "VOICE-TTS", "web": "IN-APP-VOICE", "websocket": "WEBSOCKET-CALL"}
# Prefix of a number to network, network name, country, country name.
_NETWORKS = {
    "1": ("US-FIXED", "United States Landline", "US", "United States"),
    "44": ("23400", "Example Mobile UK", "GB", "United Kingdom"),
    "49": ("DE-FIXED", "Germany Landline", "DE", "Germany"),
    "33": ("20800", "Exemple Télécom", "FR", "France"),
}
_FAILURES = {
    "busy": ("486", "Busy Here"),
    "no_answer": ("480", "Temporarily Unavailable"),
    "canceled": ("487", "Request Terminated"),
    "failed": ("503", "Service Unavailable"),
}
_TTS_STATUS = {"busy": "busy", "no_answer": "timeout", "canceled": "cancelled", "failed": "failed"}


def product_of(call: Call) -> str:
    """Return the product of a call; unanswered phone calls have their own."""
    if call.channel == "phone":
        return "VOICE-CALL" if call.answered else "VOICE-FAILED"
    return _CHANNELS[call.channel]


def start_of(call: Call) -> datetime:
    """Return the start as in the record: whole seconds, or milliseconds for in-app calls."""
    micros = call.start.microsecond
    cut = micros % 1000 if call.channel == "web" else micros
    return call.start - timedelta(microseconds=cut)


def record(call: Call, account: str) -> Record:
    """Return the record of a call: strings and nulls only."""
    rng = seeded(call.seed)
    own: Record = {"account_id": account, "id": call.key}
    product = product_of(call)
    if product == "VOICE-TTS":
        return own | _tts(call, rng)
    if product == "IN-APP-VOICE":
        return own | _in_app(call, rng)
    if product == "WEBSOCKET-CALL":
        times = _times(call, "seconds", "Z")
        return own | {"call_id": identifier(rng)} | times | _billed(call, rng)
    return own | _phone(call, rng)


def _phone(call: Call, rng: random.Random) -> Record:
    caller, callee = _bare(call.from_number), _bare(call.to_number)
    network, network_name, country, country_name = _network(callee or "1")
    fields: Record = {
        "call_id": identifier(rng),
        "direction": call.direction,
        "from": caller,
        "forced_from": rng.choice((None, None, "", caller)),
        "to": callee,
        "network": network,
        "network_name": network_name if chance(rng, 0.9) else "",
        "country": country,
        "country_name": country_name,
        **_times(call, "seconds", "+0000"),
        "tier_volume": None,
    }
    if call.answered:
        answered = {"status_code": "200", "status_description": "OK"}
        return fields | _billed(call, rng) | {"status": "ANSWERED", **answered}
    code, description = _FAILURES[call.outcome]
    return fields | {"status": "FAILED", "status_code": code, "status_description": description}


def _tts(call: Call, rng: random.Random) -> Record:
    length = rng.randint(20, 400)
    ended = _TTS_STATUS.get(call.outcome, "ok")
    return {
        "trace_id": identifier(rng).replace("-", ""),
        "from": _bare(call.from_number),
        "to": _bare(call.to_number),
        "start_time": iso(call.start, "seconds"),
        "end_time": iso(call.end, "seconds"),
        "creation_date": iso(call.start - timedelta(seconds=rng.randint(0, 3)), "milliseconds"),
        "language": rng.choice((call.language, f"{call.language}-XX")),
        "style": str(rng.randint(0, 5)),
        "length": str(length),
        "size": str(length * rng.choice((1, 2))),
        "tts_type": rng.choice(("standard", "premium", None)),
        **_billed(call, rng),
        "status": ended,
    }


def _in_app(call: Call, rng: random.Random) -> Record:
    return {
        "request_id": identifier(rng),
        "application_id": identifier(rng),
        "conversation_id": f"CON-{identifier(rng)}",
        "leg_id": identifier(rng),
        "user_id": rng.choice((None, f"USR-{identifier(rng)}")),
        "client_ref": rng.choice((None, "", f"ref-{rng.randint(1, 999)}")),
        **_times(call, "milliseconds", "Z"),
        **_billed(call, rng),
    }


def _times(call: Call, timespec: str, zone: str) -> Record:
    return {
        "date_start": iso(call.start, timespec, zone),
        "date_end": iso(call.end, timespec, zone),
    }


def _billed(call: Call, rng: random.Random) -> Record:
    """Return duration, status, and the prices per minute and in total, with varying digits."""
    seconds = int(call.duration) if call.answered else 0
    price = Decimal(rng.randrange(400, 4000)).scaleb(-5)
    total = (price * seconds / 60).quantize(Decimal("1E-8"))
    places = rng.choice((8, 8, 8, 4, 2))
    return {
        "duration": str(seconds),
        "status": "completed" if call.answered else "failed",
        "currency": CURRENCY,
        "price": f"{price:.8f}" if places == 8 else f"{price:f}",  # noqa: PLR2004 - the usual digits
        "total_price": f"{total:.{places}f}",
    }


def _bare(number: str | None) -> str | None:
    """Return a number as Vonage writes it: E.164 without its plus."""
    return number.removeprefix("+") if number else None


def _network(number: str) -> tuple[str, str, str, str]:
    found = (entry for prefix, entry in _NETWORKS.items() if number.startswith(prefix))
    return next(found, ("UNKNOWN", "", "", ""))
