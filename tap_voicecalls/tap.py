"""The tap: its settings and streams, both made by walking the registry."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from dotenv import dotenv_values, find_dotenv
from singer_sdk.exceptions import SingerSDKError

from tap_voicecalls.calls.stream import Calls
from tap_voicecalls.command_line import CommandLine
from tap_voicecalls.common.concurrency import Concurrency
from tap_voicecalls.common.run import Run
from tap_voicecalls.common.shown import shown
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.connection_test import ask_each_account
from tap_voicecalls.http.retry import RetryPolicy
from tap_voicecalls.output.endings import Interrupted
from tap_voicecalls.output.stream_maps import MapError, StreamMapper, unknown_streams
from tap_voicecalls.output.writer import MessageWriter
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.providers.base import connect_feeders
from tap_voicecalls.settings.inputs import unknown_labels
from tap_voicecalls.settings.json_file import refuse
from tap_voicecalls.settings.load import load_settings
from tap_voicecalls.settings.only import ONLY
from tap_voicecalls.settings.schema import repair_any_of, settings_schema
from tap_voicecalls.streams.base import CallStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import FrameType

    from singer_sdk import Stream

    from tap_voicecalls.http.account import Account
    from tap_voicecalls.providers.base import Provider
    from tap_voicecalls.simulator import Simulator


class TapVoiceCalls(CommandLine):
    """Reads the call records of voice-agent and telephony providers.

    Attributes:
        concurrency_class: What finds out how many requests are worth having under way.
    """

    name = "tap-voicecalls"
    config_jsonschema: ClassVar[dict[str, Any]] = settings_schema(PROVIDERS)
    message_writer_class = MessageWriter
    concurrency_class: ClassVar[type[Concurrency]] = Concurrency

    def __init__(
        self,
        *,
        config: dict[str, Any] | None = None,
        parse_env_config: bool = False,
        **options: Any,  # noqa: ANN401 - whatever else the SDK's constructor takes
    ) -> None:
        """Check the settings before the SDK does: our messages never quote a secret."""
        self.append_builtin_config(self.config_jsonschema)
        checked = load_settings(
            config or {},
            environ=_environment() if parse_env_config else {},
            schema=self.config_jsonschema,
            providers=PROVIDERS,
        )
        super().__init__(config=checked, **options)

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Add the SDK's own settings, without what breaks a check of them."""
        super().append_builtin_config(config_jsonschema)
        repair_any_of(config_jsonschema["properties"]["stream_maps"])

    @cached_property
    def run(self) -> Run:
        """What the streams of this run have in common."""
        began = datetime.fromtimestamp(self.initialized_at / 1000, UTC)
        return Run(began, self.concurrency_class(self.config["concurrency"]))

    def discover_streams(self) -> Sequence[Stream]:
        """Return the streams of the configured providers, and that of all their calls."""
        return [*self._streams_of_providers(), Calls(self, self.run)]

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams by name, with the catalog applied."""
        are_new = self._streams is None
        streams = super().streams
        if are_new:
            self._feed_calls(streams)
            self._warn_of_unknown(streams)
            self._warn_of_future_start()
        return streams

    def load_state(self, state: dict[str, Any]) -> None:
        """Take the state over."""
        super().load_state(state)
        if self.state and not self.config.get(ONLY):  # which leaves others out on purpose
            self._warn_of_unknown_accounts()

    def setup_mapper(self) -> None:
        """Make the stream maps."""
        config = dict(self.config)
        maps = config.get("stream_maps", {})
        names = (Calls.name, *(name for one in PROVIDERS for name in _names(one.streams)))
        if unknown := ", ".join(map(shown, unknown_streams(maps, names))):
            self.logger.warning("`stream_maps` has maps of streams that do not exist: %s", unknown)
        try:
            self.mapper = StreamMapper(plugin_config=config, logger=self.logger)
            self.mapper.register_raw_streams_from_catalog(self.catalog)
        except SingerSDKError:
            raise
        except Exception as error:  # noqa: BLE001 - see below
            # What the SDK does not expect of a map; the text holds settings, and no record.
            msg = f"`stream_maps` or flattening cannot be set up: {str(error) or type(error)}"
            raise MapError(msg) from None

    def _warn_of_unknown_accounts(self) -> None:
        """Say which accounts of the state are not configured: one that was renamed comes twice."""
        labels = [
            f"{provider.name}/{label}"
            for provider in self._configured()
            for label in unknown_labels(
                self.state,
                _names(provider.streams),
                [own["account"] for own in provider.account_settings(self.config[provider.name])],
            )
        ]
        if labels:
            self.logger.warning(
                "the state has bookmarks of accounts that are not configured: %s; if one was "
                "renamed, its calls come again under the new label: rename it in the state and in "
                "the tables as well, see 'State' in the README",
                ", ".join(labels),
            )

    def _warn_of_unknown(self, streams: Iterable[str]) -> None:
        """Say which streams are not read because the catalog is older than the settings."""
        if self.input_catalog is None:
            return
        if unknown := [name for name in streams if name not in self.input_catalog]:
            self.logger.warning(
                "skipping streams missing from the catalog: %s; run discovery again (with Meltano: "
                "`--refresh-catalog`, or the extra `_use_cached_catalog` set to false)",
                ", ".join(unknown),
            )

    def _warn_of_future_start(self) -> None:
        if parse_time(self.config["start_date"]) > self.run.began:
            self.logger.warning(
                "`start_date` lies in the future: nothing is read before that time; set an earlier "
                "one to read calls now"
            )

    def _feed_calls(self, streams: Mapping[str, Any]) -> None:
        for provider in self._configured():
            names = _names(provider.calls_from)
            if feeders := [streams[name] for name in names if name in streams]:
                connect_feeders(streams[Calls.name], provider, feeders)

    def _configured(self) -> list[type[Provider]]:
        return [provider for provider in PROVIDERS if provider.name in self.config]

    def _streams_of_providers(self) -> Iterator[Stream]:
        for provider in self._configured():
            if accounts := list(self.accounts(provider)):
                for stream in provider.streams:
                    yield stream(self, accounts, self.run)

    def accounts(self, provider: type[Provider]) -> Iterator[Account]:
        """Yield the accounts of a configured provider, each with a connection of its own.

        One that cannot be set up does not stop the others: the run fails at its end.
        """
        retry_policy = RetryPolicy(
            tries=self.config["max_tries"],
            seconds=self.config["max_retry_seconds"],
            connect_timeout=self.config["connect_timeout"],
            read_timeout=self.config["read_timeout"],
        )
        for own in provider.account_settings(self.config[provider.name]):
            if self.config["simulate"]:
                own.update(self._simulator.configuration()[provider.name])
            try:
                account = provider.account(
                    own, connections=self.config["concurrency"], retry_policy=retry_policy
                )
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this account's
                line = f"{provider.name} (account {own['account']}): cannot be set up"
                self.run.failures.append(f"{line}: {type(error).__name__}")
            else:
                yield account

    def run_discovery(self) -> str:
        """Print the catalog and return it."""
        text = self.catalog_json_text
        self.run.end()
        sys.stdout.write(f"{text}\n")
        return text

    # The SDK's own asks one account a stream, and logs an error for each stream that works.
    def run_connection_test(self) -> bool:  # type: ignore[misc]
        """Ask each account for each of its streams; print no record.

        Raises:
            RunError: One does not answer.
        """
        streams = self.streams.values()
        ask_each_account((one for one in streams if isinstance(one, CallStream)), self.run)
        self.run.end()
        return True

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End at once on Ctrl-C and SIGTERM, but never within a line."""
        reason = Interrupted(signum)
        if isinstance(self.message_writer, MessageWriter):
            self.message_writer.interrupt(reason)
        else:
            raise reason

    @cached_property
    def _simulator(self) -> Simulator:
        """The built-in simulator, running until the process ends."""
        from tap_voicecalls.simulator import Simulator  # noqa: PLC0415 - rarely needed

        self.logger.warning("simulate is on: every call of this run is made up")
        end_date = self.config.get("end_date")
        simulator = Simulator(
            seed=7,
            start=parse_time(self.config["start_date"]),
            end=parse_time(end_date) if end_date else self.run.began,
        )
        simulator.start()
        return simulator


def _names(streams: Iterable[Any]) -> list[str]:
    return [stream.name for stream in streams]


def _environment() -> dict[str, str]:
    """The process's environment over a .env file of the working directory or one above."""
    path = find_dotenv(usecwd=True)
    try:
        from_file = dotenv_values(path, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        refuse(f"{path} cannot be read: {reason}")
    return {name: text for name, text in (from_file | dict(os.environ)).items() if text}
