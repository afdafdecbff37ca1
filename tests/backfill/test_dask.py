"""A plan on Dask distributed: a worker that dies within a shard loses nothing."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import psutil
import pytest
from distributed import Client, LocalCluster, wait
from support import configuration, parsed, run_tap, simulator

from backfill.shards import planned, rows, run_in_a_process, together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Future

    from tap_voicecalls.simulator.messages import Request

_TIMEOUT_SECONDS = 300


class Hold:
    """Blocks the first request to a provider until its sender was killed."""

    def __init__(self, provider: str) -> None:
        self.arrived, self.released = Event(), Event()
        self._provider = provider

    def __call__(self, request: Request) -> None:
        """Block the request if it is the first to the provider."""
        if request.provider == self._provider and not self.arrived.is_set():
            self.arrived.set()
            self.released.wait(_TIMEOUT_SECONDS)


def worker_of(client: Client, task: Future[str]) -> psutil.Process:
    """Return the process of the worker that runs a task."""
    processes = client.run(os.getpid)
    (address,) = (worker for worker, keys in client.processing().items() if task.key in keys)
    return psutil.Process(processes[address])


@pytest.fixture
def client() -> Iterator[Client]:
    """Two workers, each a process with one thread."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0
        ) as cluster,
        Client(cluster) as connected,
    ):
        yield connected


def test_a_worker_killed_in_a_shard_loses_nothing(client: Client, tmp_path: Path) -> None:
    """Another worker runs the shard of the dead worker again.

    No row is missing or in two outputs, and no process of the dead worker is left.
    """
    file, hold = tmp_path / "config.json", Hold("ovia")
    with simulator() as served:
        config = configuration(served, "burki", "ovia", "vonage")
        config["vonage"]["products"] = ["VOICE-CALL", "VOICE-TTS"]
        file.write_text(json.dumps(config), encoding="utf-8")
        shards = planned("--config", file, "--shards", "5")["shards"]
        shards.sort(key=lambda shard: shard["provider"] != "ovia")
        served.on_request(hold)
        tasks = [
            client.submit(run_in_a_process, str(file), shard, str(tmp_path)) for shard in shards
        ]
        assert hold.arrived.wait(_TIMEOUT_SECONDS)
        worker = worker_of(client, tasks[0])
        orphans = worker.children(recursive=True)
        worker.kill()
        hold.released.set()
        wait(tasks, timeout=2 * _TIMEOUT_SECONDS)
        files = client.gather(tasks)
        reference = run_tap(config)
        asked = Counter(request.provider for request in served.requests)

    found, twice = together(parsed(Path(name).read_bytes()) for name in files)
    _, alive = psutil.wait_procs(orphans, timeout=_TIMEOUT_SECONDS)
    assert orphans
    assert alive == []
    assert asked["ovia"] == 3  # the dead worker, its successor, and the reference run
    assert twice == []
    assert found == rows(reference)
