"""The hooks into the SDK's `Tap`, and into how it writes messages."""

from __future__ import annotations

from singer_sdk import Tap, plugin_base
from singer_sdk.contrib import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerWriter

from tap_voicecalls.output.sdk_hooks.hook import Hook

TAP_HOOKS = (
    Hook(
        Tap,
        "sync_all",
        "calls",
        "reads all streams; the override also ends a run with failed accounts with an error",
        "each run ends before its first stream",
    ),
    Hook(
        Tap,
        "run_connection_test",
        "overrides",
        "tests each account of each stream",
        "only the first account of a stream is tested",
    ),
    Hook(
        Tap,
        "run_discovery",
        "overrides",
        "reports accounts that cannot be set up",
        "such accounts are missing from the log",
    ),
    Hook(
        Tap,
        "catalog_json_text",
        "reads",
        "prints the catalog",
        "`--discover` ends with an error",
    ),
    Hook(
        Tap,
        "_handle_termination",
        "overrides",
        "ends a run on a signal without cutting a line",
        "the last line of the output may be cut",
    ),
    Hook(
        Tap,
        "streams",
        "overrides",
        "connects `calls` with the streams that feed it, once catalogs are applied",
        "`calls` stays empty",
    ),
    Hook(
        Tap,
        "load_state",
        "overrides",
        "warns of bookmarks of accounts that are not configured",
        "the warning is missing",
    ),
    Hook(
        Tap,
        "setup_mapper",
        "overrides",
        "makes stream maps that are exact with amounts",
        "amounts are rounded by stream maps",
    ),
    Hook(
        Tap,
        "append_builtin_config",
        "overrides",
        "removes a part of the SDK's settings that is not valid JSON schema",
        "the check of the settings fails",
    ),
    Hook(
        Tap,
        "message_writer_class",
        "replaces",
        "writes whole lines, with all digits of amounts",
        "amounts are rounded, and every record takes the slow way",
    ),
    Hook(
        Tap,
        "invoke",
        "overrides",
        "reads the files of the command line with clear errors",
        "errors are tracebacks",
    ),
    Hook(
        Tap,
        "cb_config",
        "overrides",
        "reads the files of settings with clear errors",
        "errors are tracebacks",
    ),
    Hook(
        Tap,
        "get_singer_command",
        "overrides",
        "lets the tap open `--state` and `--catalog` itself",
        "`--state` ends with an error",
    ),
    Hook(
        plugin_base,
        "_ConfigInput",
        "calls",
        "is what `cb_config` returns",
        "the tap does not start",
    ),
    # Messages.
    Hook(
        GenericSingerWriter,
        "write_message",
        "overrides",
        "collects lines and writes them whole",
        "lines may be cut",
    ),
    Hook(
        msgspec,
        "enc_hook",
        "calls",
        "encodes values that JSON has no type for",
        "the tap does not start",
    ),
)
