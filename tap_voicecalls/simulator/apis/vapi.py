"""The Vapi API (source: Vapi's OpenAPI document at VapiAI/docs eabfa53, `GET /call`).

The list is one array, newest first, filtered by creation and by the latest change. Costs and the
analysis come after the end; presigned addresses are new in each answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from tap_voicecalls.simulator import phrases
from tap_voicecalls.simulator.api import Api, Record, iso, parsed
from tap_voicecalls.simulator.call import Call, Profile
from tap_voicecalls.simulator.messages import Incoming, Response
from tap_voicecalls.simulator.seeding import seeded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.simulator.api import Handler

_DEFAULT_LIMIT = 100
_LARGEST_LIMIT = 1000
_COSTED_AFTER = timedelta(seconds=30)
_REASONS = {
    "completed": ("customer-ended-call", "assistant-ended-call", "assistant-forwarded-call"),
    "inactivity": ("silence-timed-out",),
    "busy": ("customer-busy",),
    "no_answer": ("customer-did-not-answer",),
    "failed": ("pipeline-error-openai-llm-failed", "twilio-failed-to-connect-call"),
    "canceled": ("manually-canceled",),
}
_RECORDINGS = ("mono", "stereo", "customer", "assistant")
_SIGNS = {"Ge": "__ge__", "Gt": "__gt__", "Le": "__le__", "Lt": "__lt__"}


class Vapi(Api):
    """Simulated Vapi API.

    Options: `vapi_retention_days` limits the list to the calls of so many days. With
    `vapi_presigned` records have presigned addresses, new in each answer. `vapi_storage` is the
    address that requests for recordings are redirected to; without one they are served.
    """

    name = "vapi"
    streams = ("vapi_calls",)
    page_size = _LARGEST_LIMIT
    lists_running = True
    paging_fields = ("createdAtLe",)
    profile = Profile(channels={"phone": 70, "web": 30}, agentless_share=0.0)
    options: ClassVar[Mapping[str, object]] = {
        "vapi_retention_days": None,
        "vapi_presigned": False,
        "vapi_storage": None,
    }
    call_fields: ClassVar[Mapping[str, str]] = {
        "call_id": "id",
        "provider_status": "status",
        "started_at": "startedAt",
    }

    def routes(self) -> Mapping[str, Handler]:
        """Return the list, and the recordings of a call."""
        files = {f"GET /call/{{id}}/{kind}-recording": self._recording for kind in _RECORDINGS}
        return {"GET /call": self._list, **files}

    def error_body(self, status: int, detail: str) -> object:
        """Return an error body."""
        return {"message": detail, "error": "Error", "statusCode": status}

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return every call, oldest first."""
        del stream, narrow
        return [self._sent(call) for call in self._kept()]

    def _list(self, incoming: Incoming) -> Response:
        limit = incoming.first("limit") or str(_DEFAULT_LIMIT)
        if not limit.isdecimal() or int(limit) > _LARGEST_LIMIT:
            raise self.refusal(400, "limit must not be greater than 1000")
        found = [call for call in self._kept() if self._matches(call, incoming)]
        found.sort(key=lambda call: (_created(call), call.key), reverse=True)
        shown = [] if self.is_emptied(1) else found[: self.page_limit(int(limit))]
        return Response(200, [self._sent(call) for call in shown])

    def _recording(self, incoming: Incoming, key: str) -> Response:
        if not any(call.key == key and call.answered for call in self._kept()):
            raise self.refusal(404, "Artifact not found.")
        storage = self.shared.options["vapi_storage"]
        if storage:
            kind = incoming.path.rpartition("/")[2]
            return Response(302, b"", {"Location": f"{storage}/{key}/{kind}?X-Amz-Signature=1"})
        return Response(200, b"RIFF", {"Content-Type": "audio/wav"})

    def _kept(self) -> list[Call]:
        days = self.shared.options["vapi_retention_days"]
        since = self.now() - timedelta(days=int(str(days))) if days else None
        return [call for call in self.calls(self.now()) if since is None or call.start >= since]

    def _matches(self, call: Call, incoming: Incoming) -> bool:
        times = {"createdAt": _created(call), "updatedAt": self._updated(call)}
        for name, text in incoming.query:
            field, sign = name[:-2], _SIGNS.get(name[-2:])
            if field in times and sign:
                bound = parsed(text)
                if bound is None:
                    raise self.refusal(400, f"{name} must be a valid ISO 8601 date string")
                if not getattr(times[field], sign)(bound):
                    return False
        return True

    def _updated(self, call: Call) -> datetime:
        now = self.now()
        moments = [_created(call), call.end, call.end + _COSTED_AFTER, call.costs_at]
        return max(moment for moment in moments if moment is not None and moment <= now)

    def _sent(self, call: Call) -> Record:
        now, updated = self.now(), iso(self._updated(call))
        record = _record(call, now) | {"updatedAt": updated, "orgId": self.fake_credential("org")}
        artifact = record.get("artifact")
        if isinstance(artifact, dict) and self.shared.options["vapi_presigned"]:
            signature = f"X-Amz-Signature={next(self.answers)}"
            address = f"https://files.vapi.example/{call.key}"
            artifact["presignedMonoUrl"] = f"{address}.mp3?{signature}"
            artifact["presignedUrlsExpiresAt"] = iso(now + timedelta(hours=1))
        return self.as_sent("vapi_calls", record, "analysis")


