"""The command dies in every way there is; the next run from its last state delivers the rest."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from support import configuration, simulator

from properties.truth import ALL_PRODUCTS, STREAMS
from properties.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_voicecalls.simulator import Simulator

FULL = Path("/dev/full")
PATIENCE = 300


@dataclass(frozen=True)
class Command:
    """The tap as a command, against one simulator.

    Attributes:
        folder: Where its files are.
        settings: Its configuration.
    """

    folder: Path
    settings: dict[str, Any]

    def start(
        self,
        warehouse: Warehouse,
        stdout: IO[bytes] | int = subprocess.PIPE,
        before: Callable[[], None] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a run from the last state that a target has seen."""
        config, state = self.folder / "config.json", self.folder / "state.json"
        config.write_text(json.dumps(self.settings), encoding="utf-8")
        arguments = [f"--config={config}"]
        if warehouse.states:
            state.write_text(json.dumps(warehouse.states[-1]), encoding="utf-8")
            arguments.append(f"--state={state}")
        with (self.folder / "stderr").open("wb") as stderr:
            return subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "tap_voicecalls", *arguments],
                stdout=stdout,
                stderr=stderr,
                cwd=self.folder,
                env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
                preexec_fn=before,  # noqa: PLW1509 - sets a limit, in a child without threads
            )

    @property
    def log(self) -> str:
        """What the last run wrote to its standard error."""
        return (self.folder / "stderr").read_text(encoding="utf-8")

    def finish(self, warehouse: Warehouse) -> None:
        """Let a run come to its end, and load what it wrote."""
        process = self.start(warehouse)
        out, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, self.log
        warehouse.load(messages(out.splitlines(keepends=True)))


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """All providers, with pages that are small but not tiny."""
    with simulator(calls_per_day=30) as made:
        made.page_sizes.update(dict.fromkeys(made.page_sizes, 25))
        yield made


@pytest.fixture
def command(served: Simulator, tmp_path: Path) -> Command:
    """The command, set up for all providers."""
    settings = configuration(served)
    settings["vonage"]["products"] = ALL_PRODUCTS
    return Command(tmp_path, settings)


def messages(lines: list[bytes]) -> list[dict[str, Any]]:
    """Read lines; a last one that was cut off is dropped, as a target does."""
    whole = [line for line in lines if line.endswith(b"\n")]
    assert len(lines) - len(whole) <= 1
    return [json.loads(line, parse_float=Decimal) for line in whole]


def read_some(process: subprocess.Popen[bytes], count: int) -> list[bytes]:
    """Read some lines of a run that goes on."""
    assert process.stdout
    return [process.stdout.readline() for _ in range(count)]


def read_rest(process: subprocess.Popen[bytes]) -> list[bytes]:
    """Read what a run that ended, or is to end, has left in the pipe."""
    assert process.stdout
    lines = process.stdout.readlines()
    process.wait(PATIENCE)
    process.stdout.close()
    return lines


def assert_whole(served: Simulator, warehouse: Warehouse) -> None:
    """Assert that the target holds all that there is."""
    lost = {name: warehouse.unlike(name, served.records(name)) for name in STREAMS}
    assert {name: len(wrong) for name, wrong in lost.items() if wrong} == {}
    assert sum(len(served.records(name)) for name in STREAMS) > 1000


@pytest.mark.parametrize("count", [1, 120, 500, 1400])
def test_killed(served: Simulator, command: Command, count: int) -> None:
    """A machine that loses power mid-run must not cost a single call."""
    warehouse = Warehouse()
    process = command.start(warehouse)
    lines = read_some(process, count)
    process.kill()
    rest = read_rest(process)
    # A target that goes down with the tap has read no more; one that goes on reads what is left.
    warehouse.load(messages(lines if count % 2 else lines + rest))

    command.finish(warehouse)

    assert process.returncode == -signal.SIGKILL
    assert_whole(served, warehouse)


def test_killed_again_and_again(served: Simulator, command: Command) -> None:
    """A tap that never gets to its end still gets on, and all of it arrives in the end."""
    warehouse, kills = Warehouse(), 0
    while kills < 3:
        process = command.start(warehouse)
        lines = read_some(process, 400)
        process.kill()
        warehouse.load(messages([line for line in lines + read_rest(process) if line]))
        kills += 1

    command.finish(warehouse)

    assert_whole(served, warehouse)


