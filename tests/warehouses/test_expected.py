"""What the tables are compared with is what the tap writes: no database needed to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import registry
from properties.truth import ALL_PRODUCTS
from support import catalog_of, configuration, run_tap, simulator

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


# The simulated agents hold the secrets that the tap removes.
PLAIN = [
    name
    for name, stream in registry.STREAMS.items()
    if not stream.holds_secrets or name not in registry.WHOLE
]
DETAILS = [name for name in PLAIN if name not in registry.SELECTED]


@pytest.mark.parametrize("provider", registry.NAMES)
def test_the_tap_writes_what_is_expected(provider: str) -> None:
    """A provider without a truth of its own would land in the warehouse uncompared."""
    with simulator(calls_per_day=12, unknown_fields=True) as served:
        config = configuration(served, provider)
        if provider == "vonage":
            config["vonage"]["products"] = ALL_PRODUCTS

        output = run_tap(config)

        own = [name for name in PLAIN if registry.PROVIDER_OF[name] == provider]
        for stream in own:
            if stream in registry.SELECTED:
                expected = list(rows(served, stream))
                assert expected
                assert unlike(stream, expected, as_landed(output, stream)) == []
        expected = list(calls(served, [provider]))
        assert expected
        assert unlike("calls", expected, as_landed(output, "calls")) == []


@pytest.mark.parametrize("stream", DETAILS)
def test_details_are_written_as_expected(stream: str) -> None:
    """Streams that are off by default are compared as well."""
    with simulator(calls_per_day=12, unknown_fields=True) as served:
        config = configuration(served, registry.PROVIDER_OF[stream])
        output = run_tap(config, catalog=catalog_of(config, **{stream: True}))

        expected = list(rows(served, stream))
        assert expected
        assert unlike(stream, expected, as_landed(output, stream)) == []
