"""Loads the settings: gathers them from all sources, fills in defaults, checks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR, extend_validator_with_defaults

from tap_voicecalls.calls.streams import COMMON_STREAMS
from tap_voicecalls.settings.checks import contradictions, invalid_settings
from tap_voicecalls.settings.json_file import read_object
from tap_voicecalls.settings.maps import map_problems
from tap_voicecalls.settings.normalize import complete_batches, merge, plain_settings, strip_keys
from tap_voicecalls.settings.only import narrow
from tap_voicecalls.settings.sources import from_environment, unknown_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from singer_sdk import Stream

    from tap_voicecalls.providers.base import Provider

    Settings = dict[str, Any]

_DefaultFiller = extend_validator_with_defaults(DEFAULT_JSONSCHEMA_VALIDATOR)


def load_settings(
    given: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    schema: dict[str, Any],
    providers: Iterable[type[Provider]],
) -> Settings:
    """Load the settings of a run, reduced to what the setting `only` asks for.

    Later sources override earlier ones: the ``config_file``, then ``given``, then the environment.

    Raises:
        ConfigValidationError: Settings are invalid; its ``errors`` hold one line for each problem.
    """
    providers = tuple(providers)
    settings = _gather(given, environ, schema, providers)
    configured = [provider for provider in providers if provider.name in settings]
    strip_keys(settings, configured)
    complete_batches(settings)
    if settings.get("simulate") is True:
        _add_simulated_keys(settings, configured)
    errors = [
        *unknown_variables(schema, environ),
        *invalid_settings(settings, schema, configured),
    ]
    if not errors:
        list(_DefaultFiller(schema).iter_errors(settings))
        maps = settings.get("stream_maps") or {}
        errors = [*contradictions(settings, configured), *map_problems(maps, _streams(providers))]
    if not configured:
        errors.append(
            "no provider is configured: add at least one of "
            + ", ".join(f"`{provider.name}`" for provider in providers)
        )
    if errors:
        msg = "; ".join(errors)
        raise ConfigValidationError(msg, errors=errors)
    return narrow(settings, configured)


def _gather(
    given: Mapping[str, Any],
    environ: Mapping[str, str],
    schema: Mapping[str, Any],
    providers: tuple[type[Provider], ...],
) -> Settings:
    from_variables = plain_settings(from_environment(schema, environ), providers)
    settings = merge(plain_settings(given, providers), from_variables)
    if isinstance(path := settings.get("config_file"), str) and path:
        settings = merge(plain_settings(read_object(path, "config_file"), providers), settings)
    return settings


def _streams(providers: Iterable[type[Provider]]) -> dict[str, type[Stream]]:
    of_providers = (stream for provider in providers for stream in provider.streams)
    return {vars(stream)["name"]: stream for stream in (*COMMON_STREAMS, *of_providers)}


def _add_simulated_keys(settings: Settings, providers: Iterable[type[Provider]]) -> None:
    """Fill in missing keys: the simulator accepts any, so a simulated run needs none."""
    for provider in providers:
        if isinstance(own := settings[provider.name], dict):
            own.update({name: own.get(name) or "simulated" for name in provider.keys_of(own)})
