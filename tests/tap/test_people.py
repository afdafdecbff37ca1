"""Keys, phone numbers and transcripts: never in the log, and in targets only if wanted."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from support import catalog_of, configuration, run_tap, simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """A simulator of all providers."""
    with simulator() as made:
        yield made


def secrets_and_people(served: Simulator) -> set[str]:
    """Return every key, phone number, transcript line and signed address of the simulator."""
    keys = {
        str(value)
        for settings in served.configuration().values()
        for name, value in settings.items()
        if name in {"api_key", "api_secret"}
    }
    found = set(keys)
    for provider in served.configuration():
        for call in served.world.calls(provider):
            found |= {str(n).lstrip("+") for n in (call.from_number, call.to_number) if n}
    for record in served.records("voicy_call_details"):
        turns: Any = record["transcript"] or []
        found |= {turn["content"] for turn in turns if len(turn["content"]) > 12}
        if record["recording_url"]:
            found.add(str(record["recording_url"]).split("?")[0])
    return found


def test_the_log_has_no_key_and_no_personal_data(
    served: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """People who may not see customers' data read logs, at the lowest level too."""
    config = configuration(served)
    config["vonage"]["account_id"] = config["vonage"]["api_key"]

    with caplog.at_level(logging.DEBUG):
        output = run_tap(config)

    looked_for = secrets_and_people(served)
    state = json.dumps(output.state)
    assert len(looked_for) > 100
    assert len(output.records("calls")) > 100
    assert [text for text in looked_for if text in caplog.text or text in state] == []


def test_deselected_fields_are_left_out(served: Simulator) -> None:
    """A transcript that is deselected in the catalog is never written."""
    config = configuration(served, "voicy")
    catalog = catalog_of(config)
    (entry,) = (s for s in catalog["streams"] if s["tap_stream_id"] == "voicy_call_details")
    (field,) = (
        m for m in entry["metadata"] if list(m["breadcrumb"]) == ["properties", "transcript"]
    )
    field["metadata"]["selected"] = False

    output = run_tap(config, catalog=catalog)

    (schema,) = (
        m["schema"] for m in output.of_type("SCHEMA") if m["stream"] == "voicy_call_details"
    )
    assert "transcript" not in schema["properties"]
    assert output.records("voicy_call_details")
    assert all("transcript" not in r for r in output.records("voicy_call_details"))
