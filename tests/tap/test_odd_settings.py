"""Settings that are odd but right are used; those that cannot be used are one line each."""

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
    """Return what a run complains of; it gets its settings from the environment, if not told."""
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
def test_numbers_of_another_form_or_size_are_used(more: dict[str, Any]) -> None:
    """Templates write 8 as 8.0, and some mean no limit by a large number."""
    with serving(ok(CALL.encode())) as server:
        assert len(run_tap(settings(server.url, **more)).records("ovia_calls")) == 1


def test_the_only_account_that_cannot_be_set_up_fails_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where no stream is left that could fail, a run that read nothing was a success."""

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
    ],
)
def test_what_cannot_be_used_is_one_line(more: dict[str, Any], line: str) -> None:
    """It was an unexpected error in the middle of the run, to be reported as a defect."""
    with pytest.raises(ConfigValidationError) as caught:
        TapVoiceCalls(config=settings("http://127.0.0.1:9", **more))

    (error,) = caught.value.errors
    assert line in error


@pytest.mark.parametrize("query", ["?token=x", "#x"])
def test_an_address_that_no_path_can_follow_is_refused(query: str) -> None:
    """Paths would become a part of the query, and each request go to the same place."""
    with pytest.raises(ConfigValidationError) as caught:
        TapVoiceCalls(config=settings(f"http://127.0.0.1:9/{query}"))

    assert caught.value.errors[0].startswith("`ovia.base_url` must be an http:// or https://")


def test_a_dotenv_file_in_another_encoding_is_one_line(tmp_path: Path) -> None:
    """An editor of Windows writes UTF-16: the user reads which file it is."""
    (tmp_path / ".env").write_text("TAP_VOICECALLS_OVIA_API_KEY=key", encoding="utf-16")

    (line,) = errors(tmp_path)
    assert line == f"{tmp_path / '.env'} cannot be read: it is not UTF-8 text"


def test_an_object_that_is_nested_too_deeply_is_one_line(tmp_path: Path) -> None:
    """The decoder of JSON knows no end to it."""
    (line,) = errors(tmp_path, TAP_VOICECALLS_BURKI="[" * 100_000)
    assert line == "the environment variable TAP_VOICECALLS_BURKI must hold a JSON object"


def test_batches_are_written_as_before(tmp_path: Path) -> None:
    """The check must refuse none that work."""
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
def test_a_state_or_catalog_that_is_none_is_refused(
    tmp_path: Path, option: str, content: object, line: str
) -> None:
    """A state that is passed over reads, and for some providers pays for, everything again."""
    (tmp_path / "config.json").write_text(json.dumps(settings("http://127.0.0.1:9")))
    (tmp_path / "given.json").write_text(json.dumps(content))

    (error,) = errors(tmp_path, "--config=config.json", f"--{option}=given.json")
    assert line in error


@pytest.mark.parametrize("told", [[], "x", {"c-1": 7}])
def test_calls_remembered_in_another_form_are_one_line(told: object) -> None:
    """An edited state ended the stream in an unexpected error, in each run."""
    config = settings("http://127.0.0.1:9")
    config["voicy"] = config.pop("ovia")
    partition = {"context": {"account": "default"}, "details_refused": told}
    with pytest.raises(RunError) as caught:
        run_tap(config, state={"bookmarks": {"voicy_call_details": {"partitions": [partition]}}})

    assert [each for each in caught.value.failures if "`details_refused` in the state" in each]
    assert not [each for each in caught.value.failures if "unexpected" in each]
