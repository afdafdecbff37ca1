"""The setting `personal_data`: nothing of people is left in the output, whichever way it takes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import registry
from singer_sdk.exceptions import ConfigValidationError
from support import catalog_of, configuration, run_tap, simulator

from tap_voicecalls.simulator import people, phrases
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support import Output

    from tap_voicecalls.simulator import Simulator

KEY = "a key of these tests"
MODES: dict[str, dict[str, str]] = {
    "hash": {"personal_data": "hash", "personal_data_key": KEY},
    "drop": {"personal_data": "drop"},
}
# The SDK writes the records if a stream has a map; otherwise the tap does.
WAYS: dict[str, dict[str, Any]] = {
    "directly": {},
    "by the SDK": {"stream_maps": {"*": {"x": "1"}, **{n: {"x": "1"} for n in registry.STREAMS}}},
    "flattened": {"flattening_enabled": True, "flattening_max_depth": 3},
    "one at a time": {"concurrency": 1},
}
ALL = dict.fromkeys(registry.STREAMS, True)
_LONG = 9  # letters; shorter words are in names of fields, too


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """Simulate all providers, with fields that nobody declared."""
    with simulator(unknown_fields=True, calls_per_day=6) as made:
        yield made


@pytest.fixture(scope="module")
def config(served: Simulator) -> dict[str, Any]:
    """Return a configuration that reads every kind of record."""
    made = configuration(served)
    made["telnyx"]["record_types"] = ["webrtc", "sip-trunking", "call-control", "tts"]
    made["vonage"]["products"] = ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS", "IN-APP-VOICE", "ASR"]
    return made


def of_people(served: Simulator) -> set[str]:
    """Return all numbers, names, words and addresses of the simulated people."""
    calls = [call for name in registry.NAMES for call in served.world.calls(name)]
    numbers = {n[1:] for call in calls for n in (call.from_number, call.to_number) if n}
    names = {call.customer for call in calls}
    spoken = [text for pairs in phrases._DIALOGUES.values() for pair in pairs for text in pair]  # noqa: SLF001
    spoken += phrases._SUMMARIES.values()  # noqa: SLF001
    words = {word for text in spoken for word in re.findall(r"\w+", text) if len(word) >= _LONG}
    assert people.LANGUAGES.keys() == phrases._DIALOGUES.keys()  # noqa: SLF001
    return numbers | names | words | {"recordings.", "sip:", "undocumented"}


def everything(output: Output, log: str) -> str:
    """Return all records and states, and the log, as text."""
    told = [message for message in output.messages if message["type"] != "SCHEMA"]
    return json.dumps(told, default=str, ensure_ascii=False) + log


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_nothing_of_people_is_left(
    served: Simulator,
    config: dict[str, Any],
    mode: str,
    way: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One field that was forgotten in one stream, or on one way, is a leak."""
    settings = config | MODES[mode] | WAYS[way]

    output = run_tap(settings, catalog=catalog_of(settings, **ALL))

    written = everything(output, caplog.text)
    looked_for = of_people(served)
    assert len(looked_for) > 100
    assert [text for text in sorted(looked_for) if text in written] == []
    assert KEY not in written
    assert {m["stream"] for m in output.of_type("RECORD")} >= {*registry.STREAMS, *registry.COMMON}


def test_the_same_records_hold_people_if_they_are_kept(
    served: Simulator, config: dict[str, Any]
) -> None:
    """Otherwise the test above would look for what is never there."""
    written = everything(run_tap(config, catalog=catalog_of(config, **ALL)), "")

    missing = [text for text in of_people(served) if text not in written]
    assert len(missing) < 20


def test_the_same_caller_has_the_same_hash_everywhere(config: dict[str, Any]) -> None:
    """Who calls again, at another provider too, is found by one column."""
    hashed = run_tap(config | MODES["hash"])
    plain = run_tap(config)
    found: dict[str, set[str | None]] = {}
    for stream, names in {
        "calls": ("from_number", "to_number"),
        "vonage_voice_reports": ("from", "to"),
        "voicy_calls": ("from_number", "to_number"),
        "telnyx_detail_records": ("cli", "cld"),
        "burki_calls": ("customer_phone_number", "to_phone_number"),
        "ovia_calls": ("from_number", "to_number"),
    }.items():
        pairs = zip(plain.records(stream), hashed.records(stream), strict=True)
        for before, after in pairs:
            for name in names:
                number = re.sub(r"\D", "", before[name] or "")
                if len(number) > 9 and ":" not in before[name]:
                    found.setdefault(number, set()).add(after[name])

    assert len(found) > 50
    withheld = {"266696687"}
    for number, hashes in found.items():
        if number not in withheld:
            assert len(hashes) == 1, number
    each = [next(iter(hashes)) for number, hashes in found.items() if number not in withheld]
    assert len(set(each)) == len(each)
    assert all(re.fullmatch("[0-9a-f]{64}", str(one)) for one in each)


def test_hash_needs_a_key() -> None:
    """Without a key, everybody can try all numbers."""
    config = {"start_date": "2026-01-01", "ovia": {"api_key": "k"}, "personal_data": "hash"}

    with pytest.raises(ConfigValidationError, match="needs `personal_data_key`"):
        TapVoiceCalls(config=config)


def test_records_still_fit_their_schema(config: dict[str, Any]) -> None:
    """A validating target stops at a null in a field that may not be null."""
    output = run_tap(config | MODES["drop"], catalog=catalog_of(config, **ALL))

    schemas = {m["stream"]: m["schema"]["properties"] for m in output.of_type("SCHEMA")}
    for message in output.of_type("RECORD"):
        for name, value in message["record"].items():
            types = schemas[message["stream"]][name]["type"]
            assert value is not None or "null" in types, (message["stream"], name)
