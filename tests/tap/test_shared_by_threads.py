"""Objects that threads share are made before the threads start."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from support import configuration, run_tap, simulator

from tap_voicecalls.records.conform import Conformer

if TYPE_CHECKING:
    import pytest


def test_the_conformers_are_made_by_the_main_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads in a race would make several, and each would count a part of the records."""
    made = list[str]()

    def noted(*arguments: Any) -> Conformer:  # noqa: ANN401 - as the class takes them
        made.append(threading.current_thread().name)
        return Conformer(*arguments)

    monkeypatch.setattr("tap_voicecalls.streams.base.Conformer", noted)
    with simulator() as served:
        output = run_tap(configuration(served, "burki", "vonage"))

    assert output.records("burki_calls")
    assert made == 2 * [threading.current_thread().name]
