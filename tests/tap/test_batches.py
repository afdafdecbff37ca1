"""Batch files by the quick way: the same records as messages, and STATE only behind them."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from singer_sdk.helpers._batch import StorageTarget
from support import Output, configuration, parsed, run_tap, simulator

from tap_voicecalls.output.abort import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_voicecalls.simulator import Simulator

    Rows = dict[str, list[bytes]]

SIZE = 20
RECORD = re.compile(rb'"record":(\{.*\}),"time_extracted":')
RUN = re.compile(r"p-tap-voicecalls--\w+-(\d{8}T\d{6}Z-[0-9a-f]{8})-\d+\.json\.gz")


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """Simulate a provider with details beside the calls."""
    with simulator(unknown_fields=True) as made:
        yield made


def batched(served: Simulator, root: Path, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a configuration that writes batch files."""
    batches = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": root.as_uri(), "prefix": "p-"},
        "batch_size": SIZE,
    }
    return configuration(served, "burki", batch_config=batches, **settings)


def lines_of(address: str) -> list[bytes]:
    """Return the lines of a batch file, which must be whole."""
    return gzip.decompress(Path(urlsplit(address).path).read_bytes()).splitlines()


def rows_in_files(output: Output) -> Rows:
    """Return the rows of the files that BATCH messages name, by stream."""
    rows: Rows = defaultdict(list)
    for message in output.of_type("BATCH"):
        for address in message["manifest"]:
            rows[message["stream"]] += lines_of(address)
    return rows


@pytest.mark.parametrize("is_text", [False, True], ids=["numbers", "use_singer_decimal"])
def test_files_hold_the_bytes_of_the_messages(
    served: Simulator, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], *, is_text: bool
) -> None:
    """Catches a batch that is encoded by another way than a RECORD message."""
    run_tap(configuration(served, "burki", use_singer_decimal=is_text))
    command = [sys.executable, "-m", "tap_voicecalls", "--config"]
    plain: Rows = defaultdict(list)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(configuration(served, "burki", use_singer_decimal=is_text)))
    subprocess.run([*command, config], check=True)  # noqa: S603 - our own program
    for line in capfdbinary.readouterr().out.splitlines():
        if found := RECORD.search(line):
            plain[json.loads(line)["stream"]].append(found[1])

    files = rows_in_files(run_tap(batched(served, tmp_path / "files", use_singer_decimal=is_text)))

    assert files == plain
    assert len(files["burki_calls"]) > 2 * SIZE
    assert files["call_costs"]


def test_files_are_as_large_as_the_setting_says(served: Simulator, tmp_path: Path) -> None:
    """Catches files that are larger, empty, or many for one window."""
    output = run_tap(batched(served, tmp_path))

    counts: dict[str, list[int]] = defaultdict(list)
    for message in output.of_type("BATCH"):
        counts[message["stream"]] += map(len, map(lines_of, message["manifest"]))
    assert all(0 < count <= SIZE for some in counts.values() for count in some)
    assert counts["call_costs"].count(SIZE) > len(counts["call_costs"]) / 2
    assert output.of_type("RECORD") == []


def test_the_files_of_a_run_share_a_name(served: Simulator, tmp_path: Path) -> None:
    """Catches files of a killed run that nobody can tell from those of the next run."""
    run_tap(batched(served, tmp_path))

    runs = {found[1] for path in tmp_path.iterdir() if (found := RUN.fullmatch(path.name))}
    assert len(runs) == 1
    assert all(RUN.fullmatch(path.name) for path in tmp_path.iterdir())


@pytest.mark.parametrize("prefix", ["p-", "day 1/p-", "100% #"])
def test_a_target_of_the_sdk_finds_the_files(
    served: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """Catches a folder or prefix whose files the target cannot open by the address it gets."""
    monkeypatch.chdir(tmp_path)
    config = batched(served, tmp_path)
    config["batch_config"]["storage"] = {"root": "my files", "prefix": prefix}
    config["batch_config"]["encoding"] = {"format": "jsonl"}
    output = run_tap(config)

    for message in output.of_type("BATCH"):
        assert message["encoding"] == {"format": "jsonl", "compression": "gzip"}
        folder, name = StorageTarget.split_url(message["manifest"][0])
        with StorageTarget.from_url(folder).open(name) as file, gzip.open(file) as rows:
            assert rows.read()


@pytest.mark.parametrize("is_by_sdk", [False, True])
def test_a_file_is_made_in_its_folder(
    served: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_by_sdk: bool
) -> None:
    """Catches a file that is copied from another disk: half of it is left if the run is killed."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    flat = {"flattening_enabled": is_by_sdk, "flattening_max_depth": 1}
    config = batched(served, tmp_path / "files", **flat)

    assert rows_in_files(run_tap(config))["burki_calls"]


def test_a_state_comes_after_the_files_that_it_covers(served: Simulator, tmp_path: Path) -> None:
    """Catches a STATE whose calls are lost if the run is killed right after it."""
    config = batched(served, tmp_path)
    starts = {
        call["id"]: call["started_at"]
        for call in map(json.loads, rows_in_files(run_tap(config))["burki_calls"])
    }

    announced, states = set[int](), 0
    for message in run_tap(config).messages:
        if message["type"] == "BATCH" and message["stream"] == "burki_calls":
            announced |= {json.loads(row)["id"] for row in lines_of(message["manifest"][0])}
        if message["type"] == "STATE" and (mark := bookmark(message)):
            states += 1
            assert {one for one, start in starts.items() if start < mark} <= announced
    assert states > 3


def bookmark(state: Mapping[str, Any]) -> str | None:
    """Return the bookmark of the calls in a STATE message."""
    stream = state["value"].get("bookmarks", {}).get("burki_calls", {})
    (partition,) = stream.get("partitions") or [{}]
    mark: str | None = partition.get("replication_key_value")
    return mark


def test_a_storage_that_cannot_be_written_is_one_line(served: Simulator, tmp_path: Path) -> None:
    """Catches a run that goes on, or writes a STATE, when its records were lost."""
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")

    with pytest.raises(OutputError, match=r"batch file .*`batch_config.storage.root`.*: Not a dir"):
        run_tap(batched(served, tmp_path / "file" / "below"))


def test_a_killed_run_leaves_whole_files(served: Simulator, tmp_path: Path) -> None:
    """Catches half a file, and calls that neither the killed run nor the next one announces."""
    config, files = tmp_path / "config.json", tmp_path / "files"
    config.write_text(json.dumps(batched(served, files)), encoding="utf-8")
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "tap_voicecalls", "--config", config],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout
        written = []
        for line in process.stdout:
            written.append(line)
            if bookmark({"value": {}} | json.loads(line)):
                process.kill()
                break
        written += process.stdout.read().splitlines(keepends=True)
    whole = [line for line in written if line.endswith(b"\n")]
    killed = parsed(b"".join(whole))
    assert all(lines_of(path.as_uri()) for path in files.glob("p-*"))

    state = killed.of_type("STATE")[-1]["value"]
    second = run_tap(batched(served, files), state=state)

    seen = {
        json.loads(row)["id"]
        for output in (killed, second)
        for row in rows_in_files(output)["burki_calls"]
    }
    assert seen == {call["id"] for call in served.records("burki_calls")}
