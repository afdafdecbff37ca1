"""To add a provider to the simulator, one module is enough."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import registry

from tap_voicecalls.simulator import Simulator, apis

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    import requests

SIXTH = '''
"""A provider with one endpoint."""
from tap_voicecalls.simulator.api import Api, Response

class Sixth(Api):
    name = "sixth"
    streams = ("sixth_calls",)
    options = {"sixth_switch": 6}

    def routes(self):
        return {"GET /calls": lambda incoming: Response(200, self.records("sixth_calls"))}

    def error_body(self, status, detail):
        return {"oops": detail}

    def records(self, stream, **narrow):
        return [{"key": call.key} for call in self.calls(self.now())]
'''


def test_a_module_in_the_package_is_a_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: requests.Session
) -> None:
    """A module in `apis` is served, configured, and found by the name of its stream."""
    (tmp_path / "sixth.py").write_text(SIXTH, encoding="utf-8")
    monkeypatch.setattr(apis, "__path__", [*apis.__path__, str(tmp_path)])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    start, end = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC)
    try:
        with Simulator(seed=7, start=start, end=end, now=end) as simulator:
            settings = simulator.configuration()["sixth"]
            headers = {"Authorization": f"Bearer {settings['api_key']}"}
            url = f"{settings['base_url']}/calls"
            assert session.get(url, timeout=10).json() == {"oops": "Invalid or missing API key."}
            answer = session.get(url, headers=headers, timeout=10)
            assert answer.json() == simulator.records("sixth_calls")
            assert simulator.options["sixth_switch"] == 6
            assert simulator.configuration().keys() == {"sixth", *registry.NAMES}
    finally:
        sys.modules.pop(f"{apis.__name__}.sixth", None)
