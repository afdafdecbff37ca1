"""Telnyx's record types that are refused or removed for a while: calls regain their costs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from scripted import HOUR, START, config, run, serve, text
from werkzeug import Response

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

STREAM = "telnyx_detail_records"
COSTS = {"webrtc": "0.1", "recording": "0.02", "sip-trunking": "0.003"}


def detail(kind: str, hour: int) -> dict[str, Any]:
    """Make a record of the session of an hour."""
    record = {"id": f"{kind}-{hour}", "record_type": kind, "telnyx_session_id": f"s-{hour}"}
    return record | {
        "started_at": text(START + hour * HOUR),
        "cost": COSTS[kind],
        "currency": "USD",
    }


class World:
    """Sessions of ten days, one every five hours, each with a record of each type.

    Attributes:
        refused: Types that the account does not have for now.
    """

    def __init__(self, server: HTTPServer) -> None:
        self.refused: set[str] = set()
        self._server = server
        serve(server, "telnyx", self._answer)
        no_reports: dict[str, Any] = {"data": [], "meta": {}}
        server.expect_request("/voice_sdk_call_reports").respond_with_json(no_reports)

    def read(self, *kinds: str, days: int, state: dict[str, Any]) -> dict[str, Decimal]:
        """Read some types up to a day, note how far in the state, and return what calls cost."""
        settings = config(self._server, "telnyx", days=days)
        settings["telnyx"]["record_types"] = list(kinds)
        output, _ = run(settings, state=state)
        last = output.of_type("STATE")[-1]["value"]
        state.clear()
        state.update(last)
        return {call["call_id"]: call["cost"] for call in output.records("calls")}

    def _answer(self, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON, or a refusal
        kind = query["filter[record_type]"]
        if kind in self.refused:
            return Response(status=400)
        lower, upper = query["filter[started_at][gte]"], query["filter[started_at][lt]"]
        found = [detail(kind, hour) for hour in range(0, 240, 5)]
        found = [each for each in found if lower <= each["started_at"] < upper]
        return {"data": found if query["page[number]"] == "1" else [], "meta": {}}


@pytest.mark.parametrize("is_refused", [True, False])
def test_calls_regain_costs_once_all_types_are_read(
    httpserver: HTTPServer, *, is_refused: bool
) -> None:
    """One type makes calls of long ago anew, another is not read then: its costs are lost for good.

    That is, if it goes on from its own bookmark, which is past these calls.
    """
    world, state, kinds = World(httpserver), dict[str, Any](), ["webrtc", "recording"]
    costs = world.read(*kinds, days=5, state=state)
    if is_refused:
        world.refused = {"recording"}
        costs |= world.read(*kinds, "sip-trunking", days=10, state=state)
    else:
        costs |= world.read("webrtc", "sip-trunking", days=10, state=state)
    world.refused = set()
    costs |= world.read(*kinds, "sip-trunking", days=10, state=state)

    assert len(costs) == 48
    assert set(costs.values()) == {Decimal("0.123")}


def test_a_type_that_stays_refused_does_not_fall_back_further(httpserver: HTTPServer) -> None:
    """Each run reads more than the one before, if a type falls back by the lookback each time."""
    world, state = World(httpserver), dict[str, Any]()
    world.read("webrtc", "recording", days=5, state=state)
    world.refused = {"recording"}

    found = []
    for days in (6, 7, 8):
        world.read("webrtc", "recording", days=days, state=state)
        found.append(state["bookmarks"][STREAM]["partitions"][0]["parts"]["recording"])

    assert found == [text(START + 5 * 24 * HOUR)] * 3
