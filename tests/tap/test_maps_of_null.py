"""Functions in stream maps, with values that may be null or very large."""

from __future__ import annotations

import json
from hashlib import md5, sha256
from typing import Any

import pytest
from raw_server import config_of, ok, serving
from support import run_tap

NUMBER = "+12025550143"
CALL = {"status": "completed", "started_at": "2026-01-05T01:00:00Z"}
PAGE: dict[str, Any] = {
    "total": 2,
    "items": [
        {**CALL, "id": 1, "customer_phone_number": NUMBER, "total_cost": 0.25},
        {**CALL, "id": 2, "customer_phone_number": None, "total_cost": None},
    ],
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("md5(customer_phone_number)", md5(NUMBER.encode()).hexdigest()),  # noqa: S324 - the SDK's
        ("sha256(customer_phone_number)", sha256(NUMBER.encode()).hexdigest()),
        ("int(total_cost * 100)", 25),
        ("total_cost * 4 * 10**400 / 10**400", 1),
    ],
)
def test_null_gives_null(expression: str, expected: object) -> None:
    """One withheld number must not end the run of all providers."""
    maps = {"burki_calls": {"made": expression}}
    with serving(ok(json.dumps(PAGE).encode())) as server:
        output = run_tap(config_of(server.url, stream_maps=maps))

    made = {each["id"]: each["made"] for each in output.records("burki_calls")}
    assert made == {1: expected, 2: None}
