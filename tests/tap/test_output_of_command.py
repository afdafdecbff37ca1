"""The standard output of the command, with slow, hanging and dead readers, and after signals."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import termios
import threading
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import pytest
from support import configuration, simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_SPACE = "the output cannot be written: No space left on device"
CLOSED = "the output cannot be written: standard output is closed"

buffered = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Write a configuration of a simulated provider with some megabytes of calls."""
    file = tmp_path_factory.mktemp("config") / "config.json"
    with simulator(calls_per_day=500) as served:
        file.write_text(json.dumps(configuration(served, "burki")), encoding="utf-8")
        yield file


def started(
    config: Path,
    *arguments: str,
    unbuffered: str = "",
    stdout: int | IO[Any] = subprocess.PIPE,
    most_bytes: int = -1,
) -> subprocess.Popen[bytes]:
    """Start the command, with a limit on the size of its files."""

    def limit() -> None:
        if most_bytes >= 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "tap_voicecalls", f"--config={config}", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": unbuffered},
        preexec_fn=limit,  # noqa: PLW1509 - nothing else runs in the child
    )


def last_line(process: subprocess.Popen[bytes]) -> str:
    """Wait for the end of a process, and return the last line of its log."""
    assert process.stderr
    word = process.stderr.read().decode().splitlines()[-1]
    process.wait(timeout=60)
    return word


def records(lines: bytes) -> int:
    """Count the records of lines, all of which must be whole."""
    assert lines.endswith(b"\n")
    return sum(json.loads(line)["type"] == "RECORD" for line in lines.splitlines())


