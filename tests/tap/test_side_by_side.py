"""Streams of several providers are read ahead of their turn: same output, less waiting."""

from __future__ import annotations

import io
import re
import threading
from contextlib import redirect_stdout
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from raw_server import NO_CALLS, config_of, ok, serving
from support import END, configuration, reading_threads, run_tap, simulator

from tap_voicecalls.common.concurrency import Concurrency
from tap_voicecalls.common.run import Run, RunError
from tap_voicecalls.streams.base import ProviderStream
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator

LONG = 60  # seconds until a hanging test fails; no test waits that long otherwise
LAST = b"Connection: close"
CHANGING = re.compile(rb'"time_extracted":"[^"]*"|\?[^"]*(?=")')


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """Simulate all providers."""
    with simulator() as made:
        yield made


@pytest.fixture(scope="module")
def state(served: Simulator) -> dict[str, Any]:
    """Return the state of a run that read everything."""
    return run_tap(configuration(served)).state


def written(config: dict[str, Any], state: dict[str, Any]) -> list[bytes]:
    """Return the lines of a run, without what differs between runs."""
    out = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(out, encoding="utf-8", write_through=True)) as text:
        TapVoiceCalls(config=config, state=deepcopy(state)).sync_all()
        text.flush()
    return CHANGING.sub(b"", out.getvalue()).splitlines()


def test_the_output_is_that_of_one_after_the_other(
    served: Simulator, state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches messages that come in another order, or a STATE of a stream that had no turn yet."""
    config = configuration(served)
    side_by_side = written(config, state)
    monkeypatch.setattr(Run, "begin_reading", lambda _: None)

    assert written(config, state) == side_by_side
    assert len(side_by_side) > 100


def test_providers_are_asked_at_the_same_time(state: dict[str, Any]) -> None:
    """Catches a run that waits for one provider before it asks the next one."""
    is_asked = threading.Event()

    def wait_for_the_other(connection: socket.socket) -> None:
        assert is_asked.wait(LONG)
        connection.sendall(ok(NO_CALLS, LAST))

    def tell(connection: socket.socket) -> None:
        is_asked.set()
        connection.sendall(ok(b'{"calls": []}', LAST))

    with serving(wait_for_the_other) as first, serving(tell) as second:
        config = config_of(first.url) | {"ovia": {"api_key": "key-of-test", "base_url": second.url}}
        run_tap(config, state=deepcopy(state))

    assert is_asked.is_set()


def test_nothing_is_read_at_once_before_its_turn(
    served: Simulator, state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a stream, or the list of its details, that sends many requests before its turn."""
    asked = list[str]()

    class Counted(Concurrency):
        def __call__(self) -> int:
            asked.append(threading.current_thread().name)
            return super().__call__()

    monkeypatch.setattr(TapVoiceCalls, "concurrency_class", Counted)
    tap = TapVoiceCalls(config=configuration(served), state=deepcopy(state))
    before = len(served.requests)
    streams = [stream for stream in tap.streams.values() if isinstance(stream, ProviderStream)]
    for stream in streams:
        stream.start_ahead()
    for thread in reading_threads():
        if thread.name == "read-ahead":
            thread.join(LONG)
    for stream in streams:
        stream.cancel_ahead()

    assert {one.provider for one in served.requests[before:]} == served.configuration().keys()
    assert asked == []


def test_a_first_run_reads_one_after_the_other(served: Simulator) -> None:
    """Catches a backfill that holds windows of all streams, which nobody waits for."""
    before = len(served.requests)
    run_tap(configuration(served, end_date=END.isoformat()))
    order = [request.provider for request in served.requests[before:]]
    first = {provider: order.index(provider) for provider in order}
    timed = [one for one in first if one not in {"burki", "voicy", "telnyx"}]  # have full tables

    assert timed
    for provider in timed:
        rest = order[first[provider] :]
        assert len(set(rest[: rest.count(provider)])) == 1


def test_a_failure_is_that_of_its_account(served: Simulator, state: dict[str, Any]) -> None:
    """Catches an error of a thread that ends the run, or is not told."""
    config = configuration(served, max_tries=1)
    config["ovia"] = config["ovia"] | {"api_key": "wrong-key-of-test"}

    with pytest.raises(RunError) as caught:
        run_tap(config, state=deepcopy(state))

    (line,) = caught.value.failures
    assert line.startswith("ovia (account default), ovia_calls: 401")