@pytest.mark.parametrize("count", [300, 1500])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_asked_to_end(
    served: Simulator, command: Command, count: int, number: signal.Signals, code: int
) -> None:
    """A deployment or a Ctrl-C in the middle of a burst cuts no line, and loses nothing."""
    warehouse = Warehouse()
    process = command.start(warehouse)
    lines = read_some(process, count)
    process.send_signal(number)
    lines += read_rest(process)
    assert [line for line in lines if not line.endswith(b"\n")] == []
    warehouse.load(messages(lines))
    log = command.log

    command.finish(warehouse)

    assert process.returncode == code
    assert log.splitlines()[-1].endswith(f"interrupted by {number.name}")
    assert_whole(served, warehouse)


def test_asked_to_end_while_a_server_does_not_answer(tmp_path: Path) -> None:
    """A run that waits for a server ends when it is told to, not when the server answers."""
    with simulator() as stalling:
        # It answers long after the test has given up: the run cannot have waited for that.
        stalling.options["stall_seconds"] = 10 * PATIENCE
        stalling.script("burki", "stall")
        asked = threading.Event()
        stalling.on_request(lambda _: asked.set())
        command = Command(tmp_path, configuration(stalling, "burki", read_timeout=10 * PATIENCE))
        process = command.start(Warehouse())
        lines = read_some(process, 1)
        assert asked.wait(PATIENCE)
        process.send_signal(signal.SIGTERM)
        lines += read_rest(process)

    assert [message["type"] for message in messages(lines)] == ["SCHEMA"]
    assert process.returncode == 143
    assert "Traceback" not in command.log


@pytest.mark.parametrize("count", [1, 300])
def test_closed_pipe(served: Simulator, command: Command, count: int) -> None:
    """A target that dies is named in one line, and the next run goes on where it had got to."""
    warehouse = Warehouse()
    process = command.start(warehouse)
    lines = read_some(process, count)
    assert process.stdout
    process.stdout.close()
    assert process.wait(PATIENCE) == 1
    warehouse.load(messages(lines))
    log = command.log

    command.finish(warehouse)

    assert log.splitlines()[-1].endswith("the output cannot be written: Broken pipe")
    assert_whole(served, warehouse)


@pytest.mark.parametrize("way", ["SIGTERM", "SIGINT", "closed pipe"])
def test_no_traceback(command: Command, way: str) -> None:
    """A run that ends in the middle of a burst says so in one line, and shows no traceback."""
    process = command.start(Warehouse())
    read_some(process, 300)
    if way == "closed pipe":
        assert process.stdout
        process.stdout.close()
        process.wait(PATIENCE)
    else:
        process.send_signal(signal.Signals[way])
        read_rest(process)

    assert "Traceback" not in command.log
    assert command.log.count("cannot be written") + command.log.count("interrupted by") == 1


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_full_disk(command: Command) -> None:
    """A disk that is full ends in one line that says so."""
    with FULL.open("wb") as full:
        process = command.start(Warehouse(), full)
        assert process.wait(PATIENCE) == 1

    assert "Traceback" not in command.log
    assert command.log.splitlines()[-1].endswith("No space left on device")
    assert command.log.count("cannot be written") == 1


@pytest.mark.parametrize("kilobytes", [40, 700])
def test_disk_that_gets_full(served: Simulator, command: Command, kilobytes: int) -> None:
    """What was written before the disk was full counts, and no line is cut."""
    limit = kilobytes * 1000
    output, warehouse = command.folder / "output", Warehouse()
    with output.open("wb") as file:
        process = command.start(
            warehouse, file, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        )
        assert process.wait(PATIENCE) == 1
    log = command.log
    written = output.read_bytes()
    assert 0 < len(written) <= limit
    assert written.endswith(b"\n")
    warehouse.load(messages(written.splitlines(keepends=True)))

    command.finish(warehouse)

    assert "Traceback" not in log
    assert log.splitlines()[-1].endswith("the output cannot be written: File too large")
    assert_whole(served, warehouse)
