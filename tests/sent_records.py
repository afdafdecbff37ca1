"""What providers may send: records drawn or written out, and read as the tap reads them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import strategies as st
from registry import STREAMS, schema_of

from tap_voicecalls.calls.call import Call
from tap_voicecalls.records.conform import ADDITIONAL_FIELDS, Conformer
from tap_voicecalls.records.identity import fingerprint

if TYPE_CHECKING:
    from tap_voicecalls.streams.base import ProviderStream

Schema = dict[str, Any]
Record = dict[str, Any]

NAMES = tuple(STREAMS)
KEY_VALUES = {"string": "a", "integer": 1}


EMPTY_CALL = msgspec.structs.asdict(Call())
"""The fields of a call of which a provider sends nothing."""
SCHEMAS = {name: schema_of(name) for name in NAMES}


class Reader:
    """Reads records of a stream as the stream itself does, without a tap around it.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: type[ProviderStream]) -> None:
        self._stream: Any = stream
        self._conform = Conformer(schema_of(vars(stream)["name"]), stream.moved)

    def __call__(self, sent: str | bytes) -> Any:  # noqa: ANN401 - a record is of no declared type
        """Return the record that becomes of what was sent as JSON, but for its account."""
        record = self._conform(sent.encode() if isinstance(sent, str) else sent)
        self._stream.fill_derived_fields(None, record)  # no tap: nothing but the record counts
        if (name := self._stream.identified_by) and getattr(record, name) is None:
            setattr(record, name, fingerprint(record, self._stream.identity))
        return record


# What may be sent ----------------------------------------------------------------------------

TEXTS = st.sampled_from(
    ["", "0", "-1.50", "1e3", "1e999", "NaN", "1_0", " 7 ", "true", "0.00600000", "+31612345678"]
) | st.text(max_size=5)
MOMENTS = st.datetimes(min_value=datetime(2, 1, 1))  # noqa: DTZ001
TIMES = st.builds(
    lambda moment, length, zone: f"{moment:%Y-%m-%dT%H:%M:%S.%f}".zfill(26)[:length] + zone,
    MOMENTS,
    st.integers(21, 26) | st.just(19),
    st.sampled_from(["", "Z", "+00:00"]),
)
INTEGERS = st.integers(-(10**35), 10**35)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | INTEGERS | DECIMALS | TEXTS | TIMES
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "string": TEXTS,
    "number": DECIMALS | INTEGERS,
    "integer": INTEGERS,
    "boolean": st.booleans(),
    "object": st.dictionaries(st.text(max_size=3), JSON, max_size=2),
    "array": st.lists(JSON, max_size=2),
}


def sent_for(field: Schema) -> st.SearchStrategy[Any]:
    """Draw what a provider may send in a field: as documented, of another type, or anything."""
    documented: st.SearchStrategy[Any]
    if "properties" in field:
        documented = object_of(field["properties"])
    elif "items" in field:
        documented = st.lists(sent_for(field["items"]), max_size=2)
    elif field.get("format") == "date-time":
        documented = TIMES
    else:
        types = field["type"] if isinstance(field["type"], list) else [field["type"]]
        documented = st.one_of([OF_TYPE[name] for name in types])
    draws = st.integers(0, 19)
    return draws.flatmap(lambda n: JSON if n == 0 else SCALARS if n == 1 else documented)


def object_of(properties: dict[str, Schema]) -> st.SearchStrategy[Record]:
    """Draw an object with some of its declared fields, and some others."""
    declared = {name: sent_for(field) for name, field in properties.items()}
    known = st.fixed_dictionaries({}, optional=declared)
    unknown = st.dictionaries(st.text(max_size=3), JSON, max_size=2)
    return st.builds(lambda some, more: {**more, **some}, known, unknown)


def record_of(stream: str) -> st.SearchStrategy[Record]:
    """Draw a record as the provider of a stream may send it."""
    properties = SCHEMAS[stream]["properties"]
    return object_of({name: properties[name] for name in properties if name != ADDITIONAL_FIELDS})


RECORDS = {name: record_of(name) for name in NAMES}
