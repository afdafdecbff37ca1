"""Compares one large report of Vonage with the same calls read page by page: time, memory, records.

``python -m benchmarks.vonage_reports [--records N] [--growth]``

Both modes read the same calls of four weeks, which are one report. The records are compared by a
hash of all lines, in any order, without `time_extracted`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.data import START, DataSet
from benchmarks.environments import CACHE, ROOT, own_program
from benchmarks.measure import Figures, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAYS = 28
_STREAM = "vonage_voice_reports"
_RECORD = b'{"type":"RECORD"'
_TIME_EXTRACTED = re.compile(rb',"time_extracted":"[^"]*"')


class Read(NamedTuple):
    """The figures and the records of one mode."""

    figures: Figures
    records: int
    digest: str


@contextmanager
def serving(calls: DataSet) -> Iterator[int]:
    """Start the server as a process, and yield its port."""
    program = [sys.executable, "-m", "benchmarks.vonage_server"]
    with subprocess.Popen(
        [*program, str(calls.records), str(calls.days)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout  # noqa: S101 - it is a pipe
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def read(calls: DataSet, mode: str, port: int, folder: Path) -> Read:
    """Read all calls with the tap in one mode."""
    config = folder / "config.json"
    vonage = {
        "api_key": "key",
        "api_secret": "secret",
        "base_url": f"http://127.0.0.1:{port}",
        "products": ["VOICE-CALL"],
        "mode": mode,
        "requests_per_second": 1000,
    }
    settings = {"start_date": START.isoformat(), "end_date": calls.end.isoformat()}
    config.write_text(json.dumps(settings | {"vonage": vonage}))
    tap: list[str | Path] = [own_program("tap-voicecalls"), f"--config={config}"]
    catalog = folder / "catalog.json"
    catalog.write_text(json.dumps(_catalog(tap)))
    output = folder / "output"
    figures = measure([*tap, f"--catalog={catalog}"], output=output)
    records, digest = _digest(output)
    output.unlink()
    return Read(figures, records, digest)


def _catalog(tap: list[str | Path]) -> object:
    """Select only the stream of the reports, not `calls`."""
    found = subprocess.run([*tap, "--discover"], stdout=subprocess.PIPE, check=True)
    catalog = json.loads(found.stdout)
    for stream in catalog["streams"]:
        (root,) = (entry for entry in stream["metadata"] if not entry["breadcrumb"])
        root["metadata"]["selected"] = stream["tap_stream_id"] == _STREAM
    return catalog


def _digest(output: Path) -> tuple[int, str]:
    with output.open("rb") as lines:
        digests = sorted(
            blake2b(_TIME_EXTRACTED.sub(b"", line), digest_size=16).digest()
            for line in lines
            if line.startswith(_RECORD)
        )
    return len(digests), blake2b(b"".join(digests), digest_size=16).hexdigest()


def compare(records: int, ways: tuple[str, ...]) -> bool:
    """Read calls in several modes, print the figures, and return whether all records agree."""
    calls = DataSet(records, _DAYS)
    CACHE.mkdir(parents=True, exist_ok=True)
    found = []
    with serving(calls) as port, tempfile.TemporaryDirectory(dir=CACHE) as folder:
        for way in ways:
            done = read(calls, way, port, Path(folder))
            found.append((done.records, done.digest))
            print(
                f"| {records:,} | {way} | {done.figures.seconds:.1f} | {done.figures.cpu:.1f} "
                f"| {done.figures.peak:.0f} | {done.records:,} | {done.digest} |",
                flush=True,
            )
    return set(found) == {(records, found[0][1])}


def main() -> None:
    """Measure and print; fail if the records of the modes differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument(
        "--growth", action="store_true", help="first a hundredth and a tenth of the records"
    )
    arguments = parser.parse_args()
    print(f"load before: {os.getloadavg()[0]:.1f}\n")
    print("| calls | mode | seconds | of processor | peak MiB | records | hash |")
    print("|---|---|---|---|---|---|---|")
    smaller = [arguments.records // 100, arguments.records // 10] if arguments.growth else []
    is_same = all(compare(step, ("async",)) for step in smaller)
    is_same = compare(arguments.records, ("async", "sync")) and is_same
    print(f"\nload after: {os.getloadavg()[0]:.1f}")
    sys.exit(0 if is_same else "the two modes do not return the same records")


if __name__ == "__main__":
    main()
