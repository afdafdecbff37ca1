"""Conforming: each record fits its schema, and nothing that was sent is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sent_records import KEY_VALUES, NAMES, RECORDS, SCHEMAS
from singer_sdk.contrib.msgspec import serialize_jsonl

from tap_voicecalls.records.conform import ADDITIONAL_FIELDS, Conformer
from tap_voicecalls.records.raw_json import RawJson, decode
from tap_voicecalls.records.record_type import encode

if TYPE_CHECKING:
    from sent_records import Record, Schema

each_stream = pytest.mark.parametrize("stream", NAMES)


class Conform:
    """Conforms records that are given as values, and decodes what is written for them.

    Args:
        schema: The schema.
    """

    def __init__(self, schema: Schema) -> None:
        self._conform = Conformer(schema)

    def __call__(self, sent: Record) -> Record:
        """Return the record that a target reads."""
        kept: Record = decode(encode(self._conform(encode(sent))))
        return kept


def simple(**fields: Any) -> Conform:  # noqa: ANN401 - a schema is any JSON
    """Make a conformer of a few fields."""
    return Conform({"properties": {**fields, ADDITIONAL_FIELDS: OBJECT}})


def as_sent(value: Record) -> Record:
    """Return a record as it is after sending: a decimal without a fraction is an integer."""
    sent: Record = decode(encode(value))
    return sent


# What is lost --------------------------------------------------------------------------------


def is_as_sent(sent: object, kept: object) -> bool:
    """Return whether a value is unchanged; True is not 1, and 1.0 is not 1.00."""
    return repr(sent) == repr(kept)


def means_the_same(sent: Any, kept: Any) -> bool:  # noqa: ANN401, PLR0911 - JSON is any value
    """Return whether a converted value means the same as the one that was sent."""
    match sent, kept:
        case dict(), dict():
            return sent.keys() == kept.keys() and all(
                means_the_same(sent[name], kept[name]) for name in sent
            )
        case list(), list():
            return len(sent) == len(kept) and all(map(means_the_same, sent, kept))
        case "", None:
            return True
        case (int() | Decimal(), str()) if not isinstance(sent, bool):
            return str(sent) == kept
        case (str(), int() | Decimal()) if not isinstance(kept, bool):
            return as_number(sent) == kept
        case (int(), bool()) if not isinstance(sent, bool):
            return sent == kept
        case str(), bool():
            return sent.strip().lower() == str(kept).lower()
        case Decimal(), int():
            return not isinstance(kept, bool) and sent == kept
        case str(), str() if sent != kept:
            return as_time(sent) == as_time(kept) is not None
        case _:
            return is_as_sent(sent, kept)


def as_number(text: str) -> Decimal | None:
    """Read a number."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def as_time(text: str) -> datetime | None:
    """Read a time, in UTC if it has no offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def lost(sent: Record, kept: Record, rest: Record) -> list[str]:
    """Name the fields that are neither under their name nor, as sent, in the additional fields."""
    missing = []
    for name, value in sent.items():
        if name in rest and is_as_sent(value, rest[name]):
            continue
        if name not in kept:
            missing.append(name)
        elif isinstance(value, dict) and isinstance(kept[name], dict):
            more = rest.get(name, {})
            missing += [f"{name}.{inner}" for inner in lost(value, kept[name], more)]
        elif not means_the_same(value, kept[name]):
            missing.append(name)
    return missing


@each_stream
@given(data=st.data())
def test_nothing_is_lost(stream: str, data: st.DataObject) -> None:
    """Each sent value is under its field or, exactly as sent, in the additional fields."""
    sent = as_sent(data.draw(RECORDS[stream]))

    kept = Conform(SCHEMAS[stream])(sent)

    assert lost(sent, kept, kept[ADDITIONAL_FIELDS] or {}) == []


@pytest.mark.parametrize(
    "stream",
    NAMES,
)
@given(data=st.data())
@settings(phases=[Phase.generate])  # the first failure is enough, and finding the smallest is slow
def test_each_record_is_valid_and_can_be_written(stream: str, data: st.DataObject) -> None:
    """A target that validates accepts any record, given a key."""
    schema = SCHEMAS[stream]

    kept = Conform(schema)(data.draw(RECORDS[stream]))
    for name in schema["required"]:
        kept[name] = KEY_VALUES[schema["properties"][name]["type"]]

    assert list(schema["properties"]) == list(kept)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(kept)] == []
    assert serialize_jsonl(kept).endswith(b"\n")


@each_stream
@given(data=st.data())
def test_an_undeclared_field_does_not_change_the_others(stream: str, data: st.DataObject) -> None:
    """A record that is converted field by field equals one that was decoded in one step."""
    sent = as_sent(data.draw(RECORDS[stream]))
    conform = Conform(SCHEMAS[stream])

    kept, apart = conform(sent), conform({**sent, "unheard_of": 1})

    rest = apart.pop(ADDITIONAL_FIELDS)
    assert rest.pop("unheard_of") == 1
    assert (kept.pop(ADDITIONAL_FIELDS) or {}) == rest
    assert repr(kept) == repr(apart)


def test_an_array_is_conformed_like_its_records() -> None:
    """If one record of a page does not fit, the others are decoded one by one, not lost."""
    conform = Conformer(SCHEMAS["burki_calls"])
    sent = [{"id": 1}, {"id": 2, "new": True}, {"id": "3", "duration": "7"}]

    together = [encode(record) for record in conform.all(RawJson(encode(sent)))]

    assert together == [encode(conform(encode(record))) for record in sent]


def test_a_value_that_is_not_an_object_is_a_value_error() -> None:
    """An array of anything but objects is refused, not read as empty."""
    with pytest.raises(ValueError, match="not an object"):
        Conformer(SCHEMAS["burki_calls"]).all(RawJson(b'[{"id": 1}, 2]'))


def test_null_records_are_skipped_and_counted() -> None:
    """A null among records neither ends the stream nor goes unnoticed."""
    conform = Conformer(SCHEMAS["burki_calls"])

    records = conform.all(RawJson(b'[null, {"id": 1}, null]'))

    assert ([record.id for record in records], str(conform.nulls)) == ([1], "null (2)")


def test_a_field_with_a_name_of_the_tap_is_moved() -> None:
    """A field that the provider sends under a name that the tap fills is not overwritten."""
    conform = Conformer(SCHEMAS["voicy_calls"], {"account": "voicy_account"})
    account, other = {"id": "a", "name": "b"}, {"id": "c", "name": "d"}

    moved = decode(encode(conform(encode({"account": account}))))
    both = decode(encode(conform(encode({"account": account, "voicy_account": other}))))

    assert (moved["voicy_account"], moved[ADDITIONAL_FIELDS]) == (account, None)
    assert (both["voicy_account"], both[ADDITIONAL_FIELDS]) == (other, {"account": account})


def test_records_do_not_share_values() -> None:
    """A field that one record lacks does not get the value of the record before."""
    conform = simple(field=NUMBER, agent={"properties": {"name": STRING}, **OBJECT})

    first = conform({"field": 1, "agent": {"name": "Ada"}, "new": 1})
    second = conform({"agent": {}})

    assert first == {"field": 1, "agent": {"name": "Ada"}, ADDITIONAL_FIELDS: {"new": 1}}
    assert second == {"field": None, "agent": {"name": None}, ADDITIONAL_FIELDS: None}


# Types ---------------------------------------------------------------------------------------

STRING = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
INTEGER = {"type": ["integer", "null"]}
BOOLEAN = {"type": ["boolean", "null"]}
OBJECT = {"type": ["object", "null"]}
TIME = {"type": ["string", "null"], "format": "date-time"}
ANYTHING = {"type": ["object", "array", "string", "number", "boolean", "null"]}


@pytest.mark.parametrize(
    ("field", "sent", "expected"),
    [
        (NUMBER, "0.00600000", "Decimal('0.00600000')"),
        (NUMBER, "-12", "-12"),
        (NUMBER, 3, "3"),
        (NUMBER, Decimal("1.10"), "Decimal('1.10')"),
        (NUMBER, "", "None"),
        (INTEGER, "17", "17"),
        (INTEGER, "17.00", "17"),
        (INTEGER, Decimal("17.0"), "17"),
        (INTEGER, 10**30, str(10**30)),
        (INTEGER, "9" * 30, "9" * 30),
        (INTEGER, "", "None"),
        (STRING, "", "''"),
        (STRING, 31612345678, "'31612345678'"),
        (STRING, Decimal("1.10"), "'1.10'"),
        (BOOLEAN, "true", "True"),
        (BOOLEAN, "false", "False"),
        (BOOLEAN, False, "False"),
        (BOOLEAN, 1, "True"),
        (BOOLEAN, 0, "False"),
        (TIME, "", "None"),
        (TIME, "2026-01-05T08:13:22", "'2026-01-05T08:13:22.000000Z'"),
        (TIME, "2026-01-05T08:13:22+01:00", "'2026-01-05T07:13:22.000000Z'"),
        (TIME, "2026-01-05T08:13:22.123456789Z", "'2026-01-05T08:13:22.123456Z'"),
    ],
)
def test_a_value_is_converted_to_its_fields_type(
    field: Schema, sent: object, expected: str
) -> None:
    """A value of another type that means the same is converted exactly."""
    kept = simple(field=field)({"field": sent})

    assert expected == repr(kept["field"])
    assert kept[ADDITIONAL_FIELDS] is None


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        (NUMBER, "12 EUR"),
        (NUMBER, "NaN"),
        (NUMBER, "Infinity"),
        (NUMBER, "1_000"),
        (NUMBER, True),
        (NUMBER, [1]),
        (INTEGER, "17.5"),
        (INTEGER, Decimal("0.1")),
        (INTEGER, "1e999999"),
        (INTEGER, False),
        (STRING, True),
        (STRING, {"a": 1}),
        (BOOLEAN, 2),
        (BOOLEAN, "yes"),
        (OBJECT, "text"),
        (OBJECT, []),
        (TIME, "yesterday"),
        (TIME, 1767600802),
        (TIME, "0001-01-01T00:00:00+01:00"),
    ],
)
def test_a_value_that_does_not_fit_is_kept_as_sent(field: Schema, sent: object) -> None:
    """A value that cannot be converted leaves its field null and is in the additional fields."""
    kept = simple(field=field)({"field": sent})

    assert kept["field"] is None
    assert is_as_sent({"field": sent}, kept[ADDITIONAL_FIELDS])


def test_undeclared_fields_keep_their_path() -> None:
    """An undeclared field is found at the path where it was sent."""
    agent = {"properties": {"name": STRING}, **OBJECT}

    kept = simple(agent=agent)({"agent": {"name": "Ada", "mood": "calm"}, "new": {"a": [1, None]}})

    assert kept["agent"] == {"name": "Ada"}
    assert kept[ADDITIONAL_FIELDS] == {"agent": {"mood": "calm"}, "new": {"a": [1, None]}}


def test_only_undeclared_nulls_are_in_the_additional_fields() -> None:
    """A field sent as null differs from one that was not sent, if it has no column."""
    kept = simple(field=NUMBER)({"field": None, "new": None})

    assert kept == {"field": None, ADDITIONAL_FIELDS: {"new": None}}


def test_additional_fields_of_the_provider_are_kept() -> None:
    """A provider's own `additional_fields` does not mix with the tap's."""
    kept = simple(field=NUMBER)({ADDITIONAL_FIELDS: {"a": 1}, "new": 2})

    assert kept[ADDITIONAL_FIELDS] == {"new": 2, ADDITIONAL_FIELDS: {"a": 1}}


@pytest.mark.parametrize("sent", [0, False, "", [], {}])
def test_falsy_additional_fields_of_the_provider_are_kept(sent: object) -> None:
    """A provider's own `additional_fields` is also kept if it is zero, false or empty."""
    kept = simple(field=NUMBER)({ADDITIONAL_FIELDS: sent})

    assert kept[ADDITIONAL_FIELDS] == {ADDITIONAL_FIELDS: sent}


