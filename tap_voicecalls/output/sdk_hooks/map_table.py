"""The hooks into the SDK's stream maps."""

from __future__ import annotations

from singer_sdk import mapper
from singer_sdk.mapper import CustomStreamMap, PluginMapper, StreamMap, _MapperEval

from tap_voicecalls.output.sdk_hooks.hook import Hook

MAP_HOOKS = (
    Hook(
        mapper,
        "CustomStreamMap",
        "replaces",
        "is the class that the SDK makes the maps of the settings of",
        "the tap does not start with stream maps: `custom_maps_of` checks the effect",
    ),
    Hook(
        CustomStreamMap,
        "_eval",
        "overrides",
        "names the setting when an expression fails, and quotes no record",
        "errors of expressions may quote data in the log",
    ),
    Hook(
        CustomStreamMap,
        "_eval_type",
        "overrides",
        "declares numeric expressions as numbers",
        "they are declared as text",
    ),
    Hook(
        CustomStreamMap,
        "functions",
        "overrides",
        "has functions that are exact and accept null",
        "expressions round, or end the run at null",
    ),
    Hook(
        StreamMap,
        "flatten_record",
        "overrides",
        "gives each flattened record all fields of its SCHEMA",
        "fields are missing",
    ),
    Hook(
        StreamMap,
        "flatten_schema",
        "overrides",
        "lets fields of a null object be null",
        "targets reject such records",
    ),
    Hook(
        PluginMapper,
        "register_raw_stream_schema",
        "overrides",
        "ignores maps of streams that are not selected",
        "they end the run",
    ),
    Hook(
        _MapperEval,
        "_eval_call",
        "overrides",
        "passes floats to functions that take no decimals",
        "such calls end the run",
    ),
    Hook(
        _MapperEval,
        "_eval",
        "calls",
        "evaluates an argument again",
        "such calls end the run",
    ),
    Hook(
        _MapperEval,
        "_eval_keyword",
        "calls",
        "the same, for named ones",
        "such calls end the run",
    ),
)
