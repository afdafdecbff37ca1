"""The contestants, and how each is started. The other files of this package are programs.

The programs of other tools run in their own environments, so they cannot import from this project.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import verify
from benchmarks.data import START, DataSet
from benchmarks.environments import own_program, program
from benchmarks.server import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HERE = Path(__file__).parent
RECORD_LINE = '"RECORD"'
_PARTS = 16


@dataclass(frozen=True, slots=True)
class Job:
    """The task of a contestant.

    Attributes:
        base_url: The base URL.
        calls: The calls that it reads.
        page_size: The largest page of the server.
        concurrency: The number of concurrent requests, for contestants that support it.
        folder: The folder for configurations and the output.
    """

    base_url: str
    calls: DataSet
    page_size: int
    concurrency: int
    folder: Path

    @property
    def output(self) -> Path:
        """The file for the contestant's stdout."""
        return self.folder / "output"

    def write(self, name: str, content: object) -> Path:
        """Write a file for the contestant."""
        path = self.folder / name
        path.write_text(json.dumps(content))
        return path


@dataclass(frozen=True, slots=True)
class Start:
    """How a contestant is started, and how its output is read.

    Attributes:
        command: The command.
        read: Yields the records of the output.
        marker: A text that only lines of records contain; empty without such lines.
        environment: Additional environment variables.
    """

    command: list[str | Path]
    read: Callable[[Path], Iterator[verify.Call]]
    marker: str = RECORD_LINE
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way of reading the calls.

    Attributes:
        key: Its short name.
        title: Its title in the report.
        start: Returns how it is started for a job.
    """

    key: str
    title: str
    start: Callable[[Job], Start]


def tap_config(job: Job, provider: str = "burki", **own: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return this tap's configuration for a job."""
    return {
        "start_date": START.isoformat(),
        "end_date": job.calls.end.isoformat(),
        "concurrency": job.concurrency,
        provider: {"api_key": KEY, "base_url": job.base_url, **own},
    }


def tap_command(job: Job, config: dict[str, Any], *streams: str) -> list[str | Path]:
    """Return the command that reads some streams with this tap."""
    command: list[str | Path] = [
        own_program("tap-voicecalls"),
        "--config",
        job.write("config.json", config),
    ]
    discovered = subprocess.run(
        [*command, "--discover"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    catalog = json.loads(discovered.stdout)
    for entry in catalog["streams"]:
        for item in entry["metadata"]:
            if not item["breadcrumb"]:
                item["metadata"]["selected"] = entry["stream"] in streams
    return [*command, "--catalog", job.write("catalog.json", catalog)]


def _this_tap(job: Job) -> Start:
    return Start(tap_command(job, tap_config(job), "burki_calls"), verify.singer)


def _plain_sdk_tap(job: Job) -> Start:
    config = job.write(
        "config.json", {"base_url": job.base_url, "api_key": KEY, "page_size": job.page_size}
    )
    return Start([sys.executable, HERE / "plain_sdk_tap.py", "--config", config], verify.singer)


def _limit(job: Job) -> Start:
    python = program("limit", "python")
    return Start(
        [python, HERE / "limit.py", job.base_url, KEY, str(job.page_size)], verify.lines, "\n"
    )


def _dlt(job: Job) -> Start:
    python = program("dlt", "python")
    folder = job.output.with_suffix(".dlt")
    command: list[str | Path] = [
        python,
        HERE / "dlt_rest_source.py",
        job.base_url,
        KEY,
        str(job.page_size),
        folder,
    ]
    environment = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(folder / "home")}
    return Start(command, verify.dlt, "", environment)


def _airbyte(job: Job) -> Start:
    return _airbyte_stream(job, "calls", 1)


def _airbyte_in_parts(job: Job) -> Start:
    return _airbyte_stream(job, "calls_in_parts", _PARTS)


def airbyte_config(job: Job, parts: int) -> dict[str, Any]:
    """Return the configuration of the declarative source, which reads partitions at once."""
    return {
        "base_url": job.base_url,
        "api_key": KEY,
        "page_size": job.page_size,
        # Airbyte warns that it may hang with a single thread, so one partition gets two.
        "concurrency": max(parts, 2),
        "parts": _parts(job.calls, parts),
    }


def _airbyte_stream(job: Job, stream: str, parts: int) -> Start:
    config = job.write("config.json", airbyte_config(job, parts))
    catalog = job.write(
        "catalog.json",
        {
            "streams": [
                {
                    "stream": {
                        "name": stream,
                        "json_schema": {},
                        "supported_sync_modes": ["full_refresh"],
                    },
                    "sync_mode": "full_refresh",
                    "destination_sync_mode": "append",
                }
            ]
        },
    )
    command: list[str | Path] = [program("airbyte", "source-declarative-manifest"), "read"]
    command += ["--config", config, "--catalog", catalog]
    command += ["--manifest-path", HERE / "airbyte_manifest.yaml"]
    return Start(command, verify.airbyte)


def _parts(calls: DataSet, count: int) -> list[str]:
    """Divide the range of the calls; both ends of the server's filter are inclusive."""
    length = timedelta(days=calls.days) / count
    return [
        "/".join(
            moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
            for moment in (
                START + part * length,
                START + (part + 1) * length - timedelta(microseconds=1),
            )
        )
        for part in range(count)
    ]


THIS_TAP = Contestant("tap", "tap-voicecalls", _this_tap)
PLAIN = Contestant("plain", "plain SDK tap", _plain_sdk_tap)
AIRBYTE = Contestant("airbyte", "Airbyte CDK, low-code", _airbyte)
AIRBYTE_IN_PARTS = Contestant(
    "airbyte16", f"Airbyte CDK, {_PARTS} partitions at once", _airbyte_in_parts
)
DLT = Contestant("dlt", "dlt REST source, extract", _dlt)
LIMIT = Contestant("limit", "limit: requests + orjson", _limit)
