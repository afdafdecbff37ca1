"""The records of a call in the Telnyx API: call reports in segments, and webrtc detail records.

Sources: Telnyx Voice SDK call reports API reference; Telnyx detail records search.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from tap_voicecalls.simulator.api import iso
from tap_voicecalls.simulator.seeding import chance, identifier, money, seeded

if TYPE_CHECKING:
    import random

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.call import Call

_BILLED_STEP = 60
_PLATFORMS = ("TelnyxRTC-JS", "TelnyxRTC-iOS", "TelnyxRTC-Android")


@dataclass(frozen=True, slots=True)
class Segment:
    """One stored report of a call.

    Attributes:
        call: The call it belongs to.
        index: Zero-based.
        last: Whether it is the report at the end of the call.
        created: Aware UTC datetime, milliseconds.
    """

    call: Call
    index: int
    last: bool
    created: datetime


def segments(call: Call) -> list[Segment]:
    """Return a call's reports in the order of storage: one, sometimes two or three.

    The last report is stored a few seconds after the call ended, the others while it runs. A call
    that starts exactly at midnight has a report at that time.
    """
    at_midnight = call.start.time() == datetime.min.time()
    count = 2 if at_midnight else (1, 1, 1, 1, 1, 1, 1, 2, 2, 3)[call.seed % 10]
    last = call.end + timedelta(seconds=1 + call.seed % 3)
    moments = [call.start + (last - call.start) * index / count for index in range(1, count + 1)]
    if at_midnight:
        moments[0] = call.start
    if call.listed_at is not None:
        moments = [max(moment, call.listed_at) for moment in moments]
    return [
        Segment(call, index, index == count - 1, _milliseconds(moment))
        for index, moment in enumerate(moments)
    ]


def report(segment: Segment, user: str, lag: int) -> Record:
    """Return one call report; every field except call_id may be missing.

    Args:
        segment: The report.
        user: UUID of the user that owns all reports.
        lag: The longest time between creation and storage, in milliseconds.
    """
    call = segment.call
    rng = seeded(call.seed)
    record = _identity(call, rng, user)
    own = seeded(call.seed + 1 + segment.index)
    stored = segment.created + timedelta(milliseconds=own.randint(0, lag))
    record |= {
        "summary": _summary(segment),
        "stats": _stats(segment, own),
        "logs": _logs(own, call),
    }
    record["flushReason"] = {"type": "call-end" if segment.last else "socket-close"}
    if segment.index or not segment.last or chance(own, 0.8):
        record["segment"] = segment.index
    # Each of the two times may be missing, but never both.
    missing = own.choices(("none", "created_at", "stored_at"), (75, 20, 5))[0]
    times: Record = {"stored_at": iso(stored), "created_at": iso(segment.created)}
    times.pop(missing, None)
    return record | times


def created(call: Call) -> datetime:
    """Return when a call's detail record is created: some seconds after its end."""
    moment = call.end + timedelta(seconds=2 + call.seed % 8)
    return moment if call.listed_at is None else max(moment, call.listed_at)


def detail(call: Call, now: datetime) -> Record:
    """Return the webrtc detail record of a call; `rate` and `cost` are strings."""
    rng = seeded(call.seed)
    ids = legs(rng)
    own = seeded(call.seed + 9)
    seconds = int(call.duration) if call.answered else 0
    rate = "0.002" if chance(own, 0.7) else "0.0040"
    billed = math.ceil(seconds / _BILLED_STEP) * _BILLED_STEP
    record: Record = {
        "id": ids["telnyx_leg_id"],
        "call_id": call.key,
        "session_id": ids["voice_sdk_session_id"],
        "telnyx_session_id": ids["telnyx_session_id"],
        "telnyx_leg_id": ids["telnyx_leg_id"],
        "started_at": iso(call.start),
        "finished_at": iso(call.end),
        "call_sec": seconds,
        "billed_sec": billed,
        "direction": call.direction,
        "cli": call.from_number,
        "cld": call.to_number,
        "cost": str(money(own, float(rate) * billed / 60)),
        "rate": rate,
        "currency": "USD",
    }
    return record if call.costed(now) else record | {"cost": None}


def legs(rng: random.Random) -> Record:
    """Return the ids that reports and detail records of a call have in common."""
    names = ("voice_sdk_session_id", "telnyx_session_id", "telnyx_leg_id")
    return {name: identifier(rng) for name in names}


def _identity(call: Call, rng: random.Random, user: str) -> Record:
    ids = legs(rng)
    platform = rng.choice(_PLATFORMS)
    version = f"2.{rng.randint(10, 30)}.{rng.randint(0, 9)}"
    # All calls of a week have the same id: it is documented as the id of a group.
    group = uuid5(NAMESPACE_URL, f"{user}/{call.start.isocalendar()[:2]}")
    record: Record = {
        "call_id": call.key,
        "call_report_id": str(group),
        "user_id": user,
        "organization_id": rng.choice((None, str(uuid5(NAMESPACE_URL, user)))),
        "voice_sdk_id": identifier(rng),
        **ids,
    }
    if chance(rng, 0.8):
        record["voice_sdk_id_decoded"] = {"sdk": platform, "region": rng.choice(("eu", "us"))}
    if chance(rng, 0.85):
        record["user_agent"] = f"{platform}/{version}"
    else:
        record["version"] = version
    return record


def _summary(segment: Segment) -> Record:
    call = segment.call
    summary: Record = {
        "callId": call.key,
        "direction": call.direction,
        "callerNumber": call.from_number,
        "destinationNumber": call.to_number,
        "startTimestamp": iso(call.start),
        "state": "done" if segment.last else "active",
    }
    if segment.last:
        summary |= {"endTimestamp": iso(call.end), "durationSeconds": round(call.duration)}
    return summary


def _stats(segment: Segment, rng: random.Random) -> object:
    """Return statistics: an array of samples, or from some clients a single object."""
    sample: Record = {
        "timestamp": iso(segment.created),
        "audio": {"inbound": {"jitterMs": rng.randint(1, 60), "packetsLost": rng.randint(0, 40)}},
        "ice": {
            "local": rng.choice(("host", "srflx", "relay")),
            "roundTripMs": rng.randint(9, 300),
        },
    }
    return sample if chance(rng, 0.2) else [sample, sample | {"connection": "connected"}]


def _logs(rng: random.Random, call: Call) -> object:
    """Return client logs: an array, or from some clients an object or null."""
    entry: Record = {"level": "info", "message": f'Call "{call.outcome}" 📞', "context": None}
    return rng.choices(([entry], [], {"entries": [entry]}, None), (60, 15, 15, 10))[0]


def _milliseconds(moment: datetime) -> datetime:
    return moment - timedelta(microseconds=moment.microsecond % 1000)
