"""Servers that send too slowly, too much, or what no library reads: one line, soon, and the rest.

Each is read before a healthy provider, whose calls must come whatever the first one does.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from raw_server import config_of, for_ever, ok, serving

if TYPE_CHECKING:
    from pathlib import Path

OVIA = json.dumps(
    [{"id": "o-1", "started_at": "2026-01-05T01:00:00Z", "status": "completed"}]
).encode()
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
LONG = 300  # seconds after which a run that hangs fails; none takes that long
MIB = 1 << 20
# A process counts what the one that started it had in memory, so one that has little starts it.
MEASURED = """
import json, os, subprocess, sys
config, folder = sys.argv[1:]
with open(f"{folder}/out", "wb") as out, open(f"{folder}/log", "wb") as log:
    command = [sys.executable, "-m", "tap_voicecalls", "--config", config]
    process = subprocess.Popen(command, stdout=out, stderr=log)
    _, status, usage = os.wait4(process.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024]))
"""


def bomb(mebibytes: int) -> bytes:
    """Return a body that grows a thousandfold."""
    return gzip.compress(b" " * MIB) * mebibytes


class Run:
    """What the command did, with a hostile server as one provider and a healthy one as another.

    Attributes:
        line: The line that tells of the failure.
        log: All that went to standard error.
        seconds: How long it took.
        peak: The memory it had, in MiB.
    """

    def __init__(self, tmp_path: Path, hostile: str, **settings: Any) -> None:  # noqa: ANN401
        with serving(ok(OVIA)) as healthy:
            config = config_of(hostile, **settings)
            config["ovia"] = {"api_key": "another", "base_url": healthy.url}
            path = tmp_path / "config.json"
            path.write_text(json.dumps(config), encoding="utf-8")
            began = time.monotonic()
            command = [sys.executable, "-c", MEASURED, str(path), str(tmp_path)]
            measured = subprocess.check_output(command)  # noqa: S603 - this file's own words
            code, self.peak = json.loads(measured)
        self.seconds = time.monotonic() - began
        self.log = (tmp_path / "log").read_text(encoding="utf-8")
        self.line = self.log.strip().splitlines()[-1]
        assert code == 1
        assert b'"o-1"' in (tmp_path / "out").read_bytes()
        assert "burki (account default), burki_calls: " in self.line
        assert "Traceback" not in self.log
        assert "the-key" not in self.log


# Too slow ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("beginning", "piece"),
    [
        pytest.param(HEAD, b" ", id="body"),
        pytest.param(CHUNKED, b"1\r\n \r\n", id="chunks"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x", id="header"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="continue"),
        pytest.param(b"", b"H", id="status"),
        pytest.param(b"HTTP/1.1 404 Not Found\r\n\r\n", b" ", id="refusal"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b" ", id="redirect"),
    ],
)
def test_a_server_that_dribbles_is_left(tmp_path: Path, beginning: bytes, piece: bytes) -> None:
    """One byte now and then passes every time-out of a single read, and holds up all others."""
    with serving(for_ever(beginning, piece, 0.1)) as server:
        run = Run(tmp_path, server.url, max_retry_seconds=2, max_tries=9)

    assert "took too long as a whole" in run.line
    assert 2 <= run.seconds < LONG
    assert len(server.asked) <= 2


def test_one_slow_try_leaves_time_for_another(tmp_path: Path) -> None:
    """A try that takes all the time there is would make the number of tries one."""
    with serving(for_ever(HEAD, b" ", 0.1), ok(b"{}", status=b"403 Forbidden")) as server:
        run = Run(tmp_path, server.url, read_timeout=0.5, max_tries=9)

    assert "403 Forbidden" in run.line
    assert len(server.asked) == 2


def test_the_time_of_all_tries_is_kept(tmp_path: Path) -> None:
    """What the tries take counts, and so do the waits: 5 s are not 8."""
    with serving(for_ever(HEAD, b" ", 0.1)) as server:
        run = Run(tmp_path, server.url, read_timeout=0.4, max_retry_seconds=5, max_tries=50)

    times = [moment for moment, _ in server.asked]
    assert times[-1] - times[0] <= 5
    assert "gave up" in run.line


# Too much ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (b"200 OK", (), "larger than 256 MiB"),
        (b"404 Not Found", (), "404 Not Found"),
        (b"302 Found", (b"Location: /api/v1/calls/",), "redirected more than 5 times"),
    ],
)
def test_a_body_that_grows_is_not_unpacked(
    tmp_path: Path, status: bytes, headers: tuple[bytes, ...], expected: str
) -> None:
    """A megabyte that becomes a gigabyte must not take the memory of all other providers."""
    answer = ok(bomb(1024), b"Content-Encoding: gzip", *headers, status=status)
    assert len(answer) < 2 * MIB
    with serving(answer) as server:
        run = Run(tmp_path, server.url)

    assert expected in run.line
    assert run.peak < (400 if status == b"200 OK" else 150)


@pytest.mark.parametrize(
    ("beginning", "piece"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b" " * MIB, id="until it closes"),
        pytest.param(CHUNKED, b"100000\r\n" + b" " * MIB + b"\r\n", id="chunks"),
        pytest.param(CHUNKED + b"-1\r\n", b" " * MIB, id="a chunk of -1"),
        pytest.param(CHUNKED + b"%x\r\n" % 2**70, b" " * MIB, id="a chunk of 2 to the 70th"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % 10**15, b" ", id="length"),
    ],
)
def test_a_body_without_end_is_left(tmp_path: Path, beginning: bytes, piece: bytes) -> None:
    """An answer that does not end must not fill the memory, and is not asked for again."""
    with serving(for_ever(beginning, piece)) as server:
        run = Run(tmp_path, server.url, max_tries=9)

    assert "larger than 256 MiB" in run.line
    assert len(server.asked) == 1
    assert run.peak < 700


# What no library reads ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno header at all\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n{}   ",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
        CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
        CHUNKED + b"-5\r\n{}\r\n0\r\n\r\n",
        CHUNKED + b"f" * 70_000,
        ok(b"no gzip", b"Content-Encoding: gzip"),
        ok(b"no deflate", b"Content-Encoding: deflate"),
        ok(b"{}", b"Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip, gzip"),
        ok(gzip.compress(b'{"items": [')[:-9], b"Content-Encoding: gzip"),
        ok(b"", b"Location: http://[::1", status=b"302 Found"),
        ok(b"", b"Location: http://\xff\xfe", status=b"302 Found"),
        ok(b"", b"Location: http://" + b"a" * 300 + b".example", status=b"302 Found"),
        ok(b"", b"Location: //", status=b"302 Found"),
        ok(b"", b"Location: http://127.0.0.1:99999/", status=b"302 Found"),
        ok(b"", b"Retry-After: \xb2", status=b"429 Too Many Requests"),
        ok(b"", b"Retry-After: " + b"9" * 5000, status=b"429 Too Many Requests"),
        ok(b"[" * 60_000, status=b"400 Bad Request"),
    ],
    ids=range(26),
)
def test_whatever_comes_is_one_line(tmp_path: Path, answer: bytes) -> None:
    """Bytes that trip a library end the one account in a line, not the run in a traceback."""
    with serving(lambda connection: connection.sendall(answer)) as server:
        run = Run(tmp_path, server.url, max_retry_seconds=20)

    assert len(run.line) < 400
    assert "\x1b" not in run.log
