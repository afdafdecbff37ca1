"""The tap: its settings and streams, as the registry of providers lists them."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from tap_voicecalls.calls.streams import COMMON_STREAMS
from tap_voicecalls.command_line import CommandLine
from tap_voicecalls.common.concurrency import Concurrency
from tap_voicecalls.common.run import Run
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.connection_test import MELTANO_PLUGIN, check_each_account
from tap_voicecalls.output.abort import Interrupted
from tap_voicecalls.output.progress_report import shown
from tap_voicecalls.output.sdk_hooks.stream import BatchConfig
from tap_voicecalls.output.stream_maps import StreamMapper, failing_clearly
from tap_voicecalls.output.writer import MessageWriter
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.providers.accounts import set_up_accounts
from tap_voicecalls.providers.archiving import open_archive, provider_archive
from tap_voicecalls.providers.feeders import CommonStreams, connect_feeders
from tap_voicecalls.settings.advice import about_catalog, about_start, about_state
from tap_voicecalls.settings.environment import read_environment
from tap_voicecalls.settings.load import load_settings
from tap_voicecalls.settings.schema import repair_any_of, settings_schema
from tap_voicecalls.settings.sources import unread_variables
from tap_voicecalls.streams.base import ProviderStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from singer_sdk import Stream

    from tap_voicecalls.http.account import Account
    from tap_voicecalls.providers.base import Provider
    from tap_voicecalls.simulator import Simulator


# A start in the future is nothing that a simulation could begin with.
_SHORTEST_SIMULATION = timedelta(seconds=1)


class TapVoiceCalls(CommandLine):
    """Reads the call records of voice-agent and telephony providers.

    Attributes:
        concurrency_class: Limits how many requests are sent at once.
    """

    name = "tap-voicecalls"
    config_jsonschema: ClassVar[dict[str, Any]] = settings_schema(PROVIDERS)
    message_writer_class = MessageWriter
    concurrency_class: ClassVar[type[Concurrency]] = Concurrency
    _are_connected = False
    _idle: Mapping[str, Sequence[str]] = MappingProxyType({})

    def __init__(
        self,
        *,
        config: dict[str, Any] | None = None,
        parse_env_config: bool = False,
        **options: Any,  # noqa: ANN401 - the SDK's own
    ) -> None:
        """Check the settings before the SDK does: our messages are clearer and quote no secret.

        Args:
            config: The settings of the command line.
            parse_env_config: Whether to read settings from the environment as well.
            **options: Other arguments of the SDK's `Tap`.
        """
        self.append_builtin_config(self.config_jsonschema)
        checked = load_settings(
            config or {},
            environ=read_environment() if parse_env_config else {},
            schema=self.config_jsonschema,
            providers=PROVIDERS,
        )
        self._accounts: dict[str, list[Account]] = {}
        super().__init__(config=checked, **options)
        # Meltano passes the same settings both ways.
        if not parse_env_config and MELTANO_PLUGIN not in os.environ:
            self._warn(unread_variables(self.config_jsonschema, os.environ))

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Add the SDK's own settings, without the parts that are not valid JSON schema."""
        super().append_builtin_config(config_jsonschema)
        repair_any_of(config_jsonschema["properties"]["stream_maps"])

    @cached_property
    def run(self) -> Run:
        """What the streams of this run share."""
        began = datetime.fromtimestamp(self.initialized_at / 1000, UTC)
        return Run(began, self.concurrency_class(self.config["concurrency"]))

    def discover_streams(self) -> Sequence[Stream]:
        """Return the streams of the configured providers, and the common streams."""
        common = (stream(self, self.run) for stream in COMMON_STREAMS)
        return [*self._streams_of_providers(), *common]

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams by name, with the catalog applied and the common streams connected."""
        streams = super().streams
        if not self._are_connected:
            self._are_connected = True
            self._connect_feeders(streams)
            self._warn(about_start(self.config, self.run.began))
            if self.input_catalog is not None:
                self._warn(about_catalog(self.input_catalog, streams, _all_streams()))
        return streams

    def load_state(self, state: dict[str, Any]) -> None:
        """Load the state, and warn of what does not fit the settings."""
        super().load_state(state)
        self._warn(about_state(self.state, self.config, self._configured()))

    def setup_mapper(self) -> None:
        """Make the stream maps."""
        config = dict(self.config)
        catalog = self.catalog
        with failing_clearly():
            self.mapper = StreamMapper(plugin_config=config, logger=self.logger)
            self.mapper.register_raw_streams_from_catalog(catalog)

    def _warn(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.logger.warning("%s", line)

    def _connect_feeders(self, streams: Mapping[str, Any]) -> None:
        """Connect the common streams to the streams that feed them."""
        common = CommonStreams.of(streams)
        archive = open_archive(self.config, self.run) if common.recordings.selected else None
        idle = defaultdict[str, list[str]](list)
        for provider in self._configured():
            accounts = self._accounts[provider.name]
            stores = provider_archive(archive, provider, accounts, self.config) if archive else None
            for name, feeders in connect_feeders(common, provider, streams, stores).items():
                idle[name].append(f"{provider.name} (select {' or '.join(feeders)})")
        self._idle = dict(idle)

    def _configured(self) -> list[type[Provider]]:
        return [provider for provider in PROVIDERS if provider.name in self.config]

    def _streams_of_providers(self) -> Iterator[Stream]:
        for provider in self._configured():
            accounts = self._accounts[provider.name] = list(self.accounts(provider))
            if accounts:
                for stream in provider.streams:
                    yield stream(self, accounts, self.run)

    def accounts(self, provider: type[Provider]) -> Iterator[Account]:
        """Yield the accounts of a configured provider; the run fails at its end for the others."""
        simulated = self._simulator.configuration() if self.config["simulate"] else {}
        return set_up_accounts(
            provider, self.config, simulated.get(provider.name, {}), self.run.failures
        )

    def run_discovery(self) -> str:
        """Print the catalog and return it."""
        text = self.catalog_json_text
        self.run.end()
        sys.stdout.write(f"{text}\n")
        return text

    def sync_all(self) -> None:  # type: ignore[misc] # final in the SDK
        """Read all streams, after saying which common streams will lack a provider's rows."""
        if self.streams:
            for name, providers in self._idle.items():
                line = "%s: no selected stream feeds it for %s"
                self.logger.info(line, name, ", ".join(providers))
        if isinstance(self.message_writer, MessageWriter) and self.config.get("batch_config"):
            config = BatchConfig.from_dict(self.config["batch_config"])
            name = f"{self.run.began:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
            self.logger.info("the batch files of this run have %s in their names", name)
            self.message_writer.write_batches(config, self.name, name)
        read = [one for one in self.streams.values() if isinstance(one, ProviderStream)]
        read = [one for one in read if one.selected or one.has_selected_descendents]
        self.run.at_first_read += [one.start_ahead for one in read[1:]]
        try:
            with shown(self.run.progress):
                super().sync_all()
        finally:
            for stream in read:
                stream.cancel_ahead()

    def check_connections(self) -> None:
        """Test each account of each selected stream, and print no record."""
        streams = [one for one in self.streams.values() if isinstance(one, ProviderStream)]
        check_each_account([one for one in streams if one.selected], self.run)

    def finish(self) -> None:
        """End the run.

        Raises:
            OutputError: A batch file cannot be written.
            RunError: An account or a stream failed.
        """
        if isinstance(self.message_writer, MessageWriter) and self.message_writer.batches:
            self.message_writer.batches.flush()
        self.run.end()

    def interrupt(self, signum: int) -> None:
        """End the run at once, but never within a line."""
        reason = Interrupted(signum)
        if isinstance(self.message_writer, MessageWriter):
            self.message_writer.interrupt(reason)
        else:
            raise reason

    @cached_property
    def _simulator(self) -> Simulator:
        """The built-in simulator, which runs until the process ends."""
        from tap_voicecalls.simulator import Simulator  # noqa: PLC0415 - rarely needed

        self.logger.warning("simulate is on: every call of this run is made up")
        end_date = self.config.get("end_date")
        start = parse_time(self.config["start_date"])
        end = parse_time(end_date) if end_date else self.run.began
        simulator = Simulator(seed=7, start=start, end=max(end, start + _SHORTEST_SIMULATION))
        simulator.start()
        return simulator


def _all_streams() -> list[str]:
    """Return the names of the streams of all providers."""
    streams = (*COMMON_STREAMS, *(stream for one in PROVIDERS for stream in one.streams))
    return [vars(stream)["name"] for stream in streams]
