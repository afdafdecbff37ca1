"""Which statuses mean a complete response, and which requests are sent again."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from raw_server import NO_CALLS, config_of, ok, serving
from singer_sdk.streams.rest import HTTPRequest
from support import configuration, run_tap, simulator

from tap_voicecalls.common.errors import ApiError, OutcomeUnknown, ReadCancelled
from tap_voicecalls.common.run import RunError
from tap_voicecalls.http.auth import AccountName, BearerAuth
from tap_voicecalls.http.client import ApiClient
from tap_voicecalls.http.retry import RetryPolicy

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("only_calls")


LONG = 300.0
ORDER = HTTPRequest("/orders", method="POST", data={"what": "a report"})


def client_of(url: str, **changes: Any) -> ApiClient:  # noqa: ANN401 - the client's own options
    """Return a client of a server."""
    options: dict[str, Any] = {
        "auth": BearerAuth("the-key"),
        "requests_per_second": None,
        "connections": 1,
        "retry_policy": RetryPolicy(tries=2, seconds=LONG, connect_timeout=LONG, read_timeout=LONG),
    }
    name = AccountName("burki", "default", ("api_key",))
    return ApiClient(name, base_url=url, explain=lambda _: "", **(options | changes))


@pytest.mark.parametrize(
    "status",
    ["203 Non-Authoritative", "202 Accepted", "206 Partial Content", "304 Not Modified",
     "300 Multiple Choices", "302 Found", "600 Odd", "999 Odd"],
)  # fmt: skip
def test_an_incomplete_response_is_rejected(status: str) -> None:
    """A partial page, or one that a proxy changed, must not move the bookmark."""
    with (
        serving(ok(NO_CALLS, b"Content-Range: items 0-9/100", status=status.encode())) as server,
        pytest.raises(
            RunError, match=f"burki_calls: {status[:3]}.* in place of a whole|: {status[:3]}"
        ),
    ):
        run_tap(config_of(server.url, max_tries=2))

    assert len(server.asked) == 2


def test_an_incomplete_response_is_retried() -> None:
    """A single odd response of a cache costs one request, but does not fail the run."""
    with serving(ok(status=b"206 Partial Content"), ok()) as server:
        output = run_tap(config_of(server.url, max_tries=2))

    assert output.state


def test_no_content_is_an_empty_list() -> None:
    """A server without calls may respond without a body."""
    with serving(b"HTTP/1.1 204 No Content\r\n\r\n") as server:
        output = run_tap(config_of(server.url))

    assert output.records("burki_calls") == []
    assert output.state


def test_invalid_json_is_reported_with_its_status() -> None:
    """A captive portal responds with 200 OK, unlike an API that rejects a request."""
    with (
        serving(ok(b"<html>")) as server,
        pytest.raises(RunError, match="200 OK, but the response is not valid JSON"),
    ):
        run_tap(config_of(server.url))


# Requests that must not be sent twice -------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [b"", ok(status=b"500 Oops"), ok(status=b"504 Oops"), ok(b"<html>"), b"HTTP/1.1 2"],
)
def test_a_request_with_an_unknown_outcome_is_not_resent(
    answer: bytes,
) -> None:
    """A report that is requested twice is charged twice."""

    def sent(connection: socket.socket) -> None:
        connection.sendall(answer)

    with serving(sent) as server:
        with pytest.raises(OutcomeUnknown, match="burki_calls: "):
            client_of(server.url).fetch(
                ORDER, stream="burki_calls", cancelled=threading.Event(), resend=False
            )
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [b"429 Busy", b"408 Slow", b"425 Early"])
def test_a_rate_limited_request_is_resent(status: bytes) -> None:
    """The server certainly did not create a report."""
    with serving(ok(status=status), ok(b'{"id": 1}', status=b"201 Created")) as server:
        answer = client_of(server.url).fetch(
            ORDER, stream="burki_calls", cancelled=threading.Event(), resend=False
        )

    assert answer.get("id") == 1
    assert len(server.asked) == 2


def test_an_unsent_request_has_no_unknown_outcome() -> None:
    """Without a connection, the server cannot have processed the request."""
    with serving(ok()) as server:
        url = server.url
    with pytest.raises(ApiError, match="connection refused") as caught:
        client_of(url).fetch(ORDER, stream="burki_calls", cancelled=threading.Event(), resend=False)

    assert not isinstance(caught.value, OutcomeUnknown)


# Cancellation ------------------------------------------------------------------------------------


@pytest.mark.parametrize("manner", ["answer", "turn", "pause", "slot"])
def test_cancellation_ends_every_wait(manner: str) -> None:
    """A thread that keeps waiting would keep the process alive."""
    asked, may_end = threading.Event(), threading.Event()

    def silent(_: socket.socket) -> None:
        asked.set()
        may_end.wait(LONG)

    pause = ok(b"", b"Retry-After: 200", status=b"429 Busy")
    first: bytes | Callable[[socket.socket], None] = {"turn": ok(), "pause": pause}.get(
        manner, silent
    )
    cancelled, ended = threading.Event(), list[BaseException]()
    with serving(first) as server:
        rate = 0.001 if manner == "turn" else None
        client = client_of(server.url, requests_per_second=rate)

        def fetch() -> None:
            try:
                while True:
                    client.fetch(HTTPRequest("/"), stream="burki_calls", cancelled=cancelled)
            except ReadCancelled as error:
                ended.append(error)

        threads = [threading.Thread(target=fetch, daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        if callable(first):
            assert asked.wait(LONG)
        else:
            assert waits_for(lambda: len(server.asked) >= 1)
        cancelled.set()
        for thread in threads:
            thread.join(30)
        may_end.set()

    assert len(ended) == 2


def waits_for(condition: Callable[[], bool]) -> bool:
    """Wait until a condition holds, and return whether it does."""
    pause = threading.Event()
    for _ in range(int(LONG * 20)):
        if condition():
            return True
        pause.wait(0.05)
    return False


# Keys --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["the-key\n", "the\r\nX: key", "the-key\u200b", "\u201cthe-key\u201d"]
)
def test_a_key_with_invalid_characters_is_one_clear_line(key: str) -> None:
    """The message does not contain the key, and there is no traceback."""
    with serving(ok()) as server, pytest.raises(ApiError) as caught:
        client_of(server.url, auth=BearerAuth(key)).fetch(
            HTTPRequest("/"), stream="burki_calls", cancelled=threading.Event()
        )

    assert "check `burki.api_key`: " in str(caught.value)
    assert "the-key" not in str(caught.value)
    assert server.asked == []


def test_logged_urls_contain_no_key(caplog: pytest.LogCaptureFixture) -> None:
    """Vonage's URLs contain the account's key, and a user may log each request."""
    logger = logging.getLogger("urllib3")
    before = logger.level
    with simulator() as served, caplog.at_level(logging.DEBUG):
        config = configuration(served, "vonage")
        logger.setLevel(logging.DEBUG)
        try:
            run_tap(config)
        finally:
            logger.setLevel(before)

    assert "GET /vonage/v2/reports/records?... " in caplog.text
    assert str(config["vonage"]["api_key"]) not in caplog.text


def test_unreadable_headers_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """urllib3 would log them in a traceback, with the full URL."""
    answer = b"HTTP/1.1 200 OK\r\nno header of tel. +1 202-555-0101\r\n\r\n{}"
    with (
        serving(lambda connection: connection.sendall(answer)) as server,
        pytest.raises(RunError),
    ):
        run_tap(config_of(server.url))

    assert "202-555" not in caplog.text
    assert "Traceback" not in caplog.text
