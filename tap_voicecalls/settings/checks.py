"""Checks of settings beyond the JSON schema. A message never quotes a key."""

from __future__ import annotations

from copy import deepcopy
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from jsonschema import FormatChecker
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

from tap_voicecalls.common.safe_text import safe_name
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.common.urls import is_http_url
from tap_voicecalls.output.sdk_hooks.stream import BatchConfig
from tap_voicecalls.settings.errors import describe, unknown
from tap_voicecalls.settings.normalize import provider_objects
from tap_voicecalls.settings.only import only_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_voicecalls.providers.base import Provider

    Settings = dict[str, Any]

_FORMATS = FormatChecker(formats=())
_FORMATS.checks("http-url")(is_http_url)
_FORMATS.checks("date-time", raises=ValueError)(
    lambda text: not isinstance(text, str) or bool(parse_time(text))
)
_OF_SDK = {"batch_config": ("batch_size",), "faker_config": ()}
"""Objects of the SDK's settings, with what they may have beside their schema."""
_FIRST_OF_KEY, _LAST_OF_KEY = "!", "~"  # printable ASCII, which headers can carry unchanged


def invalid_settings(
    settings: Settings, schema: dict[str, Any], configured: Iterable[type[Provider]]
) -> Iterator[str]:
    """Yield what is wrong with single settings."""
    for name in sorted(settings.keys() - schema["properties"].keys()):
        yield unknown("", name, schema["properties"])
    for name, more in _OF_SDK.items():
        yield from _unknown_within(
            name, settings.get(name), schema["properties"].get(name, {}), more
        )
    validator = DEFAULT_JSONSCHEMA_VALIDATOR(schema, format_checker=_FORMATS)
    yield from map(describe, validator.iter_errors(settings))
    for provider in configured:
        yield from _invalid_keys(settings, provider)
    for provider in configured:
        yield from _invalid_labels(settings, provider)


def contradictions(settings: Settings, configured: Iterable[type[Provider]]) -> Iterator[str]:
    """Yield what is wrong between settings that are each valid."""
    end = settings.get("end_date")
    if end is not None and parse_time(end) < parse_time(settings["start_date"]):
        yield "`end_date` must not be before `start_date`"
    for provider in configured:
        yield from _account_problems(provider, settings[provider.name])
    if settings["personal_data"] == "hash" and not settings.get("personal_data_key"):
        yield (
            "`personal_data` is hash, which needs `personal_data_key`: set it to a random text of "
            "at least 16 characters, and keep it: another key gives other hashes"
        )
    yield from only_problems(settings, configured)
    yield from _batch_problems(settings)
    root = settings.get("recordings", {}).get("root")
    if root and (problem := _storage_problem(root)):
        yield f"`recordings.root` cannot be used: {problem}"


def _unknown_within(
    place: str,
    value: Any,  # noqa: ANN401 - JSON is any value
    schema: Mapping[str, Any],
    more: Iterable[str] = (),
) -> Iterator[str]:
    """Yield the unknown settings in an object of the SDK's, whose schema allows any."""
    known = schema.get("properties", {})
    if not known or not isinstance(value, dict):
        return
    for name, inner in value.items():
        if name in known:
            yield from _unknown_within(f"{place}.{name}", inner, known[name])
        elif name not in more:
            yield unknown(place, name, [*known, *more])


def _invalid_keys(settings: Settings, provider: type[Provider]) -> Iterator[str]:
    for place, own in provider_objects(settings, provider):
        for name in provider.secrets:
            if isinstance(text := own.get(name), str) and (wrong := _wrong_character(text)):
                yield (
                    f"`{place}.{name}` contains a character that is never part of a key "
                    f"(U+{ord(wrong):04X}); copy the key again from the provider's page"
                )


def _wrong_character(key: str) -> str:
    return next((each for each in key if not _FIRST_OF_KEY <= each <= _LAST_OF_KEY), "")


def _invalid_labels(settings: Settings, provider: type[Provider]) -> Iterator[str]:
    for place, own in provider_objects(settings, provider):
        if isinstance(label := own.get("account"), str) and not label.isprintable():
            yield f"`{place}.account` is {safe_name(label)}, but must be printable"


def _account_problems(provider: type[Provider], own: Settings) -> Iterator[str]:
    labels = set[str]()
    for index, account in enumerate(provider.account_settings(own)):
        place = f"`{provider.name}.accounts[{index}]`"
        if missing := _missing_keys(provider, account):
            yield f"{place} has no {missing}; set it there, or in `{provider.name}` for all"
        if (label := account["account"]) in labels:
            yield (
                f"{place} has the same `account` label as an earlier account: {safe_name(label)}; "
                "give each account a label of its own"
            )
        labels.add(label)


def _missing_keys(provider: type[Provider], account: Settings) -> str:
    """Return the keys that an account lacks, of each alternative."""
    lacking = [
        " and ".join(f"`{name}`" for name in keys if name not in account)
        for keys in provider.required_keys()
    ]
    return " or ".join(lacking) if all(lacking) else ""


def _batch_problems(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the SDK's setting `batch_config`."""
    if not (given := settings.get("batch_config")):
        return
    try:
        config = BatchConfig.from_dict(deepcopy(given))
        file_format, root = config.encoding.format, config.storage.root
    except (AttributeError, KeyError, TypeError):
        root = None
    if not isinstance(root, str) or not root:
        yield (
            "`batch_config` must have an `encoding` with a `format` and a `storage` with a `root`, "
            "and may have a `batch_size`"
        )
        return
    if type(config.batch_size) is not int or config.batch_size < 1:
        yield "`batch_config.batch_size` must be a whole number of records, at least 1"
    if file_format == "jsonl" and config.encoding.compression != "gzip":
        yield "`batch_config.encoding.compression` must be gzip: JSON lines are always compressed"
    if file_format == "parquet" and find_spec("pyarrow") is None:
        yield "`batch_config.encoding.format` is parquet, which needs pyarrow; install pyarrow"
    if problem := _storage_problem(root):
        yield f"`batch_config.storage.root` cannot be used: {problem}"


def _storage_problem(root: str) -> str:
    fsspec = import_module("fsspec")  # slow to import, and rarely needed

    try:
        fsspec.get_filesystem_class(fsspec.utils.get_protocol(root))
    except (ImportError, ValueError) as error:  # it names the package to install, or the protocol
        return str(error)
    return ""