def _created(call: Call) -> datetime:
    return call.start.replace(microsecond=call.start.microsecond // 1000 * 1000)


def _record(call: Call, now: datetime) -> Record:
    ended = call.ended(now)
    is_web, outbound = call.channel == "web", call.direction == "outbound"
    kind = "webCall" if is_web else "outboundPhoneCall" if outbound else "inboundPhoneCall"
    record: Record = {
        "id": call.key,
        "type": kind,
        "status": "ended" if ended else "in-progress",
        "createdAt": iso(call.start),
        "startedAt": iso(call.start) if call.answered else None,
        "assistantId": call.agent.key if call.agent else None,
        "assistant": {
            "name": call.agent.name if call.agent else None,
            "server": {"headers": {"Authorization": "made-up"}},
        },
        "monitor": {"listenUrl": "wss://listen.vapi.example/1"},
    }
    if not is_web:
        record |= {
            "customer": {"number": call.shown_customer},
            "phoneNumber": {"twilioPhoneNumber": call.business_number},
            "transport": {"provider": "twilio", "callSid": f"CA{call.key.replace('-', '')}"},
        }
    return record | (_ended(call, now) if ended else {})


def _ended(call: Call, now: datetime) -> Record:
    words = _REASONS[call.outcome]
    record: Record = {
        "endedReason": words[call.seed % len(words)],
        "endedAt": iso(call.end),
        "artifact": _artifact(call) if call.answered else {},
    }
    if call.costed(now) and now >= call.end + _COSTED_AFTER and call.answered:
        record |= _costs(call)
        record["analysis"] = {
            "summary": phrases.summary(call.language, call.customer),
            "successEvaluation": "true" if call.seed % 2 else "false",
        }
    return record


def _artifact(call: Call) -> Record:
    said = phrases.dialogue(seeded(call.seed), call.language, call.customer, call.duration)
    first = call.start.timestamp() * 1000
    messages: list[Record] = [{"role": "system", "message": "Be brief."}]
    for turn in said:
        start = int(first + turn.seconds * 1000)
        messages.append(
            {
                "role": "bot" if turn.speaker == "agent" else "user",
                "message": turn.text,
                "time": start,
                "endTime": start + 500,
                "secondsFromStart": Decimal(str(turn.seconds)),
            }
        )
    last = messages[-1]
    function = {"name": "book", "arguments": '{"day": "Tuesday"}'}
    times = {"time": last["endTime"], "secondsFromStart": last["secondsFromStart"]}
    messages += [
        times | {"role": "tool_calls", "toolCalls": [{"id": "t", "function": function}]},
        times | {"role": "tool_call_result", "toolCallId": "t", "name": "book", "result": "booked"},
    ]
    return {
        "messages": messages,
        "recordingUrl": f"https://files.vapi.example/{call.key}.mp3",
        "performanceMetrics": {"turnLatencyAverage": 812, "numAssistantInterrupted": 1},
        "assistantActivations": [{"assistantName": call.agent.name if call.agent else None}],
    }


def _costs(call: Call) -> Record:
    minutes = Decimal(int(call.duration)).scaleb(-2)
    amounts = {"transport": 14, "stt": 10, "llm": 41, "tts": 87, "vapi": 50}
    parts = {name: (minutes * rate).scaleb(-3) for name, rate in amounts.items()}
    total = sum(parts.values(), Decimal(0)) + Decimal("0.002")
    lines: list[Record] = [
        {"type": "transport", "provider": "twilio", "minutes": minutes, "cost": parts["transport"]},
        {"type": "transcriber", "transcriber": {"provider": "deepgram"}, "cost": parts["stt"]},
        {
            "type": "model",
            "model": {"provider": "openai", "model": "gpt-4o", "headers": {"X": "made-up"}},
            "cost": parts["llm"],
        },
        {"type": "voice", "voice": {"provider": "11labs"}, "characters": 9, "cost": parts["tts"]},
        {"type": "vapi", "subType": "normal", "minutes": minutes, "cost": parts["vapi"]},
    ]
    return {"cost": total, "costs": lines, "costBreakdown": parts | {"total": total}}
