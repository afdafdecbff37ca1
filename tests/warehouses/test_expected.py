"""What the tables are compared with is what the tap writes: no database needed to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from properties.truth import ALL_PRODUCTS
from registry import NAMES, PROVIDER_OF
from support import configuration, run_tap, simulator

from warehouses.expected import held, rows, schema
from warehouses.expected_calls import calls
from warehouses.landed import unlike

if TYPE_CHECKING:
    from support import Output


def as_landed(output: Output, stream: str) -> list[dict[str, Any]]:
    """Return the records of a stream as a table holds them: objects as they are, JSON."""
    fields = schema(stream)["properties"]
    return [
        {
            name: record[name]
            if isinstance(record[name], dict | list)
            else held(field, record[name])
            for name, field in fields.items()
        }
        for record in output.records(stream)
    ]


@pytest.mark.parametrize("provider", NAMES)
def test_the_tap_writes_what_is_expected(provider: str) -> None:
    """A provider without a truth of its own would land in the warehouse uncompared."""
    with simulator(calls_per_day=12, unknown_fields=True) as served:
        config = configuration(served, provider)
        if provider == "vonage":
            config["vonage"]["products"] = ALL_PRODUCTS

        output = run_tap(config)

        for stream in (name for name, owner in PROVIDER_OF.items() if owner == provider):
            expected = list(rows(served, stream))
            assert expected
            assert unlike(stream, expected, as_landed(output, stream)) == []
        expected = list(calls(served, [provider]))
        assert expected
        assert unlike("calls", expected, as_landed(output, "calls")) == []
