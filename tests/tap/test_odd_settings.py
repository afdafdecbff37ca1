"""Unusual but valid settings work; invalid ones are one clear line each."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from raw_server import ok, serving
from singer_sdk.exceptions import ConfigValidationError
from support import configuration, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.providers.ovia import Ovia
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2026-01-05"
CALL = json.dumps([{"id": "o-1", "started_at": f"{DAY}T01:00:00Z", "status": "completed"}])


def settings(base_url: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any setting
    """Return settings that read one day of Ovia."""
    own = {"api_key": "key", "base_url": base_url}
    return {"start_date": DAY, "end_date": "2026-01-06", "max_tries": 1, "ovia": own, **more}


def errors(folder: Path, *arguments: str, **environ: str) -> list[str]:
    """Return the errors of a run, with settings from the environment by default."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tap_voicecalls", *(arguments or ["--config=ENV"])],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **environ},
    )
    assert (done.returncode, done.stdout) == (1, "")
    return [line.split(" | ")[-1] for line in done.stderr.splitlines() if "| ERROR " in line]


@pytest.mark.parametrize(
    "more",
    [
        {"concurrency": 8.0, "max_tries": 2.0},
        {"connect_timeout": 1e300, "read_timeout": 1e300, "max_retry_seconds": 1e300},
    ],
)
def test_whole_floats_and_large_numbers_are_valid(more: dict[str, Any]) -> None:
    """Templates may write 8 as 8.0, and users set large numbers to disable a limit."""
    with serving(ok(CALL.encode())) as server:
        assert len(run_tap(settings(server.url, **more)).records("ovia_calls")) == 1


def batches(
    root: str | None = "file:///tmp",
    compression: str | None = None,
    **more: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Return a setting of batches."""
    encoding = {"format": "jsonl", "compression": compression}
    return {"batch_config": {"encoding": encoding, "storage": {"root": root}, **more}}


def test_a_run_without_a_usable_account_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without any stream that could fail, the run must not count as a success."""

    def fail(_: object) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr(Ovia, "auth", fail)
    with pytest.raises(RunError) as caught:
        run_tap(settings("http://127.0.0.1:9"))

    assert caught.value.failures == ["ovia (account default): cannot be set up: MemoryError"]


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"max_retry_seconds": 10**400}, "`max_retry_seconds` must be of type number"),
        ({"batch_config": {"encoding": {"format": "jsonl"}}}, "a `storage` with a `root`"),
        ({"batch_config": {"storage": {"root": "file:///tmp"}}}, "an `encoding` with a `format`"),
        (
            {
                "batch_config": {
                    "encoding": {"format": "jsonl", "compression": "gzip"},
                    "storage": {"root": "nowhere://x"},
                }
            },
            "`batch_config.storage.root` cannot be used: Protocol not known: nowhere",
        ),
        (batches(root=None), "a `storage` with a `root`"),
        (batches(root=""), "a `storage` with a `root`"),
        (batches(compression="none"), "`batch_config.encoding.compression` must be gzip"),
        (batches(batch_size=0), "`batch_config.batch_size` must be a whole number"),
        (batches(batch_size=True), "`batch_config.batch_size` must be a whole number"),
        (batches(batch_size="10"), "`batch_config.batch_size` must be a whole number"),
    ],
)
def test_an_unusable_value_is_one_clear_line(more: dict[str, Any], line: str) -> None:
    """It is reported before the run, not as an unexpected error within it."""
    with pytest.raises(ConfigValidationError) as caught:
        TapVoiceCalls(config=settings("http://127.0.0.1:9", **more))

    (error,) = caught.value.errors
    assert line in error


@pytest.mark.parametrize("query", ["?token=x", "#x"])
def test_an_address_with_a_query_or_fragment_is_rejected(query: str) -> None:
    """Paths would be appended to the query, so all requests would have the same path."""
    with pytest.raises(ConfigValidationError) as caught:
        TapVoiceCalls(config=settings(f"http://127.0.0.1:9/{query}"))

    assert caught.value.errors[0].startswith("`ovia.base_url` must be an http:// or https://")


def test_a_dotenv_file_in_another_encoding_is_one_clear_line(tmp_path: Path) -> None:
    """Editors on Windows may write UTF-16; the error names the file."""
    (tmp_path / ".env").write_text("TAP_VOICECALLS_OVIA_API_KEY=key", encoding="utf-16")

    (line,) = errors(tmp_path)
    assert line == f"{tmp_path / '.env'} cannot be read: it is not UTF-8 text"


def test_deeply_nested_json_is_one_clear_line(tmp_path: Path) -> None:
    """The JSON decoder raises a RecursionError."""
    (line,) = errors(tmp_path, TAP_VOICECALLS_BURKI="[" * 100_000)
    assert line == "the environment variable TAP_VOICECALLS_BURKI must hold a JSON object"


def test_valid_batch_settings_work(tmp_path: Path) -> None:
    """The check does not reject a valid `batch_config`."""
    batches = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": tmp_path.as_uri()},
    }
    with simulator(calls_per_day=3) as served:
        output = run_tap(configuration(served, "burki", batch_config=batches))

    assert output.of_type("BATCH")


@pytest.mark.parametrize(
    ("option", "content", "line"),
    [
        (
            "state",
            {"type": "STATE", "value": {"bookmarks": {}}},
            "it has no `bookmarks`; if it is a STATE message, use its `value`",
        ),
        (
            "state",
            {"bookmarks": {"ovia_calls": {"progress_markers": [1]}}},
            "`progress_markers` in the bookmark of 'ovia_calls' must be an object",
        ),
        (
            "state",
            {"bookmarks": {"x": {"partitions": [{"context": {}, "progress_markers": 1}]}}},
            "`progress_markers` of `partitions[0]` in the bookmark of 'x' must be an object",
        ),
        (
            "catalog",
            {"streams": [{"tap_stream_id": "a", "stream": "b", "schema": {"properties": {}}}]},
            "`streams[0].stream` must be its `tap_stream_id`; to rename it, use `stream_maps`",
        ),
    ],
)
def test_an_invalid_state_or_catalog_is_rejected(
    tmp_path: Path, option: str, content: object, line: str
) -> None:
    """An ignored state would read, and for some providers pay for, everything again."""
    (tmp_path / "config.json").write_text(json.dumps(settings("http://127.0.0.1:9")))
    (tmp_path / "given.json").write_text(json.dumps(content))

    (error,) = errors(tmp_path, "--config=config.json", f"--{option}=given.json")
    assert line in error


@pytest.mark.parametrize("stored", [[], "x", {"c-1": 7}])
def test_an_edited_state_is_one_clear_line(stored: object) -> None:
    """Wrong types in a stream's own state field are not an unexpected error."""
    config = settings("http://127.0.0.1:9")
    config["voicy"] = config.pop("ovia")
    partition = {"context": {"account": "default"}, "details_refused": stored}
    with pytest.raises(RunError) as caught:
        run_tap(config, state={"bookmarks": {"voicy_call_details": {"partitions": [partition]}}})

    assert [each for each in caught.value.failures if "`details_refused` in the state" in each]
    assert not [each for each in caught.value.failures if "unexpected" in each]
