"""The tap's command line; it reads its files itself, for errors that name file and reason."""

from __future__ import annotations

import abc
import os
import sys
from typing import TYPE_CHECKING, Any

from click import STRING, Option
from singer_sdk.exceptions import ConfigValidationError

from tap_voicecalls.common.run import RunError
from tap_voicecalls.connection_test import is_test_by_meltano
from tap_voicecalls.output.sdk_hooks.tap import ConfigInput, SdkTap
from tap_voicecalls.settings.inputs import read_catalog, read_state
from tap_voicecalls.settings.json_file import read_object

if TYPE_CHECKING:
    from click import Command, Context


_HELP = "Read the calls of voice providers, and write them to stdout for a Singer target."
_EPILOG = """\b
examples:
  tap-voicecalls --config config.json --test
  tap-voicecalls --config config.json --discover > catalog.json
  tap-voicecalls --config config.json | target-jsonl
  tap-voicecalls --config config.json --state state.json | target-jsonl
  tap-voicecalls --config=ENV --test
  tap-voicecalls --about --format=markdown

\b
config.json:
  {"start_date": "2026-01-01", "burki": {"api_key": "..."}}

\b
the same in the environment or in .env, for --config=ENV:
  TAP_VOICECALLS_START_DATE=2026-01-01
  TAP_VOICECALLS_BURKI_API_KEY=...

\b
Log and progress go to stderr; TAP_VOICECALLS_LOGLEVEL=WARNING makes them quiet.
exit status: 0 for success, 1 for errors, 2 for a wrong command line"""
_OPTIONS = {
    "config": "A file of settings; ENV reads them from the environment and .env. May be given "
    "several times.",
    "discover": "Print the catalog: the streams and their fields.",
    "test": "Ask each account for each stream, and print no records. --test=schema prints the "
    "schemas.",
    "catalog": "A catalog: which streams and fields to read.",
    "state": "A state: how far earlier runs have read. Also as `meltano state get` prints it.",
    "about": "Print the settings.",
    "about_format": "How --about prints them.",
    "version": "Print the version.",
}
"""What each option does."""


class CommandLine(SdkTap, abc.ABC):
    """A tap with the SDK's command line."""

    @classmethod
    def invoke(  # type: ignore[override]
        cls,
        *,
        state: Any = None,  # noqa: ANN401 - a path here, an open file in the SDK
        catalog: Any = None,  # noqa: ANN401 - the same
        config: ConfigInput | None = None,
        about: bool = False,
        about_format: str | None = None,
    ) -> None:
        """Run the command: read all streams, or describe the tap."""
        given = config or ConfigInput()
        if about:
            cls.print_about(about_format)
            return
        cls.print_version(print_fn=cls.logger.info)
        try:
            tap = cls(
                config=given.config,
                state=read_state(state) if state else None,
                catalog=read_catalog(catalog) if catalog else None,
                parse_env_config=given.parse_env,
            )
        except ConfigValidationError as error:
            raise RunError(error.errors) from None  # the SDK would add a line without information
        if is_test_by_meltano(os.environ) and not state:
            cls.logger.info(
                "log and messages go to one pipe, as in `meltano config test`: the accounts are "
                "tested, and no calls are read"
            )
            tap.run_connection_test()
            # What Meltano waits for; it is not passed on to a target.
            sys.stdout.write('{"type":"RECORD","stream":"test","record":{}}\n')
        else:
            tap.sync_all()

    @classmethod
    def cb_config(cls, ctx: Context, param: Option, value: tuple[str, ...]) -> ConfigInput:  # noqa: ARG003
        """Read the files of settings."""
        config: dict[str, Any] = {}
        for path in value:
            config |= {} if path == "ENV" else read_object(path, "--config")
        return ConfigInput(config=config, parse_env="ENV" in value)

    @classmethod
    def get_singer_command(cls) -> Command:
        """Return the command, with `--catalog` and `--state` as paths that the tap opens itself."""
        command = super().get_singer_command()
        command.help, command.epilog = _HELP, _EPILOG
        for option in command.params:
            if isinstance(option, Option):
                option.help = _OPTIONS.get(str(option.name), option.help)
            if option.name in {"catalog", "state"}:
                option.type = STRING
        return command
