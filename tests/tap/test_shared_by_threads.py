"""What the threads of a run share is made before they start."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from support import configuration, run_tap, simulator

from tap_voicecalls.records.conform import Conformer

if TYPE_CHECKING:
    import pytest


def test_one_thread_makes_what_makes_records_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that race for it would make several, each with remarks on a part of the records."""
    made = list[str]()

    def noted(*arguments: Any) -> Conformer:  # noqa: ANN401 - as the class takes them
        made.append(threading.current_thread().name)
        return Conformer(*arguments)

    monkeypatch.setattr("tap_voicecalls.streams.record_stream.Conformer", noted)
    with simulator() as served:
        output = run_tap(configuration(served, "burki", "vonage"))

    assert output.records("burki_calls")
    assert made == 2 * [threading.current_thread().name]
