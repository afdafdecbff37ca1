"""Where the tap's processor time goes, as a share per step of a record's path.

``python -m benchmarks.profile [--records N] [--page-size N] [--concurrency N]``

py-spy samples the tap from outside while it reads the benchmark's calls. cProfile is not suitable:
it sees one thread, and overstates Python code compared with the C code that does half of the work.
Only samples that hold the GIL count, since the threads share it. The rest (the kernel, moving bytes
from and to the process) is the difference to the processor time of a run without py-spy, which is
also printed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import data
from benchmarks.cases import CONCURRENCY, dense
from benchmarks.contestants import THIS_TAP, Job
from benchmarks.environments import CACHE, make, program
from benchmarks.measure import measure
from benchmarks.server import started

if TYPE_CHECKING:
    from collections.abc import Iterable

_RATE = 500  # samples a second
_FRAME = re.compile(r"(?P<function>.+) \((?P<file>[^()]*?)(:\d+)?\)$")
_START_UP, _OTHER = "start-up", "other"


class Rule(NamedTuple):
    """Assigns frames to a step.

    Attributes:
        step: The step.
        files: Matches the file of the frame.
        functions: Matches the whole name of the function; by default all functions.
    """

    step: str
    files: str
    functions: str = ".*"


# The innermost frame that matches a rule decides. A frame without a rule belongs to its caller.
_RULES = [
    Rule("network", r"(^|/)(requests|urllib3|http)/"),
    Rule("split the response", r"tap_voicecalls/(records/raw_json|http/answers)\.py"),
    Rule("network", r"tap_voicecalls/(http/|common/urls)"),
    Rule("decode into records", r"tap_voicecalls/records/conform\.py", r"(.*\.)?(all|__call__)"),
    Rule("encode", r"tap_voicecalls/records/record_type\.py", "encode"),
    Rule(
        "times and numbers",
        r"tap_voicecalls/(records/(columns|conform|record_type|converters|exact)|common/times)\.py",
    ),
    Rule(
        "key, bookmark cap, row",
        r"tap_voicecalls/(records/identity|rows/row|streams/record_stream)\.py",
    ),
    Rule(
        "key, bookmark cap, row",
        r"tap_voicecalls/providers/",
        r"(.*\.)?(fill_derived_fields|is_running|ended_at|read_time_of)",
    ),
    Rule(
        "count, sort",
        r"tap_voicecalls/(streams/(windowed|window_|time_filter)|streams/paging/(list_count|sorted_list)"
        r"|common/windows|rows/)",
    ),
    Rule(
        "page and read ahead",
        r"tap_voicecalls/(streams/(paging/|read_ahead|paged)|common/concurrency|providers/)",
    ),
    Rule("lines", r"tap_voicecalls/output/record_lines\.py"),
    Rule("write", r"tap_voicecalls/output/writer\.py", r"(.*\.)?_write_out"),
    Rule("write", r"tap_voicecalls/output/stdout\.py"),
    Rule("encode", r"tap_voicecalls/output/writer\.py", r"(.*\.)?serialize_message"),
    Rule("buffer", r"tap_voicecalls/output/writer\.py"),
    Rule("encode", r"singer_sdk/singerlib/(encoding|messages|json)"),
    Rule("stream maps (SDK)", r"singer_sdk/mapper"),
    Rule("select (SDK)", r"singer_sdk/(helpers/_catalog|singerlib/catalog|helpers/conform)"),
    Rule("select (SDK)", r"singer_sdk/streams/core\.py", r"(.*\.)?(pop_deselected|conform)\w*"),
    Rule("state (SDK)", r"singer_sdk/helpers/_state"),
    Rule("metrics (SDK)", r"singer_sdk/metrics\.py|(^|/)logging/"),
    Rule("record loop (SDK)", r"singer_sdk/streams/"),
    Rule("record loop (tap)", r"tap_voicecalls/(streams|output|calls)/"),
]
_COMPILED = [(step, re.compile(files), re.compile(names)) for step, files, names in _RULES]


def step_of(stack: list[str]) -> str:
    """Return the step of a sampled stack, whose outermost frame comes first."""
    if any("<frozen importlib" in frame for frame in stack):
        return _START_UP
    for frame in reversed(stack):
        if not (parts := _FRAME.match(frame)):
            continue
        for step, files, names in _COMPILED:
            if files.search(parts["file"]) and names.fullmatch(parts["function"]):
                return step
    # In the SDK's command, but in no stream.
    return _START_UP if any("tap_base.py" in frame for frame in stack) else _OTHER


def sampled(command: list[str | Path], folder: Path) -> Counter[tuple[str, ...]]:
    """Run a command under py-spy; return the number of samples of each stack."""
    raw = folder / "stacks.txt"
    recorded: list[str | Path] = [
        program("profile", "py-spy"),
        "record",
        "--rate",
        str(_RATE),
        "--format",
        "raw",
        "--gil",
    ]
    with (folder / "log").open("wb") as log:
        subprocess.run(
            [*recorded, "--output", raw, "--", *command],
            stdout=subprocess.DEVNULL,
            stderr=log,
            check=True,
        )
    stacks = Counter[tuple[str, ...]]()
    for line in raw.read_text().splitlines():
        frames, _, count = line.rpartition(" ")
        stacks[tuple(frames.split(";"))] += int(count)
    return stacks


def _table(head: str, counts: Iterable[tuple[str, int]], total: int) -> None:
    print(f"\n| {head} | seconds | share |\n|---|---|---|")
    for name, count in counts:
        print(f"| {name} | {count / _RATE:.2f} | {count / total:.1%} |")


def main() -> None:
    """Profile the tap and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--page-size", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=CONCURRENCY)
    arguments = parser.parse_args()
    make("profile")
    calls = dense(arguments.records)
    data.prepare(CACHE / "data", calls)
    with started(CACHE / "data") as port, tempfile.TemporaryDirectory(dir=CACHE) as folder:
        base_url = f"http://127.0.0.1:{port}/{calls.name}/{arguments.page_size}/0"
        job = Job(base_url, calls, arguments.page_size, arguments.concurrency, Path(folder))
        command = THIS_TAP.start(job).command
        plain = measure(command, output=job.output)
        stacks = sampled(command, Path(folder))
    total = stacks.total()
    steps, leaves = Counter[str](), Counter[str]()
    for stack, count in stacks.items():
        step = step_of(list(stack))
        steps[step] += count
        leaves[f"{step}: `{stack[-1]}`"] += count
    print(
        f"{calls.records:,} calls in pages of {arguments.page_size}, concurrency "
        f"{arguments.concurrency}: {plain.seconds:.2f} s, {plain.cpu:.2f} s of processor time.\n"
        f"Sampled {_RATE} times a second: {total / _RATE:.2f} s holding the GIL."
    )
    _table("step", steps.most_common(), total)
    _table("innermost line", leaves.most_common(25), total)


if __name__ == "__main__":
    main()
