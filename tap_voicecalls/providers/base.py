"""What every provider declares, and how its accounts are set up."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_voicecalls.http.account import Account
from tap_voicecalls.http.auth import AccountName, BearerAuth
from tap_voicecalls.http.client import ApiClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.calls.normalized import CostsOf, RecordingsOf, TurnsOf
    from tap_voicecalls.calls.recording import Recording
    from tap_voicecalls.http.auth import AuthBase
    from tap_voicecalls.http.retry import RetryPolicy
    from tap_voicecalls.recordings.fetching import Ask
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.base import ProviderStream

DEFAULT_ACCOUNT = "default"


class Provider:
    """One provider of call records: its settings, its streams and its API.

    Subclasses declare the facts below. They are never instantiated.

    Attributes:
        name: The name of its settings object, and the prefix of its streams.
        label: The provider's name as people write it.
        title: What the provider calls this API.
        base_url: The default address of the API.
        secrets: Names of the settings that authenticate.
        key_sets: Which of them are enough, if not all are required: alternatives, of which an
            account uses the last one that it has all keys of.
        requests_per_second: The published rate limit; None if none is published.
        follows_redirects: Whether a redirect within the API's origin gets the keys; one to another
            origin never does.
        most_at_once: How many requests may be open at the same time; None if that is not limited.
        settings: The settings that only this provider has.
        parts_setting: The setting that names the parts that all its streams read one by one, such
            as products. `only.products` narrows it. None if there are no such parts.
        id_settings: The settings that name records to fetch by id in each run, of any time.
        streams: Its streams.
        calls_from: The streams whose records become calls. The first selected one is used, or the
            last one if none is selected, so the cheapest to read comes last.
        turns_from: The streams whose records hold the turns of calls, each with the function that
            makes them of a record. The first one that is read is used.
        costs_from: The same for the lines of their costs.
        recordings_from: The same for their recordings.
        call_sources: The fields of its records that each field of a call comes from, in Markdown.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    title: ClassVar[str]
    base_url: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]] = ("api_key",)
    key_sets: ClassVar[tuple[tuple[str, ...], ...]] = ()
    requests_per_second: ClassVar[float | None] = None
    follows_redirects: ClassVar[bool] = True
    most_at_once: ClassVar[int | None] = None
    settings: ClassVar[tuple[th.Property[Any], ...]] = ()
    parts_setting: ClassVar[str | None] = None
    id_settings: ClassVar[tuple[str, ...]] = ()
    streams: ClassVar[tuple[type[ProviderStream], ...]]
    calls_from: ClassVar[tuple[type[ProviderStream], ...]]
    turns_from: ClassVar[Mapping[type[ProviderStream], TurnsOf]] = MappingProxyType({})
    costs_from: ClassVar[Mapping[type[ProviderStream], CostsOf]] = MappingProxyType({})
    recordings_from: ClassVar[Mapping[type[ProviderStream], RecordingsOf]] = MappingProxyType({})
    call_sources: ClassVar[Mapping[str, str]]

    @staticmethod
    def normalize(record: Record) -> Call | None:
        """Map a record to a normalized Call; None if it is not a call."""
        raise NotImplementedError

    @staticmethod
    def recording_path(recording: Recording) -> str | None:  # noqa: ARG004 - for APIs with a path
        """Return where the API serves the file of a recording; None to use the link."""
        return None

    @staticmethod
    def fresh_link(recording: Recording, ask: Ask) -> str | None:  # noqa: ARG004 - as above
        """Ask the API for a new link to a recording whose link has expired; None if it has none."""
        return None

    @classmethod
    def auth(cls, settings: Mapping[str, Any]) -> AuthBase:
        """Return the authentication of an account's requests; a Bearer token by default."""
        return BearerAuth(settings["api_key"])

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Return the provider's own error code and title from a decoded error answer.

        The text is empty if there is none. Details that may quote data are left out.
        """
        raise NotImplementedError

    @classmethod
    def is_too_many_at_once(cls, answer: Any) -> bool:  # noqa: ANN401, ARG003 - as above
        """Return whether a decoded 429 says that too many requests are open: then fewer are."""
        return False

    @classmethod
    def required_keys(cls) -> tuple[tuple[str, ...], ...]:
        """Return the alternatives of keys, of which one is required."""
        return cls.key_sets or (cls.secrets,)

    @classmethod
    def keys_of(cls, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the alternative that an account uses; the first one if it has all keys of none."""
        first, *others = cls.required_keys()
        given = (keys for keys in others[::-1] if all(settings.get(name) for name in keys))
        return next(given, first)

    @classmethod
    def parts(cls, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the parts that are read one by one, each once; none by default."""
        return tuple(dict.fromkeys(settings[cls.parts_setting])) if cls.parts_setting else ()

    @classmethod
    def settings_schema(cls) -> dict[str, Any]:
        """Return the schema of this provider's settings object.

        Its keys are required unless it lists accounts, which may have their own.
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
        required = [{"required": list(keys)} for keys in cls.required_keys()]
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
            "else": required[0] if len(required) == 1 else {"anyOf": required},
        }

    @classmethod
    def account(
        cls, settings: Mapping[str, Any], *, connections: int, retry_policy: RetryPolicy
    ) -> Account:
        """Set up an account.

        Args:
            settings: The validated settings of this account, defaults filled in.
            connections: The highest number of requests in flight at once.
            retry_policy: How often and for how long a request is retried.
        """
        name = AccountName(cls.name, settings["account"], cls.keys_of(settings))
        # Made here and not on first use: threads share it, and its rate limit with it.
        client = ApiClient(
            name,
            base_url=settings["base_url"],
            auth=cls.auth(settings),
            explain=cls.explain,
            follows_redirects=cls.follows_redirects,
            is_too_many_at_once=cls.is_too_many_at_once,
            requests_per_second=settings.get("requests_per_second"),
            connections=min(connections, cls.most_at_once or connections),
            retry_policy=retry_policy,
        )
        return Account(name, settings, cls.parts(settings), client)

    @classmethod
    def account_settings(cls, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the settings of each account of a provider's settings object."""
        shared = {name: value for name, value in settings.items() if name != "accounts"}
        return [{**shared, **own} for own in settings.get("accounts", [{}])]


def _common_settings(provider: type[Provider]) -> tuple[th.Property[Any], ...]:
    return (
        th.Property(
            "base_url",
            th.CustomType({"type": ["string"], "format": "http-url"}),
            default=provider.base_url,
            description="The address of the API.",
        ),
        th.Property(
            "account",
            th.StringType(min_length=1),
            default=DEFAULT_ACCOUNT,
            description="A label for the account. It is written to each record and to the state.",
        ),
        th.Property(
            "requests_per_second",
            th.NumberType(exclusive_minimum=0),
            default=provider.requests_per_second,
            description="The highest number of requests a second, over all threads. "
            "The default is the published rate limit, if there is one.",
        ),
        th.Property(
            "lookback_hours",
            th.NumberType(minimum=0),
            description="Overrides the general `lookback_hours` for this provider.",
        ),
    )


def _without_defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out defaults: an account without a setting takes that of the provider."""
    properties = {
        name: {key: value for key, value in field.items() if key != "default"}
        for name, field in schema["properties"].items()
    }
    return {**schema, "properties": properties}
