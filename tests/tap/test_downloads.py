"""Downloads may take hours while bytes arrive; all other delays are errors."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING

import pytest
from raw_server import dribbling, for_ever, ok, serving
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import ApiError
from tap_voicecalls.http.auth import AccountName, BearerAuth
from tap_voicecalls.http.client import ApiClient
from tap_voicecalls.http.retry import RetryPolicy

if TYPE_CHECKING:
    from support import MovedClock
    from typing_extensions import Buffer

PIECE = b"x" * 65_536


def download(
    url: str, *, seconds: float, read_timeout: float, file: io.BytesIO | None = None
) -> bytes:
    """Download a file with little patience."""
    client = ApiClient(
        AccountName("vonage", "default", ("api_key",)),
        base_url=url,
        auth=BearerAuth("the-key"),
        explain=lambda _: "",
        requests_per_second=None,
        connections=1,
        retry_policy=RetryPolicy(
            tries=9, seconds=seconds, connect_timeout=60, read_timeout=read_timeout
        ),
    )
    file = file or io.BytesIO()
    client.download(
        HTTPRequest("/file"),
        into=file,
        check=lambda _: None,
        stream="vonage_voice_reports",
        cancelled=threading.Event(),
    )
    return file.getvalue()


def test_a_file_may_take_longer_than_a_page(clock: MovedClock) -> None:
    """A file of hours is right while it comes, though no page may take as long."""

    class SlowFile(io.BytesIO):
        def write(self, piece: Buffer) -> int:
            clock.move(20)
            return super().write(piece)

    body = PIECE * 40
    with serving(ok(body)) as server:
        got = download(server.url, seconds=40, read_timeout=15, file=SlowFile())

    assert got == body
    assert clock.moved > 45
    assert len(server.asked) == 1


def test_a_file_that_arrives_too_slowly_is_an_error(clock: MovedClock) -> None:
    """A file that comes byte by byte never ends, and holds up all that is read after it."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    with (
        serving(dribbling(head, b"x", clock)) as server,
        pytest.raises(ApiError, match="as a whole"),
    ):
        download(server.url, seconds=30, read_timeout=300)


@pytest.mark.parametrize("length", [3 << 30, 10**15])
def test_a_file_that_is_too_large_is_not_downloaded(length: int) -> None:
    """A file that fills the disk takes all other programs of the machine down."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length
    with serving(for_ever(head, PIECE)) as server:
        with pytest.raises(ApiError, match="200 OK, but the response is larger than 2048 MiB"):
            download(server.url, seconds=60, read_timeout=60)
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [b"204 No Content", b"206 Partial Content"])
def test_an_empty_or_partial_response_is_not_the_file(status: bytes) -> None:
    """What is empty, or a part, is not the file that was asked for."""
    with serving(ok(b"", status=status), ok(b"the file")) as server:
        assert download(server.url, seconds=60, read_timeout=60) == b"the file"
