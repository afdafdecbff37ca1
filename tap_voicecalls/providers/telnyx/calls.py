"""Detail records of Telnyx as calls in the words of all providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.call import Call, currency_code, in_our_words
from tap_voicecalls.phone import caller_withheld, channel_of, e164

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.call import Channel, Direction
    from tap_voicecalls.record_type import Record

# Detail records, `filter[direction]`.
_DIRECTIONS: Mapping[str, Direction] = {"inbound": "inbound", "outbound": "outbound"}
# Detail records, `filter[record_type]`, and the same types as records name themselves: such as
# webrtc_detail_record. The other types are services on calls of any channel, or no calls at all.
_CHANNELS: Mapping[str, Channel] = {
    "webrtc": "web",
    "webrtc_detail_record": "web",
    "sip-trunking": "sip",
    "sip_trunking_detail_record": "sip",
    "call-control": "phone",
    "call_control_detail_record": "phone",
}


def normalise(record: Record) -> Call:
    """Tell of a detail record in the words of all providers.

    It goes by its `call_id`, which joins it to the call reports; only the type webrtc has one. The
    numbers are `cli` and `cld`, the line that called and the one that was called. No field tells
    how the call went, and nothing that `call_sec` or `billed_sec` above 0 means that somebody
    answered, so its status is unknown.
    """
    caller, callee = record.cli, record.cld
    channel = in_our_words(_CHANNELS, record.record_type)
    if channel == "phone":  # the Voice API calls both telephones and SIP addresses
        channel = channel_of(callee, caller) or channel
    return Call(
        call_id=record.call_id or record.id,
        direction=in_our_words(_DIRECTIONS, record.direction),
        channel=channel,
        from_number=e164(caller),
        from_withheld=caller_withheld(caller),
        to_number=e164(callee),
        started_at=record.started_at,
        ended_at=record.finished_at,
        duration_seconds=record.call_sec,
        cost=record.cost,
        currency=currency_code(record.currency),
    )
