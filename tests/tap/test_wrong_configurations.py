"""What a newcomer may get wrong, and the one line that each mistake gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_voicecalls.common.run import RunError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from pathlib import Path

    Settings = dict[str, Any]

KEY = "s3cr3t-4711"
BURKI: Settings = {"api_key": KEY}
GOOD: Settings = {"start_date": "2026-01-01", "burki": BURKI}
FOLDER = object()
"""In place of the content of a file."""


def maps(**own: Any) -> Settings:  # noqa: ANN401 - any JSON
    """Return settings with stream maps."""
    return GOOD | {"stream_maps": own}


def invoke(file: str, option: str, good: str, *more: str) -> None:
    """Run the command as its command line does."""
    context = click.Context(TapVoiceCalls.get_singer_command())
    files = (file if option == "--config" else good, *more)
    config = TapVoiceCalls.cb_config(context, click.Option(["--config"]), files)
    given = {option: file}
    TapVoiceCalls.invoke(config=config, state=given.get("--state"), catalog=given.get("--catalog"))


def lines_of(folder: Path, option: str, content: object, environ: Settings) -> list[str]:
    """Run the command with a wrong file, and return the errors, with the file as FILE."""
    file, good = folder / "given.json", folder / "config.json"
    good.write_text(json.dumps(GOOD), encoding="utf-8")
    if content is FOLDER:
        file.mkdir()
    elif isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, text in environ.items():
            patch.setenv(name, text)
        with pytest.raises((ConfigValidationError, RunError)) as caught:
            invoke(str(file), option, str(good), *(["ENV"] if environ else []))
    error: Any = caught.value
    lines = error.failures if isinstance(error, RunError) else error.errors
    return [line.replace(str(file), "FILE") for line in lines]


PROVIDERS = "`vonage`, `voicy`, `telnyx`, `burki`, `ovia`, `twilio`, `vapi`, `retell`, `elevenlabs`"
A_TIME = "must be a date or a timestamp such as 2026-01-31 or 2026-01-31T00:00:00Z"

SETTINGS: dict[str, tuple[object, str]] = {
    "a provider": (
        {**GOOD, "burky": BURKI},
        "there is no setting 'burky'; did you mean `burki`?",
    ),
    "a general setting": (
        {**GOOD, "lookback_hour": 1},
        "there is no setting 'lookback_hour'; did you mean `lookback_hours`?",
    ),
    "a setting of a provider": (
        {**GOOD, "burki": {**BURKI, "base_ur": "http://x"}},
        "`burki` has no setting 'base_ur'; did you mean `base_url`?",
    ),
    "a setting of an account": (
        {**GOOD, "burki": {"accounts": [{**BURKI, "acount": "berlin"}]}},
        "`burki.accounts[0]` has no setting 'acount'; did you mean `account`?",
    ),
    "a setting of recordings": (
        {**GOOD, "recordings": {"rot": "/srv"}},
        "`recordings` has no setting 'rot'; did you mean `root`?",
    ),
    "a setting of only": (
        {**GOOD, "only": {"provider": "burki", "acount": "berlin"}},
        "`only` has no setting 'acount'; did you mean `account`?",
    ),
    "a setting of batches": (
        {
            **GOOD,
            "batch_config": {"encoding": {"fromat": "jsonl"}, "storage": {"root": "file:///t"}},
        },
        "`batch_config.encoding` has no setting 'fromat'; did you mean `format`?",
    ),
    "a setting of fakes": (
        {**GOOD, "faker_config": {"sed": 1}},
        "`faker_config` has no setting 'sed'; did you mean `seed`?",
    ),
    "a stream": (
        maps(burki_call={"x": "1"}),
        "`stream_maps.burki_call`: there is no stream 'burki_call'; did you mean `burki_calls`?",
    ),
    "a pattern of streams": (
        maps(**{"*_cals": {"x": "1"}}),
        "`stream_maps.*_cals`: there is no stream '*_cals'; did you mean `calls`?",
    ),
    "the source of a stream": (
        maps(mine={"__source__": "call_turn"}),
        "`stream_maps.mine`: there is no stream 'call_turn'; did you mean `call_turns`?",
    ),
    "a field that is removed": (
        maps(calls={"from_numbr": None}),
        (
            "`stream_maps.calls.from_numbr`: calls has no field 'from_numbr'; did you mean "
            "`from_number`?"
        ),
    ),
    "a field that is replaced": (
        maps(calls={"from_numbr": "sha256(from_number)"}),
        (
            "`stream_maps.calls.from_numbr` adds a field beside `from_number`, which stays "
            "as it is: "
            "did you mean `from_number`? If not, choose a name that is less like it"
        ),
    ),
    "a field in an expression": (
        maps(calls={"from_number": "sha256(form_number)"}),
        (
            "`stream_maps.calls.from_number` uses 'form_number', which is no field or "
            "function; did "
            "you mean `from_number`?"
        ),
    ),
    "a field of the record": (
        maps(calls={"who": "record['agent_nam']"}),
        "`stream_maps.calls.who`: calls has no field 'agent_nam'; did you mean `agent_name`?",
    ),
    "a field in a filter": (
        maps(calls={"__filter__": "durations_seconds > 5"}),
        (
            "`stream_maps.calls.__filter__` uses 'durations_seconds', which is no field or "
            "function; "
            "did you mean `duration_seconds`?"
        ),
    ),
    "a function": (
        maps(calls={"from_number": "sha265(from_number)"}),
        (
            "`stream_maps.calls.from_number` uses 'sha265', which is no field or function; did you "
            "mean `sha256`?"
        ),
    ),
    "an option of maps": (
        maps(calls={"__filtr__": "cost > 1"}),
        "`stream_maps.calls.__filtr__`: there is no such option; did you mean `__filter__`?",
    ),
    "a key of a map": (
        maps(calls={"__key_properties__": ["provider", "cal_id"]}),
        (
            "`stream_maps.calls.__key_properties__`: calls has no field 'cal_id'; did you mean "
            "`call_id`?"
        ),
    ),
    "a number that is text": (
        {**GOOD, "concurrency": "8"},
        "`concurrency` must be of type integer",
    ),
    "a date": ({**GOOD, "start_date": "01.02.2026"}, f"`start_date` {A_TIME}"),
    "an end before the start": (
        {**GOOD, "end_date": "2025-01-01"},
        "`end_date` must not be before `start_date`",
    ),
    "no provider": (
        {"start_date": "2026-01-01"},
        f"no provider is configured: add at least one of {PROVIDERS}",
    ),
    "no key": (
        {**GOOD, "burki": {}},
        (
            "`burki.api_key` is missing: set it in the configuration, or as "
            "TAP_VOICECALLS_BURKI_API_KEY with --config=ENV"
        ),
    ),
    "an address without a protocol": (
        {**GOOD, "burki": {**BURKI, "base_url": "api.burki.dev"}},
        (
            "`burki.base_url` must be an http:// or https:// address, without credentials, "
            "query or "
            "fragment"
        ),
    ),
    "a label that is used twice": (
        {**GOOD, "burki": {**BURKI, "accounts": [{"account": "a"}, {"account": "a"}]}},
        (
            "`burki.accounts[1]` has the same `account` label as an earlier account: 'a'; "
            "give each account a label of its own"
        ),
    ),
}
"""Wrong settings, and the line that each gives."""

FILES: dict[str, tuple[str, object, str]] = {
    "config: a missing comma": (
        "--config",
        b'{\n  "start_date": "2026-01-01"\n  "burki": {}\n}',
        "`--config`: FILE is not valid JSON: line 3, column 3: Expecting ',' delimiter",
    ),
    "config: absent": (
        "--config",
        None,
        "`--config`: FILE cannot be read: No such file or directory",
    ),
    "config: a folder": ("--config", FOLDER, "`--config`: FILE cannot be read: Is a directory"),
    "config: empty": ("--config", b"", "`--config`: FILE is empty: it must hold a JSON object"),
    "config: of PowerShell": (
        "--config",
        json.dumps(GOOD).encode("utf-16"),
        "`--config`: FILE is UTF-16 text: save it as UTF-8",
    ),
    "config: UTF-16 without a mark": (
        "--config",
        json.dumps(GOOD).encode("utf-16-le"),
        "`--config`: FILE is UTF-16 text: save it as UTF-8",
    ),
    "config: Latin-1": (
        "--config",
        '{\n "burki": {"account": "München"}}'.encode("latin-1"),
        "`--config`: FILE is not UTF-8 text: line 2, column 25; save it as UTF-8",
    ),
    "config: one name twice": (
        "--config",
        b'{"burki": {"api_key": "a"}, "burki": {"api_key": "b"}}',
        "`--config`: FILE has 'burki' twice in one object; remove one of them",
    ),
    "state: all lines of a target": (
        "--state",
        b'{"bookmarks": {}}\n{"bookmarks": {}}\n',
        (
            "`--state`: FILE is not valid JSON: line 2, column 1: Extra data; it must hold "
            "one object, "
            "such as the last line of a target's output"
        ),
    ),
    "state: a message": (
        "--state",
        {"type": "STATE", "value": {"bookmarks": {}}},
        (
            "`--state`: FILE is not a state: it has no `bookmarks`; if it is a STATE "
            "message, use its "
            "`value`"
        ),
    ),
    "state: a wrong wrapper": (
        "--state",
        {"singer_state": []},
        "`--state`: FILE is not a state: `singer_state` must be an object",
    ),
    "state: cut off": (
        "--state",
        b'{"bookmarks": {"burki_calls": {"partitions": [',
        "`--state`: FILE is not valid JSON: line 1, column 47: Expecting value",
    ),
    "catalog: a list": (
        "--catalog",
        [],
        "`--catalog`: FILE must hold a JSON object, not a list",
    ),
    "catalog: no streams": (
        "--catalog",
        {"streams": []},
        "`--catalog`: FILE is not a catalog: it has no streams; create it again with --discover",
    ),
}
"""Broken files: the option, the content, and the line that it gives."""

VARIABLES = {
    "TAP_VOICECALLS_LOOKBACK_HOUR": "TAP_VOICECALLS_LOOKBACK_HOURS",
    "TAP_VOICECALLS_BURKI_API_KEE": "TAP_VOICECALLS_BURKI_API_KEY",
}
"""Misspelt variables of the environment, and what was meant."""


@pytest.mark.parametrize("case", SETTINGS)
def test_a_wrong_setting_is_one_line(case: str, tmp_path: Path) -> None:
    """Catches a mistake that is ignored in silence, or answered without what to do."""
    content, expected = SETTINGS[case]

    assert lines_of(tmp_path, "--config", content, {}) == [expected]


@pytest.mark.parametrize("case", FILES)
def test_a_broken_file_is_one_line(case: str, tmp_path: Path) -> None:
    """Catches a file whose name, or place of the error, the user has to find."""
    option, content, expected = FILES[case]

    assert lines_of(tmp_path, option, content, {}) == [expected]


@pytest.mark.parametrize("name", VARIABLES)
def test_a_misspelt_variable_is_one_line(name: str, tmp_path: Path) -> None:
    """Catches a variable that changes nothing; those of Meltano and others stay allowed."""
    others = {"TAP_VOICECALLS_PIP_URL": "x", "TAP_VOICECALLS__SELECT": "[]"}

    assert lines_of(tmp_path, "--config", GOOD, others | {name: KEY}) == [
        f"the environment variable '{name}' is no setting; did you mean {VARIABLES[name]}?"
    ]


@pytest.mark.parametrize(
    "own",
    [
        {"calls": {"from_number_hash": "sha256(from_number)", "from_number": None}},
        {"calls": {"cost2": "cost * 2", "costs": "cost", "cost": None}},
        {"calls": {"x": "[each for each in record.get('call_id')]", "y": "_['cost']"}},
        {"calls": {"x": "config['seed']", "y": "self", "z": "fake.name() if fake else None"}},
        {"*_calls": {"__filter__": "account != 'a'", "__alias__": "mine"}},
        {"burki_transcripts": "__NULL__", "__else__": None},
        {"elevenlabs_conversations": {"agent_id": "md5(agent_id)"}},
    ],
    ids=str,
)
def test_a_right_map_is_accepted(own: Settings) -> None:
    """Catches a check that refuses what the SDK documents, also for providers that are not set."""
    TapVoiceCalls(config=maps(**own))