def test_items_of_an_array_are_converted_in_place() -> None:
    """Declared fields of an item are converted, others stay in it, and nulls stay nulls."""
    turns = {"type": ["array", "null"], "items": {"properties": {"at": TIME, "ms": INTEGER}}}
    sent = [{"at": "2026-01-05", "ms": "7", "mood": "calm"}, None, {"ms": None}]

    kept = simple(turns=turns)({"turns": sent})

    first = {"at": "2026-01-05T00:00:00.000000Z", "ms": 7, "mood": "calm"}
    assert kept["turns"] == [first, None, {"ms": None}]
    assert kept[ADDITIONAL_FIELDS] is None


@pytest.mark.parametrize(
    ("bad", "left"),
    [
        ("text", None),
        ([["text"]], None),
        ({"ms": "soon"}, None),
        ({"ms": 12.5, "role": "agent"}, {"ms": None, "role": "agent"}),
        ({"role": [{"text": "hi"}], "ms": "7"}, {"role": None, "ms": 7}),
        ({"at": {"ms": "soon", "by": 1}}, {"at": {"ms": None, "by": 1}}),
    ],
)
def test_an_item_that_does_not_fit_does_not_affect_the_others(bad: object, left: object) -> None:
    """The items that fit are in the field, and the whole array as sent is additional."""
    inner = {"properties": {"ms": INTEGER}, **OBJECT}
    item = {"properties": {"ms": INTEGER, "role": STRING, "at": inner}, **OBJECT}
    sent = as_sent({"turns": [{"ms": "7"}, bad, {"role": "caller"}]})

    kept = simple(turns={"type": ["array", "null"], "items": item})(sent)

    assert kept["turns"] == [{"ms": 7}, left, {"role": "caller"}]
    assert is_as_sent(sent, kept[ADDITIONAL_FIELDS])


