"""Servers that send too slowly, too much, or malformed bytes: one error, and soon.

Each is read before a healthy provider, whose calls must be written all the same.
"""

from __future__ import annotations

import gc
import gzip
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import registry
from raw_server import RawServer, config_of, dribbling, for_ever, ok, serving
from scripted import run
from support import catalog_of

from tap_voicecalls.http.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support import MovedClock


OVIA = json.dumps(
    [{"id": "o-1", "started_at": "2026-01-05T01:00:00Z", "status": "completed"}]
).encode()
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
LONG = 300  # seconds of the moved clock by which a server is left
MIB = 1 << 20
# A process counts what the one that started it had in memory, so one that has little starts it.
MEASURED = """
import json, os, subprocess, sys
config, folder = sys.argv[1:]
with open(f"{folder}/out", "wb") as out, open(f"{folder}/log", "wb") as log:
    command = [sys.executable, "-m", "tap_voicecalls", "--config", config]
    command += ["--catalog", f"{folder}/catalog.json"]
    process = subprocess.Popen(command, stdout=out, stderr=log)
    _, status, usage = os.wait4(process.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024]))
"""


# The library leaves the socket of an answer whose headers it cannot read to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.usefixtures("only_calls"),
]


@pytest.fixture(scope="module", autouse=True)
def _no_socket_left() -> Iterator[None]:
    """Let the sockets that the library leaves be collected before the tests of another file."""
    yield
    gc.collect()


def bomb(mebibytes: int) -> bytes:
    """Return a body that grows a thousandfold."""
    return gzip.compress(b" " * MIB) * mebibytes


def beside_a_healthy_one(healthy: RawServer, hostile: str, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a configuration that reads a hostile server, and then a healthy one."""
    config = config_of(hostile, **settings)
    config["ovia"] = {"api_key": "another", "base_url": healthy.url}
    return config


def failure_of(hostile: str, **settings: Any) -> str:  # noqa: ANN401 - any setting
    """Read a hostile server and a healthy one in this process; return why the first one failed."""
    with serving(ok(OVIA)) as healthy:
        output, (line,) = run(beside_a_healthy_one(healthy, hostile, **settings))
    assert [each["id"] for each in output.records("ovia_calls")] == ["o-1"]
    assert "burki (account default), burki_calls: " in line
    return line


@pytest.fixture
def _quiet_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check that the log has no traceback, no key and no control characters."""
    yield
    assert not any(bad in caplog.text for bad in ("Traceback", "the-key", "\x1b"))


class Measured:
    """A run of the command, with a hostile server as one provider and a healthy one as another.

    Attributes:
        line: Why it failed.
        peak: The memory it had, in MiB.
    """

    def __init__(self, tmp_path: Path, hostile: str, **settings: Any) -> None:  # noqa: ANN401
        with serving(ok(OVIA)) as healthy:
            path = tmp_path / "config.json"
            config = beside_a_healthy_one(healthy, hostile, **settings)
            path.write_text(json.dumps(config), encoding="utf-8")
            catalog = catalog_of(config, **dict.fromkeys(registry.WHOLE, False))
            (tmp_path / "catalog.json").write_text(json.dumps(catalog), encoding="utf-8")
            command = [sys.executable, "-c", MEASURED, str(path), str(tmp_path)]
            measured = subprocess.check_output(command)  # noqa: S603 - this file's own words
            code, self.peak = json.loads(measured)
        log = (tmp_path / "log").read_text(encoding="utf-8")
        whose = "burki (account default), burki_calls: "
        self.line = next(line for line in log.splitlines() if whose in line)
        assert code == 1
        assert b'"o-1"' in (tmp_path / "out").read_bytes()
        assert "Traceback" not in log
        assert "the-key" not in log


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
@pytest.mark.usefixtures("_quiet_log")
def test_a_server_that_dribbles_is_left(clock: MovedClock, beginning: bytes, piece: bytes) -> None:
    """One byte at a time never exceeds the timeout of a read, and blocks all other streams."""
    with serving(dribbling(beginning, piece, clock)) as server:
        line = failure_of(server.url, max_retry_seconds=20, max_tries=9)

    assert "took too long as a whole" in line
    assert 20 <= clock.moved < LONG
    assert len(server.asked) <= 2


@pytest.mark.usefixtures("_quiet_log")
def test_one_slow_try_leaves_time_for_another(clock: MovedClock) -> None:
    """If one try could use up `max_retry_seconds`, there would never be a second."""
    slow, refused = dribbling(HEAD, b" ", clock), ok(b"{}", status=b"403 Forbidden")
    with serving(slow, refused) as server:
        line = failure_of(server.url, read_timeout=10, max_tries=9)

    assert "403 Forbidden" in line
    assert len(server.asked) == 2


@pytest.mark.usefixtures("_quiet_log")
def test_the_time_of_all_tries_is_kept(clock: MovedClock) -> None:
    """The tries take 30 s each, so that the third ends before the settings allow."""
    with serving(dribbling(HEAD, b" ", clock)) as server:
        line = failure_of(server.url, read_timeout=10, max_retry_seconds=80, max_tries=50)

    times = [moment for moment, _ in server.asked]
    assert times[-1] - times[0] <= 80
    assert 1 < len(times) <= 4
    assert "gave up" in line


@pytest.mark.usefixtures("_quiet_log")
def test_waits_count_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that refuses at once is left when the waits have taken all the time there is."""
    monkeypatch.setattr(RetryPolicy, "first_wait", 0.1)  # so each wait is of 0.05 s or more
    with serving(ok(b"{}", status=b"500 Oops")) as server:
        line = failure_of(server.url, max_retry_seconds=0.5, max_tries=50)

    assert 1 < len(server.asked) <= 11
    assert "gave up" in line


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
    """A megabyte that decompresses to a gigabyte must not use up the memory."""
    answer = ok(bomb(1024), b"Content-Encoding: gzip", *headers, status=status)
    assert len(answer) < 2 * MIB
    with serving(answer) as server:
        measured = Measured(tmp_path, server.url)

    assert expected in measured.line
    assert measured.peak < (400 if status == b"200 OK" else 150)


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
    """A response without an end must not fill the memory, and is not requested again."""
    with serving(for_ever(beginning, piece)) as server:
        measured = Measured(tmp_path, server.url, max_tries=9)

    assert "larger than 256 MiB" in measured.line
    assert len(server.asked) == 1
    assert measured.peak < 700


# Malformed bytes --------------------------------------------------------------------------------


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
@pytest.mark.usefixtures("_quiet_log")
def test_a_malformed_response_is_one_line(answer: bytes) -> None:
    """Bytes that the HTTP library cannot parse fail one account, without a traceback."""
    with serving(lambda connection: connection.sendall(answer)) as server:
        line = failure_of(server.url, max_retry_seconds=20)

    assert len(line) < 400
    assert "\x1b" not in line
