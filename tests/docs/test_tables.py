"""The docs are the contract with users: what their tables say is what the tap does."""

from __future__ import annotations

import re
from typing import Any, get_args

from support import catalog_of, configuration, run_tap, simulator

from docs.pages import ROOT, page, rows
from tap_voicecalls.calls.call import AnsweredBy, Channel, Direction, EndedBy, EndReason, Status
from tap_voicecalls.calls.streams import COMMON_STREAMS
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.simulator.apis.vonage.report import STATUSES

SOURCES = "## Where the fields of `calls` come from"


def test_what_follows_a_status_is_told_for_each() -> None:
    """A report may end in each of the API's statuses, and the page says what the tap does then."""
    cells = [row[0] for row in rows("providers/vonage.md", "## Reports")]

    assert {word for cell in cells for word in re.findall(r"`([A-Z]+)`", cell)} == STATUSES


def test_vocabularies_of_calls_are_told_truly() -> None:
    """A word that the page lacks is met in the warehouse, and nobody knows what it means."""
    told = {row[0]: re.findall(r"`(\w+)`", row[1]) for row in rows("calls.md") if len(row) == 2}
    words = {
        "`direction`": Direction,
        "`status`": Status,
        "`channel`": Channel,
        "`end_reason`": EndReason,
        "`ended_by`": EndedBy,
        "`answered_by`": AnsweredBy,
    }

    assert {name: list(get_args(vocabulary)) for name, vocabulary in words.items()} == {
        name: values for name, values in told.items() if name in words
    }


# Of fields that only Burki's SDK knows, of what its users put into their metadata, and of the older
# form of Voicy's API.
NOT_SIMULATED = {
    "burki": {
        *("direction", "has_recording", "has_transcript", "provider_end_reason", "ended_by"),
        *("transferred_to", "carrier", "updated_at"),
    },
    "voicy": {"response_seconds"},
    "vonage": {"answered_by"},
    "twilio": {"parent_call_id"},
    "vapi": {"answered_by", "transferred_to", "agent_version"},
    "retell": {"cost_stt", "transferred_to"},
    "elevenlabs": {"transferred_to"},
}


def test_sources_of_calls_are_told_truly() -> None:
    """What a page says its provider does not tell is never told; all else is told by some call."""
    with simulator() as served:
        config = configuration(served)
        config["telnyx"]["record_types"] = ["webrtc", "sip-trunking"]
        details = {"retell_call_details": True, "elevenlabs_conversation_details": True}
        calls = run_tap(config, catalog=catalog_of(config, **details)).records("calls")

    for provider in PROVIDERS:
        told = {row[0].strip("`"): row[1] for row in rows(f"providers/{provider.name}.md", SOURCES)}
        assert told.keys() == calls[0].keys() - {"provider", "account"}
        for field, cell in told.items():
            values = {call[field] for call in calls if call["provider"] == provider.name}
            is_told = bool(values - {None, "unknown"})
            if field not in NOT_SIMULATED.get(provider.name, ()):
                assert is_told == (cell != "-"), (provider.name, field)


def test_every_stream_is_on_the_page_of_its_provider() -> None:
    """A stream without its facts is found by nobody."""
    for provider in PROVIDERS:
        headings = re.findall(r"^### `(\w+)`$", page(f"providers/{provider.name}.md"), re.MULTILINE)
        streams: list[Any] = list(provider.streams)
        assert headings == [stream.name for stream in streams]
    listed = [row[0] for row in rows("reference/streams.md")]
    every: list[Any] = [stream for provider in PROVIDERS for stream in provider.streams]
    assert [re.findall(r"`(\w+)`", cell)[0] for cell in listed] == [
        stream.name for stream in [*every, *COMMON_STREAMS]
    ]


def test_queries_are_told_truly() -> None:
    """Each query stands in the table, with the question that its first line asks."""
    told = re.findall(r"\| \[(\w+\.sql)\]\([^)]*/queries/\1\) \| (.+) \|", page("queries.md"))
    files = {
        file.name: file.read_text(encoding="utf-8").splitlines()[0].removeprefix("-- ")
        for file in (ROOT / "queries").glob("*.sql")
    }

    assert files == dict(told)


def test_models_of_dbt_are_told_truly() -> None:
    """A table that the page does not name is found by nobody."""
    told = re.findall(r"\| \[(\w+)\]\([^)]*transform/models/marts/\1\.sql\) \|", page("dbt.md"))
    files = (ROOT / "transform/models/marts").glob("*.sql")

    assert sorted(told) == sorted(file.stem for file in files)
