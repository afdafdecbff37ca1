"""What every provider declares, and the accounts that a configuration names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_voicecalls.http.account import Account
from tap_voicecalls.http.auth import AccountName, BearerAuth
from tap_voicecalls.http.client import ApiClient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.calls.stream import Calls
    from tap_voicecalls.http.auth import AuthBase
    from tap_voicecalls.http.retry import RetryPolicy
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.base import CallStream

DEFAULT_ACCOUNT = "default"


class Provider:
    """One provider of call records: its settings, its streams, how it is spoken to.

    Subclasses declare the facts below; none is ever instantiated.

    Attributes:
        name: The name of its settings object, and the prefix of its streams.
        label: The provider's name as people write it.
        title: What the provider calls this API.
        base_url: Where the API lives unless the user says otherwise.
        secrets: Names of the settings that authenticate; each is required.
        requests_per_second: The published rate, or None where there is none.
        settings: The settings only this provider has.
        parts_setting: The one of them that names the parts of which its lists are made, each read
            by itself, where that holds for all its streams; `only.products` narrows it.
        id_settings: Those of them that name what is fetched in each run, whatever its time.
        streams: Its streams.
        calls_from: Of its streams, those whose records are its calls. The first that is selected
            is used, and the last if none is, so the cheapest to read comes last.
        call_sources: From which fields of its records each field of a call comes, in Markdown.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    title: ClassVar[str]
    base_url: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]] = ("api_key",)
    requests_per_second: ClassVar[float | None] = None
    settings: ClassVar[tuple[th.Property[Any], ...]] = ()
    parts_setting: ClassVar[str | None] = None
    id_settings: ClassVar[tuple[str, ...]] = ()
    streams: ClassVar[tuple[type[CallStream], ...]]
    calls_from: ClassVar[tuple[type[CallStream], ...]]
    call_sources: ClassVar[Mapping[str, str]]

    @staticmethod
    def normalize(record: Record) -> Call | None:
        """Tell of a record in the words of all providers; None if it is no call."""
        raise NotImplementedError

    @classmethod
    def auth(cls, settings: Mapping[str, Any]) -> AuthBase:
        """Make what signs each request from an account's settings; Bearer for most."""
        return BearerAuth(settings["api_key"])

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Find the provider's own error code and title in a decoded error answer.

        Returns an empty text when there is none. Details that may quote data stay out.
        """
        raise NotImplementedError

    @classmethod
    def parts(cls, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the parts of which an account's lists are made, each once; none for most."""
        return tuple(dict.fromkeys(settings[cls.parts_setting])) if cls.parts_setting else ()

    @classmethod
    def settings_schema(cls) -> dict[str, Any]:
        """Return the schema of this provider's settings object.

        Its keys are required unless it lists accounts, which may bring their own.
        """
        keys = (
            th.Property(
                name,
                th.StringType(min_length=1),
                secret=True,
                description=f"{cls.title}: {name.replace('_', ' ')}.",
            )
            for name in cls.secrets
        )
        one = th.ObjectType(
            *keys, *cls.settings, *_common_settings(cls), additional_properties=False
        )
        schema = one.to_dict()
        accounts = {
            "type": ["array", "null"],
            "minItems": 1,
            "items": _without_defaults(schema),
            "secret": True,
            "description": "Several accounts: a list of objects, each with the settings that "
            "differ from those of the provider, and an `account` label of its own.",
        }
        return {
            **schema,
            "properties": {**schema["properties"], "accounts": accounts},
            "if": {"required": ["accounts"]},
            "else": {"required": list(cls.secrets)},
        }

    @classmethod
    def account(
        cls, settings: Mapping[str, Any], *, connections: int, retry_policy: RetryPolicy
    ) -> Account:
        """Set up an account.

        Args:
            settings: The validated settings of this account, defaults filled in.
            connections: How many requests may be under way at once.
            retry_policy: How long a request may be kept trying.
        """
        name = AccountName(cls.name, settings["account"], cls.secrets)
        # Made here and not when it is first needed: threads share it, and its rate with it.
        client = ApiClient(
            name,
            base_url=settings["base_url"],
            auth=cls.auth(settings),
            explain=cls.explain,
            requests_per_second=settings.get("requests_per_second"),
            connections=connections,
            retry_policy=retry_policy,
        )
        return Account(name, settings, cls.parts(settings), client)

    @classmethod
    def account_settings(cls, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the settings of each account of a provider's settings object."""
        shared = {name: value for name, value in settings.items() if name != "accounts"}
        return [{**shared, **own} for own in settings.get("accounts", [{}])]


def connect_feeders(calls: Calls, provider: type[Provider], streams: Sequence[CallStream]) -> None:
    """Let one of a provider's streams feed that of all calls, and be read for it if need be.

    Args:
        calls: The stream of all calls.
        provider: The provider.
        streams: Those that can: of those that are selected the first, or else the last.
    """
    if calls.selected:
        feeder = next((stream for stream in streams if stream.selected), streams[-1])
        feeder.feed(calls, partial(_made_of, provider, feeder.name), calls.write)


def _made_of(provider: type[Provider], stream: str, record: Record) -> Call | None:
    """Make a call of a record; None if it is no call."""
    call = provider.normalize(record)
    if call is not None:
        call.provider, call.account, call.stream = provider.name, record.account, stream
    return call


def _common_settings(provider: type[Provider]) -> tuple[th.Property[Any], ...]:
    return (
        th.Property(
            "base_url",
            th.CustomType({"type": ["string"], "format": "http-url"}),
            default=provider.base_url,
            description="Where the API lives.",
        ),
        th.Property(
            "account",
            th.StringType(min_length=1),
            default=DEFAULT_ACCOUNT,
            description="A label for the account; it stands in each record and in the state.",
        ),
        th.Property(
            "requests_per_second",
            th.NumberType(exclusive_minimum=0),
            default=provider.requests_per_second,
            description="How many requests to send in a second, over all threads. "
            "The default is the published rate, where there is one.",
        ),
        th.Property(
            "lookback_hours",
            th.NumberType(minimum=0),
            description="Overrides the general `lookback_hours` for this provider.",
        ),
    )


def _without_defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """An account that leaves out a setting takes the provider's, not the default."""
    properties = {
        name: {key: value for key, value in field.items() if key != "default"}
        for name, field in schema["properties"].items()
    }
    return {**schema, "properties": properties}
