"""Settings: what there are for all providers, where they come from, and what is wrong with them."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jsonschema import FormatChecker
from singer_sdk import typing as th
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR, extend_validator_with_defaults

from tap_voicecalls.common.safe_text import safe_name
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.common.urls import is_http_url
from tap_voicecalls.settings import batches as batch_settings
from tap_voicecalls.settings import only
from tap_voicecalls.settings.errors import describe, unknown
from tap_voicecalls.settings.json_file import read_object
from tap_voicecalls.settings.keys import strip_keys, wrong_keys, wrong_labels
from tap_voicecalls.settings.sources import from_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_voicecalls.providers.base import Provider

    Settings = dict[str, Any]

_GENERAL: tuple[th.Property[Any], ...] = (
    th.Property(
        "start_date",
        th.DateTimeType,
        required=True,
        description="Read calls that started at this time or later. A date or a timestamp, UTC "
        "unless it says otherwise.",
    ),
    th.Property(
        "end_date",
        th.DateTimeType,
        description="Read calls that started before this time: the end of a backfill. "
        "Without it a run reads up to its own start.",
    ),
    th.Property(
        "lookback_hours",
        th.NumberType(minimum=0),
        default=24,
        description="How many hours before the bookmark each run reads again, for calls that "
        "appear late and costs that arrive late.",
    ),
    th.Property(
        "concurrency",
        th.IntegerType(minimum=1, maximum=64),
        default=8,
        description="How many requests of a stream may be under way at once.",
    ),
    th.Property(
        "max_tries",
        th.IntegerType(minimum=1),
        default=8,
        description="How often a failing request is sent before the run gives up.",
    ),
    th.Property(
        "max_retry_seconds",
        th.NumberType(minimum=0),
        default=900,
        description="How long all tries of one request may take together, in seconds.",
    ),
    th.Property(
        "connect_timeout",
        th.NumberType(exclusive_minimum=0),
        default=10,
        description="How long to wait for a connection, in seconds.",
    ),
    th.Property(
        "read_timeout",
        th.NumberType(exclusive_minimum=0),
        default=120,
        description="How long to wait for the next bytes of an answer, in seconds.",
    ),
    th.Property(
        "simulate",
        th.BooleanType,
        default=False,
        description="Read made-up calls from the built-in simulator instead of any provider.",
    ),
    th.Property(
        "config_file",
        th.StringType,
        description="Path of a JSON file with more settings; those given elsewhere win.",
    ),
    only.SETTING,
)

_Filler = extend_validator_with_defaults(DEFAULT_JSONSCHEMA_VALIDATOR)
_FORMATS = FormatChecker(formats=())
_FORMATS.checks("http-url")(is_http_url)
_FORMATS.checks("date-time", raises=ValueError)(
    lambda text: not isinstance(text, str) or bool(parse_time(text))
)


def schema(providers: Iterable[type[Provider]]) -> dict[str, Any]:
    """Return the JSON schema of all settings: the general ones and one object a provider."""
    objects = (
        th.Property(
            provider.name,
            th.CustomType(provider.settings_schema()),
            description=f"{provider.title}: reads this provider when the object is there.",
        )
        for provider in providers
    )
    return th.PropertiesList(*_GENERAL, *objects).to_dict()


def mend(schema: Any) -> None:  # noqa: ANN401 - JSON is any value
    """Leave out what is no schema: singer-sdk 0.54 has the bare word "null" among alternatives."""
    if isinstance(schema, dict):
        if isinstance(alternatives := schema.get("anyOf"), list):
            schema["anyOf"] = [each for each in alternatives if isinstance(each, dict)]
        for inner in schema.values():
            mend(inner)
    elif isinstance(schema, list):
        for inner in schema:
            mend(inner)


def load(
    given: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    schema: dict[str, Any],
    providers: Iterable[type[Provider]],
) -> Settings:
    """Gather the settings from all places, fill in defaults and check them.

    Later places win: the ``config_file``, then ``given``, then the environment.

    Raises:
        ConfigValidationError: Something is wrong; its ``errors`` hold one line for each thing.
    """
    providers = tuple(providers)
    explicit = _merged(_ours(given, providers), _ours(from_environment(schema, environ), providers))
    if isinstance(path := explicit.get("config_file"), str) and path:
        explicit = _merged(_ours(read_object(path, "config_file"), providers), explicit)
    configured = [provider for provider in providers if provider.name in explicit]
    strip_keys(explicit, configured)
    if explicit.get("simulate") is True:
        _fill_keys(explicit, configured)
    errors = _wrong_alone(explicit, schema, configured)
    if not errors:
        list(_Filler(schema).iter_errors(explicit))
    errors = errors or list(_contradictions(explicit, configured))
    if not configured:
        errors.append(
            "no provider is configured: add at least one of "
            + ", ".join(f"`{provider.name}`" for provider in providers)
        )
    if errors:
        msg = "; ".join(errors)
        raise ConfigValidationError(msg, errors=errors)
    return only.narrowed(explicit, configured)


def _wrong_alone(
    settings: Settings, schema: dict[str, Any], configured: Iterable[type[Provider]]
) -> list[str]:
    """Return what is wrong with each setting by itself."""
    validator = DEFAULT_JSONSCHEMA_VALIDATOR(schema, format_checker=_FORMATS)
    return [
        *(
            unknown("", name, schema["properties"])
            for name in sorted(settings.keys() - schema["properties"].keys())
        ),
        *(describe(error) for error in validator.iter_errors(settings)),
        *wrong_keys(settings, configured),
        *wrong_labels(settings, configured),
    ]


def _fill_keys(settings: Settings, providers: Iterable[type[Provider]]) -> None:
    """The simulator brings its own keys, so a simulated run need not name any."""
    for provider in providers:
        if isinstance(own := settings[provider.name], dict):
            own.update({name: own.get(name) or "simulated" for name in provider.secrets})


def _contradictions(settings: Settings, configured: Iterable[type[Provider]]) -> Iterable[str]:
    """Yield what is wrong between settings that are each right."""
    end = settings.get("end_date")
    if end is not None and parse_time(end) < parse_time(settings["start_date"]):
        yield "`end_date` must not lie before `start_date`"
    yield from _wrong_accounts(settings, configured)
    yield from only.problems(settings, configured)
    yield from batch_settings.problems(settings)


def _wrong_accounts(settings: Settings, providers: Iterable[type[Provider]]) -> Iterable[str]:
    """Yield what is wrong with the accounts that a provider lists."""
    for provider in providers:
        labels = set[str]()
        for index, account in enumerate(provider.account_settings(settings[provider.name])):
            place = f"`{provider.name}.accounts[{index}]`"
            for name in provider.secrets:
                if name not in account:
                    yield f"{place} has no `{name}`, and `{provider.name}` has none for all"
            if (label := account["account"]) in labels:
                yield f"{place} has the same `account` label as one before: {safe_name(label)}"
            labels.add(label)


def _merged(below: Settings, above: Settings) -> Settings:
    """Lay settings over others; provider objects are merged name by name."""
    merged = {**below, **above}
    for name in below.keys() & above.keys():
        if isinstance(below[name], dict) and isinstance(above[name], dict):
            merged[name] = {**below[name], **above[name]}
    return merged


def _ours(settings: Mapping[str, Any], providers: Iterable[type[Provider]]) -> Settings:
    """Make our own settings plain; the SDK's own, such as stream maps, mean nulls as they are."""
    names = {only.NAME, *(provider.name for provider in providers)}
    return {
        name: _plain(value) if name in names or not isinstance(value, dict) else value
        for name, value in settings.items()
        if value is not None
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
    """Drop nulls, for a setting that is null is one that is not there, and exact decimals.

    The SDK reads fractions as decimals, which do not mix with floats and times; and 8.0 is as good
    as 8 where a whole number is asked for, but no thread pool takes it. What is no number, or too
    large to reckon with, becomes a text, which no setting that is a number accepts.
    """
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _plain_number(value)
    return value


def _plain_number(value: float | Decimal) -> float | str:
    if not -sys.float_info.max <= value <= sys.float_info.max:
        return str(value)
    return int(value) if value == int(value) else float(value)
