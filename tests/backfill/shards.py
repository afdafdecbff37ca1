"""Runs the command `voicecalls-plan`, and the shards of its plans."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import registry
from properties.warehouse import Cut, Killed, Tape
from support import Output

from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterable

    Shard = dict[str, Any]
    Rows = dict[str, dict[tuple[object, ...], dict[str, Any]]]

_COMMAND = "from tap_voicecalls.backfill.cli import main; main()"
_TIMEOUT_SECONDS = 300


def plan(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `voicecalls-plan` with only the given environment variables."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
        env={"PATH": os.defpath, **environ},
    )


def planned(*arguments: str | Path, **environ: str) -> dict[str, Any]:
    """Run `voicecalls-plan` and return its output: a plan or a state."""
    done = plan(*arguments, **environ)
    assert done.returncode == 0, done.stderr
    output: dict[str, Any] = json.loads(done.stdout)
    return output


def run(
    config: dict[str, Any],
    shard: Shard,
    state: dict[str, Any] | None = None,
    cut: Cut | None = None,
) -> Output:
    """Run a shard in this process with its environment, to its end or up to a cut."""
    tape = Tape(cut)
    with patch.dict(os.environ, shard["env"]):
        tap = TapVoiceCalls(config=config, parse_env_config=True, state=state, message_writer=tape)
    try:
        tap.sync_all()
    except Killed:
        assert cut
    return Output([json.loads(line, parse_float=Decimal) for line in tape.lines])


def run_in_a_process(config: str, shard: Shard, folder: str) -> str:
    """Run a shard in a process of its own, and save its output once it is complete.

    This runs in a Dask worker. The tap writes to a pipe, so it ends when the worker dies.

    Args:
        config: The path of the configuration.
        shard: The shard.
        folder: The folder of the output file, which has the shard's state id as its name.
    """
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tap_voicecalls", f"--config={config}", "--config=ENV"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=_TIMEOUT_SECONDS,
        env={"PATH": os.defpath, **shard["env"]},
    )
    file = Path(folder) / f"{shard['state_id']}.jsonl"
    partial = file.with_suffix(".part")
    partial.write_bytes(done.stdout)
    partial.replace(file)
    return str(file)


def rows(output: Output) -> Rows:
    """Return the records of a run by stream and key, without URLs signed at request time.

    Lists that are read whole are in no shard.
    """
    keys = {m["stream"]: m["key_properties"] for m in output.of_type("SCHEMA")}
    found: Rows = {}
    for message in output.of_type("RECORD"):
        if message["stream"] in registry.WHOLE:
            continue
        record = {k: v for k, v in message["record"].items() if k not in ("recording_url", "url")}
        key = tuple(record[name] for name in keys[message["stream"]])
        found.setdefault(message["stream"], {})[key] = record
    return found


def together(outputs: Iterable[Output]) -> tuple[Rows, list[tuple[object, ...]]]:
    """Return the rows of all shards, and the keys that occur in several shards."""
    all_rows: Rows = {}
    owners = Counter[tuple[object, ...]]()
    for output in outputs:
        for stream, found in rows(output).items():
            all_rows.setdefault(stream, {}).update(found)
            owners.update((stream, *key) for key in found)
    return all_rows, [key for key, count in owners.items() if count > 1]
