"""The JSON schema of all settings: the general ones, and an object for each provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_voicecalls.settings.only import ONLY_SETTING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_voicecalls.providers.base import Provider

_GENERAL: tuple[th.Property[Any], ...] = (
    th.Property(
        "start_date",
        th.DateTimeType,
        required=True,
        description="Read calls that started at or after this time. A date or a timestamp, in UTC "
        "unless it has an offset.",
    ),
    th.Property(
        "end_date",
        th.DateTimeType,
        description="Read calls that started before this time, for backfills. By default, the time "
        "at which the run starts.",
    ),
    th.Property(
        "lookback_hours",
        th.NumberType(minimum=0),
        default=24,
        description="Hours before the bookmark that each run reads again, for calls and costs "
        "that are reported late.",
    ),
    th.Property(
        "concurrency",
        th.IntegerType(minimum=1, maximum=64),
        default=8,
        description="Maximum number of concurrent requests of a stream.",
    ),
    th.Property(
        "max_tries",
        th.IntegerType(minimum=1),
        default=8,
        description="Maximum number of times a failing request is sent.",
    ),
    th.Property(
        "max_retry_seconds",
        th.NumberType(minimum=0),
        default=900,
        description="Time limit in seconds for all tries of one request, and the waits between "
        "them.",
    ),
    th.Property(
        "connect_timeout",
        th.NumberType(exclusive_minimum=0),
        default=10,
        description="Seconds to wait for a connection.",
    ),
    th.Property(
        "read_timeout",
        th.NumberType(exclusive_minimum=0),
        default=120,
        description="Seconds to wait for the next bytes of a response.",
    ),
    th.Property(
        "personal_data",
        th.StringType(allowed_values=["keep", "hash", "drop"]),
        default="keep",
        description="What to do with personal data: `keep` it; `hash` phone numbers with "
        "`personal_data_key`, so that calls of one person can be counted, and leave out everything "
        "else; or `drop` it all.",
    ),
    th.Property(
        "personal_data_key",
        th.StringType(min_length=16),
        secret=True,
        description="Secret key of the hashes. With the same key, a phone number has the same hash "
        "in all streams, providers and runs.",
    ),
    th.Property(
        "recordings",
        th.ObjectType(
            th.Property(
                "root",
                th.StringType(min_length=1),
                description="A folder, or a URL such as `s3://bucket/calls`: recordings are stored "
                "there while their links live. Off by default.",
            ),
            th.Property(
                "max_mb",
                th.NumberType(exclusive_minimum=0),
                default=500,
                description="The largest recording that is stored, in MiB.",
            ),
            additional_properties=False,
        ),
        description="Archive of recordings, for the stream `call_recordings`.",
    ),
    th.Property(
        "use_singer_decimal",
        th.BooleanType,
        default=False,
        description="Write numbers with a fraction, such as amounts, as text of the format "
        "`x-singer.decimal`, so that targets that know it keep all digits.",
    ),
    th.Property(
        "simulate",
        th.BooleanType,
        default=False,
        description="Read made-up calls from the built-in simulator instead of the providers.",
    ),
    th.Property(
        "config_file",
        th.StringType,
        description="Path of a JSON file with more settings. Settings given elsewhere override it.",
    ),
    ONLY_SETTING,
)


def settings_schema(providers: Iterable[type[Provider]]) -> dict[str, Any]:
    """Return the JSON schema of all settings."""
    objects = (
        th.Property(
            provider.name,
            th.CustomType(provider.settings_schema()),
            description=f"{provider.title}. This provider is read if the object is present.",
        )
        for provider in providers
    )
    return th.PropertiesList(*_GENERAL, *objects).to_dict()


def repair_any_of(schema: Any) -> None:  # noqa: ANN401 - JSON is any value
    """Remove invalid alternatives: singer-sdk 0.54 has the string "null" among those of `anyOf`."""
    if isinstance(schema, dict):
        if isinstance(alternatives := schema.get("anyOf"), list):
            schema["anyOf"] = [each for each in alternatives if isinstance(each, dict)]
        for inner in schema.values():
            repair_any_of(inner)
    elif isinstance(schema, list):
        for inner in schema:
            repair_any_of(inner)
