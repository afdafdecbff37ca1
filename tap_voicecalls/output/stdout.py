"""Complete writes to standard output: every byte is written or an error raised, no line is cut.

A signal cannot end a write that blocks, and Python's buffers do not report a partial write. So a
pipe gets whole lines, and never more at once than it has room for.
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

# Any pipe takes a write of this size as a whole or not at all.
_ATOMIC = getattr(select, "PIPE_BUF", 512)  # bytes
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096  # bytes
# A signal that arrives right before a wait is handled after this time.
_LOOK = 0.2  # seconds
# Between two checks for room for a long line.
_PAUSE = 0.005  # seconds
# How long an interrupted run tries to finish a line that is longer than the pipe.
_GRACE = 1.0  # seconds


class Stdout:
    """The current standard output."""

    def __init__(self) -> None:
        self._end_at: float | None = None
        self._fd: int | None = None
        self._capacity = 0
        with suppress(OSError, AttributeError):  # closed, or text in memory
            self._fd = sys.stdout.fileno()
        if self._fd is not None:
            kind = os.fstat(self._fd).st_mode
            self._is_file = stat.S_ISREG(kind)
            self._waits = hasattr(select, "poll") and _may_block(kind, self._fd)
            self._capacity = _capacity(self._fd) if stat.S_ISFIFO(kind) else 0

    def write(self, lines: bytes | bytearray) -> None:
        """Write all lines, unless :meth:`stop` is called meanwhile.

        Raises:
            OutputError: They cannot be written.
        """
        try:
            if self._fd is None:
                _write_to_buffer(lines)
                return
            sys.stdout.flush()  # earlier output of print
            with memoryview(lines) as view:
                if self._waits:
                    self._write_with_room(self._fd, lines, view)
                else:
                    self._write_at_once(self._fd, lines, view)
        except OSError as error:
            raise _output_error(error) from None

    def stop(self) -> None:
        """End a running write at the end of a line; for signal handlers."""
        if self._end_at is None:
            self._end_at = time.monotonic() + _GRACE

    def _write_at_once(self, fd: int, lines: bytes | bytearray, view: memoryview) -> None:
        """Write to a file or device, where a write does not wait for a reader."""
        done = 0
        try:
            while done < len(view):
                done += os.write(fd, view[done:])
        except OSError:
            if self._is_file:
                _remove_cut_line(fd, done - (lines.rfind(b"\n", 0, done) + 1))
            raise

    def _write_with_room(self, fd: int, lines: bytes | bytearray, view: memoryview) -> None:
        """Write to a pipe, socket or terminal, as much at once as it has room for."""
        poll = select.poll()
        poll.register(fd, select.POLLOUT)
        done = 0
        while done < len(view):
            is_in_line = done > 0 and lines[done - 1] != _NEWLINE
            if self._end_at is not None and (not is_in_line or time.monotonic() > self._end_at):
                return
            room = self._room(fd, poll)
            if room and (end := self._end(lines, done, room, is_in_line=is_in_line)):
                with suppress(BlockingIOError):  # the parent process may have made it non-blocking
                    done += os.write(fd, view[done:end])
                    continue
                time.sleep(_PAUSE)

    def _room(self, fd: int, poll: select.poll) -> int:
        """Return how many bytes can be written without blocking; 0 if there is no room yet."""
        if (known := self._known_room(fd)) >= _ATOMIC:
            return known
        return _ATOMIC if poll.poll(_LOOK * 1000) else 0

    def _known_room(self, fd: int) -> int:
        """Return how many bytes a pipe takes for certain.

        A pipe holds pages, and may hold fewer bytes than a page in each: any two adjacent pages
        hold more than one page of bytes, but the first page may have been read in part.
        """
        if not self._capacity:
            return 0
        unread = int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, bytes(4)), sys.byteorder)
        taken = 2 * unread // _PAGE + 2 if unread else 0
        return max(self._capacity // _PAGE - taken, 0) * _PAGE

    def _end(self, lines: bytes | bytearray, done: int, room: int, *, is_in_line: bool) -> int:
        """Return up to where to write now; 0 to wait for more room."""
        if done + room >= len(lines):
            return len(lines)
        if end := lines.rfind(b"\n", done, done + room) + 1:
            return end
        length = lines.find(b"\n", done) + 1 - done
        if not is_in_line and 0 < length <= self._capacity and room < length:
            time.sleep(_PAUSE)
            return 0
        return done + room


class _Bytes(io.RawIOBase):
    """The byte stream below a text stream; it writes to standard output completely."""

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
            raise _output_error(_CLOSED)
        Stdout().write(bytes(data))
        return len(data)


@contextmanager
def checked_stdout() -> Iterator[None]:
    """Replace `sys.stdout` by one that writes completely, or raises OutputError."""
    stream = sys.stdout
    try:
        if stream is not None:
            stream.fileno()
    except OSError:  # text in memory
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


def _output_error(error: OSError) -> OutputError:
    reason = error.strerror or type(error).__name__
    return OutputError(f"the output cannot be written: {reason}")


def _may_block(kind: int, fd: int) -> bool:
    """Whether a write may wait for a reader; files and devices such as /dev/null do not."""
    return stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind) or os.isatty(fd)


def _capacity(fd: int) -> int:
    """Return how many bytes a pipe holds; 0 if the system does not say."""
    ask = getattr(fcntl, "F_GETPIPE_SZ", None)
    return fcntl.fcntl(fd, ask) if ask is not None and hasattr(termios, "FIONREAD") else 0


def _remove_cut_line(fd: int, size: int) -> None:
    """Remove the cut line that a full disk left at the end of a file."""
    with suppress(OSError):
        end = os.lseek(fd, 0, os.SEEK_CUR)
        if size and os.fstat(fd).st_size == end:  # no other process has written since
            os.ftruncate(fd, end - size)
            os.lseek(fd, end - size, os.SEEK_SET)


def _write_to_buffer(lines: bytes | bytearray) -> None:
    if sys.stdout is None:
        raise _CLOSED
    rest = bytes(lines)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) or 0 :]
    sys.stdout.buffer.flush()