def test_an_array_without_a_fitting_item_is_null() -> None:
    """An array of nulls would be counted as turns."""
    item = {"properties": {"ms": INTEGER}, **OBJECT}

    kept = simple(turns={"type": ["array", "null"], "items": item})({"turns": ["hi", "ho"]})

    assert kept == {"turns": None, ADDITIONAL_FIELDS: {"turns": ["hi", "ho"]}}


def test_an_item_that_must_not_be_null_is_dropped_if_it_does_not_fit() -> None:
    """The rest of an array is valid by its schema, whose items may not be null."""
    kept = simple(turns={"type": ["array", "null"], "items": {"type": "integer"}})(
        {"turns": [1, "x", 3]}
    )

    assert kept == {"turns": [1, 3], ADDITIONAL_FIELDS: {"turns": [1, "x", 3]}}


@pytest.mark.parametrize("sent", [{"a": 1}, [1, "a"], "text", True])
def test_a_field_of_several_types_accepts_each(sent: object) -> None:
    """The body of a function call, which may be of any type, stays as it is."""
    assert is_as_sent(sent, simple(field=ANYTHING)({"field": sent})["field"])


@pytest.mark.parametrize("sent", [5, Decimal("1.50")])
def test_a_value_of_an_allowed_type_is_not_converted(sent: object) -> None:
    """A number in a field that allows texts and numbers does not become a text."""
    assert is_as_sent(sent, simple(field=ANYTHING)({"field": sent})["field"])


@pytest.mark.parametrize(
    ("stream", "sent"),
    [
        ("telnyx_call_reports", {"stats": [1]}),
        ("telnyx_call_reports", {"logs": ["text"]}),
        ("voicy_call_details", {"transcript": [{"latency_breakdown": {"vad_delay_ms": "12"}}]}),
        ("voicy_call_details", {"transcript": [{"function_invocation": {"method": 5}}]}),
    ],
)
def test_items_of_an_array_are_valid(stream: str, sent: Record) -> None:
    """A turn of a transcript or a line of a log that is not as documented does not end the load."""
    schema = SCHEMAS[stream]
    name = next(iter(sent))

    kept = Conform(schema)(sent)

    assert Draft202012Validator(schema["properties"][name]).is_valid(kept[name])
    assert lost(sent, kept, kept[ADDITIONAL_FIELDS] or {}) == []