@contextmanager
def log_read_by_itself(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Read a process's log in a thread, so that the process does not wait for a reader."""
    assert process.stderr
    reader = threading.Thread(target=process.stderr.read)
    reader.start()
    yield
    reader.join()


def descriptor_of(process: subprocess.Popen[bytes]) -> int:
    """Return the file descriptor of a process's output."""
    assert process.stdout
    return process.stdout.fileno()


def wait_until_full(process: subprocess.Popen[bytes]) -> None:
    """Wait until a process has filled its pipe and waits for a reader."""
    # A system with many pipes gives them one page each.
    most = fcntl.fcntl(descriptor_of(process), fcntl.F_GETPIPE_SZ)
    held = -1
    while held != (now := _unread(descriptor_of(process))) or now < min(most // 4, 50_000):
        assert process.poll() is None
        held = now
        time.sleep(0.2)


def _unread(descriptor: int) -> int:
    return int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)


@buffered
def test_a_run_that_is_paused_loses_nothing(config: Path, unbuffered: str) -> None:
    """SIGSTOP makes writes to a slow reader partial, which Python's raw output ignores."""
    read = []
    with started(config, unbuffered=unbuffered) as process, log_read_by_itself(process):
        while part := os.read(descriptor_of(process), 16_384):
            read.append(part)
            if len(read) % 3 == 0:
                os.kill(process.pid, signal.SIGSTOP)
                os.kill(process.pid, signal.SIGCONT)
    with started(config) as undisturbed, log_read_by_itself(undisturbed):
        whole = undisturbed.communicate()[0]

    assert process.returncode == 0
    assert len(read) > 100
    assert records(b"".join(read)) == records(whole) > 3_000


@buffered
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_run_whose_target_hangs_ends_on_a_signal(
    config: Path, unbuffered: str, signum: signal.Signals
) -> None:
    """A hanging target must not keep the tap alive, and finds whole lines if it reads later."""
    with started(config, unbuffered=unbuffered) as process:
        wait_until_full(process)
        process.send_signal(signum)
        word = last_line(process)
        left = os.read(descriptor_of(process), 1 << 20)

    assert word.endswith(f"interrupted by {signum.name}")
    assert process.returncode == 128 + signum
    assert records(left) > 10


@buffered
def test_a_signal_cuts_no_line(config: Path, unbuffered: str) -> None:
    """SIGTERM ends a run between two lines at any time."""
    with started(config, unbuffered=unbuffered) as process, log_read_by_itself(process):
        assert process.stdout
        begin = process.stdout.read(1_000_000)
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()

    assert process.returncode == 128 + signal.SIGTERM
    assert records(begin + rest) > 1_000


@buffered
@pytest.mark.parametrize("most_bytes", [0, 3_000, 1_000_001])
def test_a_full_disk_ends_the_run_with_whole_lines(
    config: Path, tmp_path: Path, unbuffered: str, most_bytes: int
) -> None:
    """A cut STATE message would be what the next run starts from."""
    file = tmp_path / "out.jsonl"
    with (
        file.open("wb") as output,
        started(config, unbuffered=unbuffered, stdout=output, most_bytes=most_bytes) as process,
    ):
        assert last_line(process).endswith("the output cannot be written: File too large")

    assert process.returncode == 1
    left = file.read_bytes()
    assert len(left) <= most_bytes
    assert not left or records(left) >= 0


def test_a_failing_last_write_fails_the_run(config: Path, tmp_path: Path) -> None:
    """The run has not succeeded if the last STATE is not written."""
    file = tmp_path / "out.jsonl"
    with file.open("wb") as output, started(config, stdout=output) as process:
        last_line(process)
    # Times differ from run to run in how many digits they have, so a little less than all.
    most_bytes = file.stat().st_size - 3_000
    with (
        file.open("wb") as output,
        started(config, stdout=output, most_bytes=most_bytes) as process,
    ):
        assert "cannot be written" in last_line(process)

    assert process.returncode == 1
    assert records(file.read_bytes()) > 3_000


def test_a_closed_reader_ends_the_run(config: Path) -> None:
    """A target that has died is reported in one line."""
    with started(config) as process:
        assert process.stdout
        process.stdout.read(1_000)
        process.stdout.close()
        assert last_line(process).endswith("the output cannot be written: Broken pipe")

    assert process.returncode == 1


@pytest.mark.parametrize("argument", ["", "--discover", "--about", "--help", "--version"])
@pytest.mark.parametrize(("redirection", "word"), [(">/dev/full", NO_SPACE), (">&-", CLOSED)])
def test_each_option_fails_if_the_output_cannot_be_written(
    config: Path, argument: str, redirection: str, word: str
) -> None:
    """The failure is one line, for a catalog or a description as well."""
    done = _in_shell(f"-m tap_voicecalls --config={config} {argument} {redirection}")

    assert (done.returncode, done.stderr.splitlines()[-1].endswith(word)) == (1, True)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "-c 'from tap_voicecalls.backfill.cli import main; main()' --days=1 --config={config}",
        "-c 'from tap_voicecalls.backfill.cli import main; main()' --help",
        "-c 'from tap_voicecalls.simulator.cli import main; raise SystemExit(main())'",
        "-c 'from tap_voicecalls.simulator.cli import main; raise SystemExit(main())' --help",
    ],
)
def test_the_other_commands_fail_without_output(config: Path, command: str) -> None:
    """A plan or an address that was not written must not look like success."""
    done = _in_shell(f"{command.format(config=config)} >/dev/full")

    assert (done.returncode, done.stderr.splitlines()[-1].endswith(NO_SPACE)) == (1, True)
    assert "Traceback" not in done.stderr


def _in_shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S602 - redirections are the shell's
        f"{sys.executable} {command}",
        shell=True,
        check=False,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
    )


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_run_whose_log_is_not_read_ends_on_a_signal(
    config: Path, tmp_path: Path, signum: int
) -> None:
    """The last line of the log must not wait for a reader forever, ignoring signals."""
    reading, writing = os.pipe()
    held = fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ) - 200  # there is room for a line or two
    os.write(writing, b"x" * held)
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tap_voicecalls", f"--config={config}"],
            stdout=out,
            stderr=writing,
        )
    os.close(writing)
    while _unread(reading) == held:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signum)

    assert process.wait(timeout=60) == 128 + signum
    os.close(reading)
