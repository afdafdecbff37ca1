"""Wrong or unusual inputs of the command: one line each, and everything else is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NoReturn

import pytest
from support import configuration, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.providers.burki import Burki
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_voicecalls.simulator import Simulator

KEY = "s3cr3t-4711"


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """Simulate a few calls."""
    with simulator(calls_per_day=3) as running:
        yield running


def tap(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tap_voicecalls", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **environ},
    )


def errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the errors of a run that failed without a traceback or output."""
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return [line.split(" | ")[-1] for line in done.stderr.splitlines() if "| ERROR " in line]


@pytest.mark.parametrize("option", ["--config", "--state", "--catalog"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is empty: it must hold a JSON object"),
        (
            b"{\n1",
            (
                "is not valid JSON: line 2, column 1: "
                "Expecting property name enclosed in double quotes"
            ),
        ),
        ("{}".encode("utf-16"), "is UTF-16 text: save it as UTF-8"),
        (b"[]", "must hold a JSON object, not a list"),
    ],
)
def test_an_invalid_file_is_one_line(
    served: Simulator, tmp_path: Path, option: str, content: bytes | None, expected: str
) -> None:
    """Users read which file is wrong and where, not a traceback."""
    (tmp_path / "config.json").write_text(json.dumps(configuration(served, "burki")))
    if content is not None:
        (tmp_path / "given.json").write_bytes(content)

    done = tap(tmp_path, "--config=config.json", f"{option}=given.json")
    assert errors(done) == [f"`{option}`: given.json {expected}"]


@pytest.mark.parametrize("option", ["--config", "--merge"])
def test_the_plan_command_reports_invalid_files_as_well(tmp_path: Path, option: str) -> None:
    """It reads the same files."""
    (tmp_path / "given.json").write_text("[]")
    arguments = {"--config": ["--days=1"], "--merge": ["given.json"]}[option]
    code = "from tap_voicecalls.backfill.cli import main; main()"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code, option, "given.json", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "given.json" in done.stderr


def test_a_newline_after_a_key_is_stripped(served: Simulator, tmp_path: Path) -> None:
    """Secrets of containers often end with one."""
    config = configuration(served, "burki", "vonage")
    config["burki"]["api_key"] += "\n"
    config["vonage"]["api_secret"] = f"\u00a0{config['vonage']['api_secret']}\r\n"
    (tmp_path / "config.json").write_text(json.dumps(config))

    done = tap(tmp_path, "--config=config.json", LOGLEVEL="DEBUG")
    assert (done.returncode, '"stream":"vonage_voice_reports"' in done.stdout) == (0, True)
    assert config["burki"]["api_key"].strip() not in done.stderr
    assert config["vonage"]["api_secret"].strip() not in done.stderr


@pytest.mark.parametrize("argument", ["", "--test", "--discover"])
def test_a_key_with_invalid_characters_is_named_but_not_shown(
    tmp_path: Path, argument: str
) -> None:
    """Neither errors nor the log at DEBUG may contain keys."""
    wrong = {"start_date": "2026-01-01", "burki": {"api_key": f"\u201c{KEY}\u201d"}}
    (tmp_path / "config.json").write_text(json.dumps(wrong))

    done = tap(tmp_path, "--config=config.json", *argument.split(), LOGLEVEL="DEBUG")
    (line,) = errors(done)
    assert "`burki.api_key` contains a character that is never part of a key (U+201C)" in line
    assert KEY not in done.stderr


def test_each_unknown_setting_is_one_line(tmp_path: Path) -> None:
    """A misspelt provider would not be read, unnoticed."""
    wrong = {"start_date": "2026-01-01", "ovia": {"api_key": KEY}, "burky": {}, "lookback_hour": 1}
    (tmp_path / "config.json").write_text(json.dumps(wrong))

    assert errors(tap(tmp_path, "--config=config.json")) == [
        "there is no setting 'burky'; did you mean `burki`?",
        "there is no setting 'lookback_hour'; did you mean `lookback_hours`?",
    ]


