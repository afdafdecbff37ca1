"""A test can change the records that an API sends."""

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
def test_records_returns_the_edited_record(simulator: Simulator, stream: str) -> None:
    """`records` must return the edited record, or a correct tap would fail a comparison with it."""
    stop = simulator.on_record(lambda name, record: record.update({f"of {name}": True}))
    edited = simulator.records(stream)
    stop()

    assert edited
    assert all(f"of {stream}" in record for record in edited)
    assert not any(f"of {stream}" in record for record in simulator.records(stream))


def test_raw_values_are_sent_unchanged(session: requests.Session, simulator: Simulator) -> None:
    """A server can send half a surrogate pair, which a JSON encoder refuses."""
    half = msgspec.Raw(rb'"\ud83d"')
    simulator.on_record(lambda _, record: record.update(assistant_name=half))
    key = simulator.configuration()["burki"]["api_key"]
    answer = session.get(
        f"{simulator.url}/burki/api/v1/calls/?limit=1",
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )

    assert rb'"assistant_name":"\ud83d"' in answer.content
