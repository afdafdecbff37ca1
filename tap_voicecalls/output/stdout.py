"""Standard output, written whole: each byte arrives or an error says so, and no line is cut.

A write that blocks cannot be ended by a signal, and one that is cut short is not told by Python's
own buffers. So a pipe gets whole lines, no more of them at once than it has room for.
"""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

try:
    import fcntl
    import termios
except ImportError:  # Windows
    fcntl = termios = None  # type: ignore[assignment]

from tap_voicecalls.output.abort import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

# What any pipe takes at once, or not at all: never half of it.
_ATOMIC = getattr(select, "PIPE_BUF", 512)  # bytes
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096  # bytes
# How soon a signal is looked at that arrives right before a wait.
_LOOK = 0.2  # seconds
# Between two looks for room for a line that is longer than what a pipe is sure to take.
_PAUSE = 0.005  # seconds
# How long a run that was ended tries to finish a line longer than the pipe.
_GRACE = 1.0  # seconds


class Stdout:
    """Standard output as it is now."""

    def __init__(self) -> None:
        self._end_at: float | None = None
        self._fd: int | None = None
        self._capacity = 0
        with suppress(OSError, AttributeError):  # closed, or no file: a test's text in memory
            self._fd = sys.stdout.fileno()
        if self._fd is not None:
            kind = os.fstat(self._fd).st_mode
            self._is_file = stat.S_ISREG(kind)
            self._waits = hasattr(select, "poll") and _may_block(kind, self._fd)
            self._capacity = _capacity(self._fd) if stat.S_ISFIFO(kind) else 0

    def write(self, lines: bytes | bytearray) -> None:
        """Write lines, all of them unless :meth:`stop` is called meanwhile.

        Raises:
            OutputError: They cannot be written.
        """
        try:
            if self._fd is None:
                _write_to_buffer(lines)
                return
            sys.stdout.flush()  # what print left there
            with memoryview(lines) as view:
                if self._waits:
                    self._write_with_room(self._fd, lines, view)
                else:
                    self._write_at_once(self._fd, lines, view)
        except OSError as error:
            raise _lost(error) from None

    def stop(self) -> None:
        """End a write soon, from a signal handler: at the end of a line."""
        if self._end_at is None:
            self._end_at = time.monotonic() + _GRACE

    def _write_at_once(self, fd: int, lines: bytes | bytearray, view: memoryview) -> None:
        """Write to a file, which takes all or is full."""
        done = 0
        try:
            while done < len(view):
                done += os.write(fd, view[done:])
        except OSError:
            if self._is_file:
                _take_back(fd, done - (lines.rfind(b"\n", 0, done) + 1))
            raise

    def _write_with_room(self, fd: int, lines: bytes | bytearray, view: memoryview) -> None:
        poll = select.poll()
        poll.register(fd, select.POLLOUT)
        done = 0
        while done < len(view):
            is_within = done > 0 and lines[done - 1] != _NEWLINE
            if self._end_at is not None and (not is_within or time.monotonic() > self._end_at):
                return
            room = self._room(fd, poll)
            if room and (end := self._end(lines, done, room, is_within=is_within)):
                with suppress(BlockingIOError):  # whoever started the tap may have made it so
                    done += os.write(fd, view[done:end])
                    continue
                time.sleep(_PAUSE)

    def _room(self, fd: int, poll: select.poll) -> int:
        """Return how many bytes are taken without blocking; 0 after waiting in vain."""
        if (known := self._known_room(fd)) >= _ATOMIC:
            return known
        return _ATOMIC if poll.poll(_LOOK * 1000) else 0

    def _known_room(self, fd: int) -> int:
        """Return how many bytes a pipe is sure to take.

        It holds pages. Two in a row hold more than one page of bytes, but the first may have been
        read in part.
        """
        if not self._capacity:
            return 0
        unread = int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, bytes(4)), sys.byteorder)
        taken = 2 * unread // _PAGE + 2 if unread else 0
        return max(self._capacity // _PAGE - taken, 0) * _PAGE

    def _end(self, lines: bytes | bytearray, done: int, room: int, *, is_within: bool) -> int:
        """Return how far to write now; 0 to wait for more room."""
        if done + room >= len(lines):
            return len(lines)
        if end := lines.rfind(b"\n", done, done + room) + 1:
            return end
        length = lines.find(b"\n", done) + 1 - done
        if not is_within and 0 < length <= self._capacity and room < length:
            time.sleep(_PAUSE)
            return 0
        return done + room


class _Bytes(io.RawIOBase):
    """What a text stream writes to: standard output, written whole."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - any text stream, or None
        self._stream = stream

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return bool(self._stream and self._stream.isatty())

    def fileno(self) -> int:
        if self._stream is None:
            raise _CLOSED
        return int(self._stream.fileno())

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        if self._stream is None:
            raise _lost(_CLOSED)
        Stdout().write(bytes(data))
        return len(data)


@contextmanager
def checked_stdout() -> Iterator[None]:
    """Write whole what is printed meanwhile, by whomever, or raise OutputError."""
    stream = sys.stdout
    try:
        if stream is not None:
            stream.fileno()
    except OSError:  # no file: a test's text in memory
        yield
        return
    encoding = getattr(stream, "encoding", "utf-8")
    text = io.TextIOWrapper(_Bytes(stream), encoding=encoding, write_through=True)  # type: ignore[type-var]
    sys.stdout = text
    try:
        yield
    finally:
        sys.stdout = stream


_NEWLINE = ord("\n")
_CLOSED = OSError(errno.EBADF, "standard output is closed")


def _lost(error: OSError) -> OutputError:
    reason = error.strerror or type(error).__name__
    return OutputError(f"the output cannot be written: {reason}")


def _may_block(kind: int, fd: int) -> bool:
    """Whether a write may wait for a reader; files and devices such as /dev/null do not."""
    return stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind) or os.isatty(fd)


def _capacity(fd: int) -> int:
    """Return how many bytes a pipe holds; 0 where the system does not tell."""
    ask = getattr(fcntl, "F_GETPIPE_SZ", None)
    return fcntl.fcntl(fd, ask) if ask is not None and hasattr(termios, "FIONREAD") else 0


def _take_back(fd: int, size: int) -> None:
    """Take the cut line back that a full disk left at the end of a file."""
    with suppress(OSError):
        end = os.lseek(fd, 0, os.SEEK_CUR)
        if size and os.fstat(fd).st_size == end:  # nobody else has written after it
            os.ftruncate(fd, end - size)
            os.lseek(fd, end - size, os.SEEK_SET)


def _write_to_buffer(lines: bytes | bytearray) -> None:
    if sys.stdout is None:
        raise _CLOSED
    rest = bytes(lines)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) or 0 :]
    sys.stdout.buffer.flush()
