"""A test can let an API send what the simulated calls would never give rise to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

if TYPE_CHECKING:
    import requests

    from tap_voicecalls.simulator import Simulator

STREAMS = [
    "vonage_voice_reports",
    "voicy_calls",
    "voicy_call_details",
    "telnyx_call_reports",
    "telnyx_detail_records",
    "burki_calls",
    "ovia_calls",
]


@pytest.mark.parametrize("stream", STREAMS)
def test_the_truth_is_what_was_edited(simulator: Simulator, stream: str) -> None:
    """An edit that the truth does not show would make a tap look wrong that reads it."""
    stop = simulator.on_record(lambda name, record: record.update({f"of {name}": True}))
    edited = simulator.records(stream)
    stop()

    assert edited
    assert all(f"of {stream}" in record for record in edited)
    assert not any(f"of {stream}" in record for record in simulator.records(stream))


def test_raw_values_are_sent_letter_by_letter(
    session: requests.Session, simulator: Simulator
) -> None:
    """Half a surrogate pair, which a server can send, is nothing that could be encoded."""
    half = msgspec.Raw(rb'"\ud83d"')
    simulator.on_record(lambda _, record: record.update(assistant_name=half))
    key = simulator.configuration()["burki"]["api_key"]
    answer = session.get(
        f"{simulator.url}/burki/api/v1/calls/?limit=1",
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )

    assert rb'"assistant_name":"\ud83d"' in answer.content
