"""Backfill 13 months of some accounts on Airflow, kill two shards, and compare every row.

``python -m trial.run`` creates simulated accounts, a Meltano project, a PostgreSQL and an Airflow,
and removes them at the end.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meltano_project import ROOT, MeltanoError

from demo.postgres import NoPostgresError, running
from trial.engine import Engine, EngineError
from trial.killing import Killer, StillThereError
from trial.landing import count, differences, total
from trial.project import Backfill
from trial.serving import Served, served
from trial.world import END, STREAM, accounts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PROGRAMS = ROOT / ".cache/airflow/bin"
_LOOKBACK = timedelta(hours=24)
_SHOWN = 10
_KILLS = 2
_RUN_SECONDS = 4 * 3600
_BATCH = 10_000  # the default of the loader


class TrialError(AssertionError):
    """A result is not as expected."""


def main() -> int:
    """Run the trial, and print its error, if any."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # runs all clean-up
    try:
        _try(_options())
    except KeyboardInterrupt:
        print("airflow: stopped", file=sys.stderr)
        return 130
    except (NoPostgresError, MeltanoError, EngineError, StillThereError, TrialError) as error:
        print(f"airflow: {error}", file=sys.stderr)
        return 1
    return 0


def _try(options: argparse.Namespace) -> None:
    with ExitStack() as stack:
        made = accounts(options.accounts, options.calls)
        world = [stack.enter_context(served(account)) for account in made]
        server = stack.enter_context(running())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="voicecalls-airflow-"))
        # A shard has several batches, so that it can be killed between two of them.
        batch = min(_BATCH, options.calls // options.shards // 5)
        settings = [each.settings for each in world]
        backfill = Backfill(Path(folder, "project"), server, settings, batch)
        plan = backfill.plan(options.shards, options.at_once)
        _say(f"a plan of {len(plan['shards'])} shards, {options.at_once} of an account at once")
        if options.one_process:
            _say(f"one process: {_timed(backfill.in_one_process):,.0f} s by the clock")
        _on_airflow(backfill, plan, Path(folder))
        _compare(backfill, world)
        _schedule(backfill, world)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m trial.run", description=__doc__)
    parser.add_argument(
        "--calls", type=int, default=60_000, help="approximate total number of calls"
    )
    parser.add_argument("--accounts", type=int, default=2)
    parser.add_argument("--shards", type=int, default=6)
    parser.add_argument("--at-once", type=int, default=1, help="concurrent shards of an account")
    parser.add_argument(
        "--one-process",
        action="store_true",
        help="also load all calls in one process, for comparison",
    )
    return parser.parse_args()


def _on_airflow(backfill: Backfill, plan: dict[str, Any], folder: Path) -> None:
    """Run the backfill, with kills, and report on each shard."""
    home, pools = folder / "airflow", folder / "pools.json"
    home.mkdir()
    pools.write_bytes(_pools(backfill))
    with Engine(
        programs=_PROGRAMS,
        home=home,
        dags=backfill.dags,
        database=backfill.metadata,
        at_once=len(json.loads(pools.read_bytes())) * plan["at_once"],
        variables=backfill.variables,
    ) as engine:
        engine.command("pools", "import", str(pools))
        _say("Airflow is ready; the backfill starts")
        seconds = _timed(lambda: _run(engine, backfill, plan))
        _say(f"the backfill on Airflow: {seconds:,.0f} s by the clock")


def _pools(backfill: Backfill) -> bytes:
    command: list[str | Path] = [
        sys.executable,
        backfill.dags / "voicecalls_pools.py",
        backfill.plan_file,
    ]
    return subprocess.check_output(command, timeout=60)  # noqa: S603 - our own program


def _run(engine: Engine, backfill: Backfill, plan: dict[str, Any]) -> None:
    shards = {shard["state_id"]: shard for shard in plan["shards"]}
    killer = Killer(shards, lambda shard: count(backfill.warehouse, shard), _say)
    run = engine.rest.trigger()
    deadline = time.monotonic() + _RUN_SECONDS
    while (state := engine.rest.state(run)) in {
        "queued",
        "running",
    } and time.monotonic() < deadline:
        killer.look(engine.processes())
        time.sleep(0.5)
    tasks = engine.rest.tasks(run)
    _report(plan["shards"], tasks, backfill)
    if state != "success":
        raise EngineError(engine.log())
    if len(killer.killed) < _KILLS:
        msg = f"only {len(killer.killed)} shards could be killed while loading; use more --calls"
        raise TrialError(msg)
    if tried_once := killer.killed - {_shard(task) for task in tasks if task["try_number"] > 1}:
        msg = f"killed, but not retried: {tried_once}"
        raise TrialError(msg)


def _report(shards: Sequence[dict[str, Any]], tasks: list[dict[str, Any]], made: Backfill) -> None:
    """Print a line for each shard."""
    known = {_shard(task): task for task in tasks}
    for shard in shards:
        task = known.get(shard["id"])
        outcome = f"{task['state']}, tries: {task['try_number']}" if task else "not started"
        seconds = f"{task['duration'] or 0:6.1f} s" if task else ""
        _say(f"  {shard['id']:40} {outcome} {seconds} {count(made.warehouse, shard):10,} rows")


def _shard(task: dict[str, Any]) -> str:
    return str(task["rendered_map_index"])


def _compare(backfill: Backfill, world: Sequence[Served]) -> None:
    unequal = list(islice(differences(backfill.warehouse, [w.account for w in world]), _SHOWN))
    if unequal:
        raise TrialError("\n".join(unequal))
    for table, rows in _totals(backfill).items():
        _say(f"{table}: {rows:,} rows, all fields equal to those of the simulators")


def _totals(backfill: Backfill) -> dict[str, int]:
    return {table: total(backfill.warehouse, table) for table in (STREAM, "calls")}


def _schedule(backfill: Backfill, world: Sequence[Served]) -> None:
    """Run the scheduled pipeline, and check that it only reads the lookback."""
    for each in world:
        each.requested_starts()
    before = _totals(backfill)
    backfill.scheduled()
    for each in world:
        starts = each.requested_starts()
        first = min(starts)
        _say(
            f"{each.account.label}: the scheduled run sent {len(starts)} requests, from {first} on"
        )
        if first != END - _LOOKBACK:
            msg = f"the scheduled run must start at {END - _LOOKBACK}"
            raise TrialError(msg)
    if (after := _totals(backfill)) != before:
        msg = f"the scheduled run changed the row counts from {before} to {after}"
        raise TrialError(msg)


def _timed(function: Callable[[], object]) -> float:
    began = time.monotonic()
    function()
    return time.monotonic() - began


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
