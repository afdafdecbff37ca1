"""The detail records of a call: its legs and its services, each with its own record type.

Sources: Telnyx detail records search; official SDKs since 4.181 for the fields of each type. The
shapes of sip-trunking and the services are not published; they follow records that users received.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.api import iso
from tap_voicecalls.simulator.apis.telnyx.records import created, detail, legs
from tap_voicecalls.simulator.seeding import identifier, money, seeded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.call import Call

# The time field by which each type is filtered and sorted; any other field is refused.
TIME_FIELDS = {
    "webrtc": "started_at",
    "sip-trunking": "started_at",
    "call-control": "started_at",
    "ai-voice-assistant": "created_at",
    "speech-to-text": "start_time",
    "text-to-speech": "created_at",
    "recording": "started_at",
    "amd": "invoked_at",
    "conference": "started_at",
    "conference-participant": "joined_at",
    **dict.fromkeys(("messaging", "verify", "fax", "inference", "stt", "tts"), "created_at"),
}
_CAUSES = {
    "completed": "NORMAL_CLEARING",
    "inactivity": "NORMAL_CLEARING",
    "busy": "USER_BUSY",
    "no_answer": "NO_ANSWER",
    "canceled": "ORIGINATOR_CANCEL",
    "failed": "NORMAL_TEMPORARY_FAILURE",
}
_RATES = {
    "sip-trunking": 0.005,
    "call-control": 0.002,
    "ai-voice-assistant": 0.05,
    "speech-to-text": 0.025,
    "text-to-speech": 0.003,
    "recording": 0.002,
    "amd": 0.0065,
}


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail record.

    Attributes:
        kind: Its record type.
        call: The call.
        at: The time by which its type is filtered.
        made: When it is first listed.
    """

    kind: str
    call: Call
    at: datetime
    made: datetime


def all_details(calls: Sequence[Call]) -> Mapping[str, list[Detail]]:
    """Return all detail records by type, each type in the order of its time."""
    found = defaultdict[str, list[Detail]](list)
    for call in calls:
        for one in details(call):
            found[one.kind].append(one)
    return {kind: sorted(ones, key=attrgetter("at")) for kind, ones in found.items()}


def details(call: Call) -> list[Detail]:
    """Return the detail records of a call: webrtc, and those of its other legs and services."""
    kinds = ["webrtc"]
    if call.channel == "phone":
        kinds.append("sip-trunking")
    if call.agent and call.seed % 3 == 0:
        kinds += ["call-control", "ai-voice-assistant", "speech-to-text", "text-to-speech"]
        kinds += ["recording"] if call.answered else ["amd"]
    made = created(call)
    # Services start later than the call, some at its end, so perhaps on another day.
    late = {"text-to-speech": call.end, "recording": call.start + (call.end - call.start) / 2}
    return [Detail(kind, call, late.get(kind, call.start), made) for kind in kinds]


def between(
    found: Sequence[Detail], lower: datetime | None, upper: datetime | None
) -> Sequence[Detail]:
    """Return the records with lower <= time < upper; None means no bound."""
    first = bisect_left(found, lower, key=attrgetter("at")) if lower else 0
    return found[first : bisect_left(found, upper, key=attrgetter("at")) if upper else None]


def detail_record(one: Detail, now: datetime) -> Record:
    """Return a detail record as the API sends it."""
    if one.kind == "webrtc":
        return detail(one.call, now)
    call, rng = one.call, seeded(one.call.seed)
    ids = legs(rng)
    own = seeded(f"{call.seed}/{one.kind}")
    is_leg = one.kind in {"sip-trunking", "call-control"}
    # The sip-trunking record of a browser call has the same id as its webrtc record.
    own_id = ids["telnyx_leg_id"] if one.kind == "sip-trunking" else identifier(own)
    minutes = math.ceil(call.duration / 60) if call.answered else 0
    record: Record = {
        "record_type": one.kind,
        "id": own_id,
        TIME_FIELDS[one.kind]: iso(one.at),
        "cost": str(money(own, _RATES[one.kind] * minutes)) if call.costed(now) else None,
        "currency": "USD",
    }
    session = "telnyx_session_id" if is_leg else "call_session_id"
    record[session] = ids["telnyx_session_id"]
    return record | _of_leg(call) if is_leg else record


def _of_leg(call: Call) -> Record:
    answered = call.start + timedelta(seconds=min(2, call.duration / 2)) if call.answered else None
    return {
        "finished_at": iso(call.end),
        "answered_at": iso(answered) if answered else None,
        "attempted": 1,
        "connected": int(call.answered),
        "hangup_cause": _CAUSES[call.outcome],
        "call_sec": int(call.duration) if call.answered else 0,
        "direction": call.direction,
        "cli": call.from_number,
        "cld": call.to_number,
    }
