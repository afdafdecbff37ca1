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
    """Run `voicecalls-plan`, with nothing in its environment but what is given."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
        env={"PATH": os.defpath, **environ},
    )


def planned(*arguments: str | Path, **environ: str) -> dict[str, Any]:
    """Run `voicecalls-plan` and return what it prints, a plan or a state."""
    done = plan(*arguments, **environ)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run(
    config: dict[str, Any],
    shard: Shard,
    state: dict[str, Any] | None = None,
    cut: Cut | None = None,
) -> Output:
    """Run a shard in this process, by its environment alone, to its end or to a cut."""
    tape = Tape(cut)
    with patch.dict(os.environ, shard["env"]):
        tap = TapVoiceCalls(config=config, parse_env_config=True, state=state, message_writer=tape)
    try:
        tap.sync_all()
    except Killed:
        assert cut
    return Output([json.loads(line, parse_float=Decimal) for line in tape.lines])


def run_in_a_process(config: str, shard: Shard, folder: str) -> str:
    """Run a shard as a process of its own, and keep what it wrote once it is whole.

    An engine's worker calls this. The tap writes into a pipe, so it does not outlive the worker.

    Args:
        config: The path of the configuration.
        shard: The shard.
        folder: Where to keep the output, in a file that is named after the shard.
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
    whole = file.with_suffix(".part")
    whole.write_bytes(done.stdout)
    whole.replace(file)
    return str(file)


def rows(output: Output) -> Rows:
    """Return the records of a run by stream and key; what is signed anew each time is left out."""
    keys = {m["stream"]: m["key_properties"] for m in output.of_type("SCHEMA")}
    found: Rows = {}
    for message in output.of_type("RECORD"):
        record = {k: v for k, v in message["record"].items() if k != "recording_url"}
        key = tuple(record[name] for name in keys[message["stream"]])
        found.setdefault(message["stream"], {})[key] = record
    return found


def together(outputs: Iterable[Output]) -> tuple[Rows, list[tuple[object, ...]]]:
    """Return the rows of all shards, and the keys that more than one of them has."""
    all_rows: Rows = {}
    owners = Counter[tuple[object, ...]]()
    for output in outputs:
        for stream, found in rows(output).items():
            all_rows.setdefault(stream, {}).update(found)
            owners.update((stream, *key) for key in found)
    return all_rows, [key for key, count in owners.items() if count > 1]
