"""Lines of output: whole ones, in order, and never cut by a signal."""

from __future__ import annotations

import io
import json
import signal
import time
from contextlib import redirect_stdout
from typing import Any

import pytest
from singer_sdk.singerlib import RecordMessage, SchemaMessage, StateMessage

from tap_voicecalls.output.abort import Interrupted, OutputError
from tap_voicecalls.output.writer import MessageWriter

RECORD = RecordMessage(stream="calls", record={"id": 1})
STATE = StateMessage(value={"bookmarks": {}})


Captured = pytest.CaptureFixture[bytes]


def types(capsysbinary: Captured) -> list[str]:
    """Return the types of the messages that came out since the last look."""
    return [json.loads(line)["type"] for line in capsysbinary.readouterr().out.splitlines()]


def test_records_wait_for_the_state_that_covers_them(capsysbinary: Captured) -> None:
    """A STATE that came out before its records would lose them in a crash."""
    writer = MessageWriter()

    writer.write_message(RECORD)
    assert types(capsysbinary) == []

    writer.write_message(STATE)
    assert types(capsysbinary) == ["RECORD", "STATE"]


@pytest.mark.parametrize("message", [STATE, SchemaMessage(stream="calls", schema={})])
def test_what_is_no_record_is_out_at_once(capsysbinary: Captured, message: Any) -> None:  # noqa: ANN401
    """A target waits for a SCHEMA or STATE, and a tap that ends in between must not keep it."""
    MessageWriter().write_message(message)

    assert len(types(capsysbinary)) == 1


def test_old_records_do_not_wait(capsysbinary: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow source still streams: a record is not held back for long."""
    writer = MessageWriter()
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)

    writer.write_message(RECORD)

    assert types(capsysbinary) == ["RECORD"]


def test_many_records_do_not_wait(capsysbinary: Captured) -> None:
    """Memory does not grow with the records between two states."""
    writer = MessageWriter()

    writer.write_lines(b'{"type":"RECORD"}\n' for _ in range(100_000))

    assert len(types(capsysbinary)) > 90_000


def test_a_signal_between_lines_ends_at_once(capsysbinary: Captured) -> None:
    """Ctrl-C while the tap waits for an answer is not put off until the next line."""
    with pytest.raises(Interrupted):
        MessageWriter().interrupt(Interrupted(signal.SIGINT))
    assert types(capsysbinary) == []


def test_a_signal_within_a_line_waits_for_its_end() -> None:
    """A signal that arrives while lines are written does not cut one in two."""
    writer = MessageWriter()
    lines: list[bytes] = []

    class Interrupting(io.BytesIO):
        def write(self, data: Any) -> int:  # noqa: ANN401
            writer.interrupt(Interrupted(signal.SIGTERM))
            lines.append(bytes(data))
            return len(data)

    text = io.TextIOWrapper(Interrupting())
    with redirect_stdout(text), pytest.raises(Interrupted):
        writer.write_message(STATE)

    assert [line[-1:] for line in lines] == [b"\n"]
    text.detach()


def test_an_output_that_is_gone_is_one_clear_error() -> None:
    """A target that died, or a full disk, is told in words."""

    class Gone(io.BytesIO):
        def write(self, _: Any) -> int:  # noqa: ANN401
            raise BrokenPipeError(32, "Broken pipe")

    text = io.TextIOWrapper(Gone())
    with (
        redirect_stdout(text),
        pytest.raises(OutputError, match="the output cannot be written: Broken pipe"),
    ):
        MessageWriter().write_message(STATE)
    text.detach()