@pytest.mark.parametrize(
    ("arguments", "more", "expected"),
    [
        ((), {}, True),
        (("--config=ENV",), {}, False),
        ((), {"MELTANO_EXTRACTOR_NAME": "tap-voicecalls"}, False),
    ],
    ids=["unread", "read", "meltano"],
)
def test_an_environment_that_is_not_read_is_a_warning(
    tmp_path: Path, arguments: tuple[str, ...], more: dict[str, str], *, expected: bool
) -> None:
    """Catches shards of a backfill that each read everything, as nobody reads their variables."""
    config = {"start_date": "2026-01-05", "end_date": "2026-01-06", "simulate": True}
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config | {"burki": {}, "ovia": {}}), encoding="utf-8")
    shard = {"TAP_VOICECALLS_ONLY_PROVIDER": "burki", "TAP_VOICECALLS_END_DATE": "2026-01-05"}

    done = tap(tmp_path, f"--config={file}", *arguments, "--test", **shard, **more)

    line = (
        "the environment is not read, but has settings: TAP_VOICECALLS_END_DATE, "
        "TAP_VOICECALLS_ONLY_PROVIDER; give --config=ENV as well to read them"
    )
    assert (line in done.stderr) is expected
    assert ("ovia_calls: ok" in done.stderr) is not ("--config=ENV" in arguments)


def test_settings_of_the_sdk_are_accepted(served: Simulator) -> None:
    """Meltano passes them on for the SDK's own features."""
    config = configuration(
        served,
        "burki",
        stream_maps={"calls": {"x": "config['seed']"}},
        stream_map_config={"seed": "1"},
        faker_config={"seed": 1, "locale": "de_DE"},
        flattening_enabled=True,
        flattening_max_depth=1,
        flattening_separator="_",
        flattening_max_key_length=60,
    )

    assert {record["x"] for record in run_tap(config).records("calls")} == {"1"}


def test_a_renamed_account_is_a_warning(
    served: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Under a new label an account is read from its start, and its calls are loaded twice."""
    partitions = [{"context": {"account": label}} for label in ("default", "berlin")]
    state = {"bookmarks": {"burki_calls": {"partitions": partitions}, "ovia_calls": {}}}
    TapVoiceCalls(config=configuration(served, "burki"), state=state)

    (line,) = [each for each in caplog.messages if "accounts" in each]
    assert line.startswith("the state has bookmarks of accounts that are not configured: ")
    assert "burki/'berlin';" in line


def test_an_account_renamed_in_the_state_is_continued(
    served: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """After renaming as the docs describe, nothing is read again."""
    config = configuration(served, "burki", lookback_hours=0)
    before = run_tap(config)
    state = before.state
    for stream in state["bookmarks"].values():
        for partition in stream.get("partitions", []):
            partition["context"]["account"] = "munich"
    config["burki"]["account"] = "munich"

    assert before.records("burki_calls")
    assert run_tap(config, state=state).records("burki_calls") == []
    assert not [each for each in caplog.messages if "not configured" in each]


def test_a_run_of_one_account_does_not_warn_of_others(
    served: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """A shard has all accounts in its state, and leaves the others out on purpose."""
    state = {"bookmarks": {"burki_calls": {"partitions": [{"context": {"account": "berlin"}}]}}}
    only = {"provider": "burki", "account": "default"}
    TapVoiceCalls(config=configuration(served, "burki", only=only), state=state)

    assert not [each for each in caplog.messages if "accounts" in each]


def test_an_account_that_cannot_be_set_up_does_not_stop_others(
    served: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The accounts of other providers are read."""

    def fail(_: object) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr(Burki, "auth", fail)
    with pytest.raises(RunError) as caught:
        run_tap(configuration(served, "burki", "voicy"))

    assert caught.value.failures == ["burki (account default): cannot be set up: MemoryError"]
    assert any("voicy_calls" in each for each in caplog.messages)


def test_an_unexpected_error_is_one_line_without_data(tmp_path: Path) -> None:
    """The text of an unexpected error may quote a record, so the line only names the code."""
    code = (
        "from tap_voicecalls.cli import run_command\n"
        "def fail(): raise KeyError('+12025550123')\n"
        "run_command(fail)"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )

    assert done.returncode == 1
    assert done.stderr.startswith("unexpected KeyError at <string>:2 < cli.py:")
    assert done.stderr.endswith("please report this line as a defect\n")
    assert "2025550123" not in done.stderr
