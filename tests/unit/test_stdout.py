"""Standard output: every byte is written or an error raised, and no line is cut."""

from __future__ import annotations

import fcntl
import os
import resource
import socket
import sys
import termios
import threading
import time
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

import pytest

from tap_voicecalls.output.abort import OutputError
from tap_voicecalls.output.stdout import Stdout, checked_stdout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHORT = b"".join(b'{"n": %06d}\n' % number for number in range(40_000))
LONG = b"".join(b"%06d %s\n" % (number, b"x" * (number * 977 % 30_000)) for number in range(60))
LONGER_THAN_THE_PIPE = b"".join(b"%s\n" % (bytes([65 + n]) * 300_000) for n in range(5))


@contextmanager
def stdout(descriptor: int) -> Iterator[None]:
    """Make a file descriptor the standard output, and close it at the end."""
    with os.fdopen(descriptor, "w", encoding="utf-8") as text, redirect_stdout(text):
        yield


@contextmanager
def pipe() -> Iterator[int]:
    """Make a pipe the standard output, and yield its reading end."""
    reading, writing = os.pipe()
    try:
        with stdout(writing):
            yield reading
    finally:
        os.close(reading)


def read_slowly(descriptor: int, found: list[bytes], at_once: int) -> None:
    """Read to the end in small pieces."""
    while part := os.read(descriptor, at_once):
        found.append(part)


def written_to(reading: int, lines: bytes, at_once: int = 1009) -> bytes:
    """Write lines while another thread reads them, and return what it read."""
    found: list[bytes] = []
    reader = threading.Thread(target=read_slowly, args=(reading, found, at_once))
    reader.start()
    Stdout().write(lines)
    sys.stdout.close()
    reader.join()
    return b"".join(found)


def unread(descriptor: int) -> int:
    """Return how many bytes a pipe holds."""
    return int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)


def stopped_when_full(reading: int, lines: bytes) -> bytes:
    """Write lines without a reader, stop when the pipe is full, and return what it holds."""
    output = Stdout()
    writer = threading.Thread(target=output.write, args=(lines,))
    writer.start()
    held = -1
    while held != (now := unread(reading)) or now == 0:
        held = now
        time.sleep(0.1)
    output.stop()
    writer.join(timeout=30)
    assert not writer.is_alive()
    return os.read(reading, 1 << 20)


@pytest.mark.parametrize(
    "lines", [SHORT, LONG, LONGER_THAN_THE_PIPE], ids=["short", "long", "huge"]
)
def test_a_slow_reader_gets_every_byte(lines: bytes) -> None:
    """No write may be partial, and none may wait forever for a pipe with room."""
    with pipe() as reading:
        assert written_to(reading, lines) == lines


def test_a_non_blocking_pipe_gets_every_byte() -> None:
    """The parent process may have made the pipe non-blocking."""
    with pipe() as reading:
        os.set_blocking(sys.stdout.fileno(), False)

        assert written_to(reading, SHORT) == SHORT


def test_a_socket_gets_every_byte() -> None:
    """Standard output is a socket under some supervisors."""
    ours, theirs = socket.socketpair()
    with theirs, stdout(ours.detach()):
        assert written_to(theirs.fileno(), SHORT) == SHORT


@pytest.mark.parametrize("lines", [SHORT, LONG], ids=["short", "long"])
def test_a_full_pipe_holds_whole_lines_after_a_signal(lines: bytes) -> None:
    """A signal ends the write, and a reader that reads later finds no cut line."""
    with pipe() as reading:
        left = stopped_when_full(reading, lines)

    assert left
    assert left.endswith(b"\n")
    assert lines.startswith(left)


def test_a_line_longer_than_the_pipe_does_not_delay_the_end() -> None:
    """Such a line cannot be finished without a reader, and the run must still end."""
    with pipe() as reading:
        left = stopped_when_full(reading, LONGER_THAN_THE_PIPE)

    assert LONGER_THAN_THE_PIPE.startswith(left)


def test_a_line_longer_than_the_pipe_is_finished_if_it_is_read() -> None:
    """A signal must not cut a line that is longer than the pipe."""
    with pipe() as reading:
        output = Stdout()
        writer = threading.Thread(target=output.write, args=(LONGER_THAN_THE_PIPE,))
        writer.start()
        found = [os.read(reading, 1000)]
        output.stop()
        reader = threading.Thread(target=read_slowly, args=(reading, found, 65_536))
        reader.start()
        writer.join()
        sys.stdout.close()
        reader.join()

    assert b"".join(found) == LONGER_THAN_THE_PIPE[:300_001]


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    """The cut line at the end is removed, and the error names the reason."""
    file = tmp_path / "out.jsonl"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with stdout(os.open(file, os.O_WRONLY | os.O_CREAT)):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_003, before[1]))
        try:
            with pytest.raises(OutputError, match="the output cannot be written: File too large"):
                Stdout().write(SHORT)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    left = file.read_bytes()
    assert SHORT.startswith(left)
    assert left.endswith(b"\n")
    assert len(left) > 99_000


def test_a_full_device_is_an_error() -> None:
    """Such a device is always ready, but takes nothing."""
    with (
        stdout(os.open("/dev/full", os.O_WRONLY)),
        pytest.raises(OutputError, match="No space left on device"),
    ):
        Stdout().write(SHORT)


def test_a_closed_reader_is_an_error() -> None:
    """The tap must not wait for a target that has died."""
    with pipe() as reading:
        os.dup2(os.open(os.devnull, os.O_RDONLY), reading)

        with pytest.raises(OutputError, match="Broken pipe"):
            Stdout().write(SHORT)


def test_a_closed_output_is_an_error() -> None:
    """`>&-` closes standard output; print would ignore it, and the run would succeed."""
    with redirect_stdout(None):
        with pytest.raises(OutputError, match="standard output is closed"):
            Stdout().write(SHORT)
        with checked_stdout(), pytest.raises(OutputError, match="standard output is closed"):
            sys.stdout.write("the catalog")


def test_printed_text_is_complete() -> None:
    """A catalog is longer than a pipe, and print ignores partial writes."""
    found: list[bytes] = []
    with pipe() as reading:
        reader = threading.Thread(target=read_slowly, args=(reading, found, 1009))
        reader.start()
        with checked_stdout():
            print(SHORT.decode(), end="")  # noqa: T201 - as the SDK does
        sys.stdout.close()
        reader.join()

    assert b"".join(found) == SHORT
