"""The message writer: whole lines, in order, never cut by a signal."""

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
    """Return the types of the messages written since the last call."""
    return [json.loads(line)["type"] for line in capsysbinary.readouterr().out.splitlines()]


def test_records_are_written_before_the_state_that_covers_them(capsysbinary: Captured) -> None:
    """After a crash, records that were written after their STATE would be lost."""
    writer = MessageWriter()

    writer.write_message(RECORD)
    assert types(capsysbinary) == []

    writer.write_message(STATE)
    assert types(capsysbinary) == ["RECORD", "STATE"]


@pytest.mark.parametrize("message", [STATE, SchemaMessage(stream="calls", schema={})])
def test_other_messages_are_written_immediately(capsysbinary: Captured, message: Any) -> None:  # noqa: ANN401
    """A target waits for SCHEMA and STATE, and a tap that ends must not keep them back."""
    MessageWriter().write_message(message)

    assert len(types(capsysbinary)) == 1


def test_old_records_are_written(capsysbinary: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of a slow source must not be held back for long."""
    writer = MessageWriter()
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)

    writer.write_message(RECORD)

    assert types(capsysbinary) == ["RECORD"]


def test_records_are_written_when_there_are_many(capsysbinary: Captured) -> None:
    """Memory must not grow with the number of records between two states."""
    writer = MessageWriter()

    writer.write_lines(b'{"type":"RECORD"}\n' for _ in range(100_000))

    assert len(types(capsysbinary)) > 90_000


def test_a_signal_between_lines_takes_effect_immediately(capsysbinary: Captured) -> None:
    """Ctrl-C must not wait for the next line while the tap waits for a response."""
    with pytest.raises(Interrupted):
        MessageWriter().interrupt(Interrupted(signal.SIGINT))
    assert types(capsysbinary) == []


def test_a_signal_within_a_line_takes_effect_at_its_end() -> None:
    """A signal must not cut a line."""
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


def test_an_output_that_fails_is_one_clear_error() -> None:
    """The message says why: the target has died, or the disk is full."""

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
