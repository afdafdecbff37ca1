"""Objects that the threads of a run share are made before the threads start."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import registry
from support import configuration, run_tap, simulator

from tap_voicecalls.records.conform import Conformer

if TYPE_CHECKING:
    import pytest


def test_conformers_are_made_before_threads_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that race would make several, each with warnings about a part of the records."""
    made = list[str]()

    def noted(*arguments: Any) -> Conformer:  # noqa: ANN401 - as the class takes them
        made.append(threading.current_thread().name)
        return Conformer(*arguments)

    monkeypatch.setattr("tap_voicecalls.streams.record_stream.Conformer", noted)
    with simulator() as served:
        output = run_tap(configuration(served, "burki", "vonage"))

    assert output.records("burki_calls")
    own = [name for name in registry.SELECTED if name.startswith(("burki_", "vonage_"))]
    assert made == len(own) * [threading.current_thread().name]
