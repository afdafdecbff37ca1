"""One configuration for all providers: what a user's target receives."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import registry
from jsonschema import Draft202012Validator
from support import DAYS, END, Output, catalog_of, configuration, run_tap, simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator

ID_FIELDS = {
    "vonage_voice_reports": ("id",),
    "voicy_calls": ("call_id",),
    "voicy_call_details": ("call_id",),
    "telnyx_call_reports": ("call_id", "segment"),
    "telnyx_detail_records": ("id",),
    "burki_calls": ("id",),
}
TIMES = {  # replication keys that are the time the stream is filtered by
    "vonage_voice_reports": "start_time",
    "voicy_calls": "started_at",
    "voicy_call_details": "started_at",
    "burki_calls": "started_at",
}
TIME_FILTERS = {"date_start", "date_from", "filter[created_at][gte]"}
ALL_PRODUCTS = ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS", "IN-APP-VOICE", "WEBSOCKET-CALL"]


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """A simulator whose records have undocumented fields."""
    with simulator(unknown_fields=True) as made:
        yield made


@pytest.fixture(scope="module")
def config(served: Simulator) -> dict[str, Any]:
    """All providers, and all products of Vonage."""
    made = configuration(served)
    made["vonage"]["products"] = ALL_PRODUCTS
    return made


@pytest.fixture(scope="module")
def output(config: dict[str, Any]) -> Output:
    """What a first run writes."""
    return run_tap(config)


def parsed_time(text: str) -> datetime:
    """Read a time of a record."""
    return datetime.fromisoformat(text).astimezone(UTC)


def test_every_record_validates_against_its_schema(output: Output) -> None:
    """A record that breaks its schema stops the load in a validating target."""
    schemas = {message["stream"]: message["schema"] for message in output.of_type("SCHEMA")}
    validators = {
        name: Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        for name, schema in schemas.items()
    }

    for message in output.of_type("RECORD"):
        validators[message["stream"]].validate(message["record"])
    assert {message["stream"] for message in output.of_type("RECORD")} == schemas.keys()


def test_one_schema_message_a_stream(output: Output) -> None:
    """Targets rebuild a sink on each SCHEMA message: a second one costs time."""
    counted = Counter(message["stream"] for message in output.of_type("SCHEMA"))

    assert set(counted.values()) == {1}
    assert counted.keys() == {*registry.COMMON, *registry.SELECTED}


@pytest.mark.parametrize("stream", ID_FIELDS)
def test_every_id_is_there_once(served: Simulator, output: Output, stream: str) -> None:
    """The ids that are written are those of the simulator, each as often as it occurs there."""
    fields = ID_FIELDS[stream]
    narrow = {"products": ALL_PRODUCTS} if stream.startswith("vonage") else {}

    def ids(records: list[dict[str, Any]]) -> Counter[tuple[object, ...]]:
        return Counter(tuple(record.get(name) or 0 for name in fields) for record in records)

    assert ids(served.records(stream, **narrow)) == ids(output.records(stream))


def test_ovia_calls_without_id_have_distinct_keys(served: Simulator, output: Output) -> None:
    """Ovia declares its id optional: calls without one get a key of their own."""
    sent = served.records("ovia_calls")
    records = output.records("ovia_calls")

    assert len({record["id"] for record in records}) == len(sent) == len(records)
    assert any("id" not in record for record in sent)


def test_prices_keep_their_digits(served: Simulator, output: Output) -> None:
    """A price that is converted to a float loses its last digits, or gains some."""
    sent = {
        record["id"]: Decimal(str(record["total_price"])).as_tuple()
        for record in served.records("vonage_voice_reports", products=ALL_PRODUCTS)
        if record.get("total_price")
    }

    received = {
        record["id"]: Decimal(record["total_price"]).as_tuple()
        for record in output.records("vonage_voice_reports")
        if record["total_price"] is not None
    }

    assert sent == received
    assert len({len(price.digits) for price in received.values()}) > 2


def test_numbers_sent_as_text_leave_as_numbers(output: Output) -> None:
    """Vonage sends every value as text, which a warehouse cannot sum."""
    durations = [record["duration"] for record in output.records("vonage_voice_reports")]

    assert all(isinstance(value, int | Decimal) for value in durations if value is not None)
    assert any(durations)


def test_each_record_has_its_account(output: Output) -> None:
    """Without it, rows of several accounts cannot be distinguished."""
    assert {message["record"]["account"] for message in output.of_type("RECORD")} == {"default"}


def test_state_is_written_after_each_window(output: Output) -> None:
    """A crash may cost one window, so there is a state for each of Vonage's days."""
    bookmarks = {
        message["value"]["bookmarks"]["vonage_voice_reports"]["partitions"][0].get(
            "replication_key_value"
        )
        for message in output.of_type("STATE")
        if "vonage_voice_reports" in message["value"]["bookmarks"]
    }

    assert len(bookmarks - {None}) == DAYS


def test_second_run_reads_only_the_lookback(config: dict[str, Any], served: Simulator) -> None:
    """A run with a state requests nothing older than the lookback."""
    first = run_tap(config)
    already = len(served.requests)

    again = run_tap({**config, "lookback_hours": 12}, state=first.state)

    since = END - timedelta(hours=12)
    asked = served.requests[already:]
    texts = [value for request in asked for name, value in request.query if name in TIME_FILTERS]
    thresholds = [
        body["filter_criteria"]["start_timestamp"]["lower_threshold"]
        for body in (request.body for request in asked if request.provider == "voicy")
        if isinstance(body, dict)
    ]
    assert since == min(datetime.fromisoformat(text) for text in texts)
    assert {int(since.timestamp() * 1000) - 1} == set(thresholds)
    for stream, time in TIMES.items():
        key = ID_FIELDS[stream][0]
        recent = [r[key] for r in first.records(stream) if parsed_time(r[time]) >= since]
        assert recent
        # Details that are known are not requested again.
        read = [] if stream.endswith("_details") else recent
        assert read == [record[key] for record in again.records(stream)]


def test_lookback_never_moves_the_bookmark_back(config: dict[str, Any]) -> None:
    """If the lookback moved the bookmark back, each run would read more than the one before."""
    state = run_tap(config).state

    again = run_tap({**config, "lookback_hours": 48}, state=state)

    assert again.records("burki_calls")
    for message in again.of_type("STATE"):
        for name, stream in message["value"]["bookmarks"].items():
            times = [
                each["replication_key_value"]
                for each in stream.get("partitions", [])
                if len(each) > 1
            ]
            untimed = {*registry.COMMON, *registry.WHOLE}
            assert times == ([] if name in untimed else ["2026-01-09T00:00:00.000000Z"])


def test_deselected_streams_cost_nothing(config: dict[str, Any], served: Simulator) -> None:
    """A stream that nobody selected sends no request and writes no message."""
    already = len(served.requests)
    others = dict.fromkeys((*registry.STREAMS, *registry.COMMON), False)

    output = run_tap(config, catalog=catalog_of(config, **(others | {"burki_calls": True})))

    assert {request.provider for request in served.requests[already:]} == {"burki"}
    assert {message["stream"] for message in output.of_type("SCHEMA")} == {"burki_calls"}
    assert len(output.records("burki_calls")) == len(served.records("burki_calls")) > 0
