"""The setting `only`: a run of a part of what is configured. Pure: settings in, settings out.

So that one configuration, with its keys, serves many runs side by side, each of which reads
another part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_voicecalls.common.safe_text import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_voicecalls.providers.base import Provider

    Settings = dict[str, Any]

NAME = "only"
SETTING: th.Property[Any] = th.Property(
    NAME,
    th.ObjectType(
        th.Property(
            "provider",
            th.StringType(min_length=1),
            description="The one provider to read; the others stay configured, but are not read.",
        ),
        th.Property(
            "account",
            th.StringType(min_length=1),
            description="Of the provider's accounts, the label of the one to read.",
        ),
        th.Property(
            "products",
            th.CustomType({"type": ["array", "null"], "items": {"type": "string"}, "minItems": 1}),
            description="Of the account's products, those to read, for a provider that has any.",
        ),
        th.Property(
            "skip_named_ids",
            th.BooleanType,
            description="Whether to leave out what is fetched by its name whatever its time, such "
            "as `telnyx.call_ids`, for another run reads that.",
        ),
        th.Property(
            "parallel_runs",
            th.IntegerType(minimum=1),
            description="How many such runs read the account at the same time, 1 if not given. "
            "Each takes that part of the account's `requests_per_second`.",
        ),
        additional_properties=False,
    ),
    description="Reads only a part of what is configured, such as a shard of a backfill. Runs "
    "side by side need a state each.",
)


def problems(settings: Settings, configured: Iterable[type[Provider]]) -> Iterator[str]:
    """Yield what is wrong with `only`, each in one line.

    Args:
        settings: All settings, each right by itself, defaults filled in.
        configured: The providers that they configure.
    """
    only = settings.get(NAME, {})
    if "provider" not in only:
        yield from (f"`only.{name}` needs `only.provider`" for name in only)
        return
    provider = _chosen(only, configured)
    if provider is None:
        names = ", ".join(each.name for each in configured)
        yield f"`only.provider` is {safe_name(only['provider'])}, but configured are: {names}"
    else:
        yield from _problems_within(only, provider, settings[provider.name])


def narrowed(settings: Settings, configured: Iterable[type[Provider]]) -> Settings:
    """Return the settings of what `only` asks for; all when it asks for nothing.

    Args:
        settings: As of :func:`problems`, which found none.
        configured: As there.
    """
    configured = tuple(configured)
    only = settings.get(NAME, {})
    provider = _chosen(only, configured)
    if provider is None:
        return settings
    others = {each.name for each in configured} - {provider.name}
    kept = {name: value for name, value in settings.items() if name not in others}
    accounts = [
        _narrowed_account(only, provider, account)
        for account in _accounts(only, provider, settings[provider.name])
        if "products" not in only or _parts(only, provider, account)
    ]
    return {**kept, provider.name: {**settings[provider.name], "accounts": accounts}}


def _chosen(only: Settings, configured: Iterable[type[Provider]]) -> type[Provider] | None:
    return next((each for each in configured if each.name == only.get("provider")), None)


def _problems_within(only: Settings, provider: type[Provider], own: Settings) -> Iterator[str]:
    accounts = _accounts(only, provider, own)
    if not accounts:
        labels = ", ".join(safe_name(each["account"]) for each in provider.account_settings(own))
        yield f"`only.account` is {safe_name(only['account'])}, but `{provider.name}` has: {labels}"
    elif "products" not in only:
        return
    elif provider.parts_setting is None:
        yield f"`only.products` is not for `{provider.name}`, which has no products"
    else:
        known = {part for account in accounts for part in provider.parts(account)}
        for name in _asked(only, provider, accounts[0]):
            if name not in known:
                place = f"{provider.name}.{provider.parts_setting}"
                yield f"`only.products` names {safe_name(name)}, which is not in `{place}`"


def _accounts(only: Settings, provider: type[Provider], own: Settings) -> list[Settings]:
    label = only.get("account")
    accounts = provider.account_settings(own)
    return [each for each in accounts if label is None or each["account"] == label]


def _narrowed_account(only: Settings, provider: type[Provider], account: Settings) -> Settings:
    changes: Settings = {}
    if "products" in only:
        changes[str(provider.parts_setting)] = _parts(only, provider, account)
    if only.get("skip_named_ids"):
        changes |= {name: [] for name in provider.id_settings}
    if rate := account.get("requests_per_second"):
        changes["requests_per_second"] = rate / only.get("parallel_runs", 1)
    return account | changes


def _parts(only: Settings, provider: type[Provider], account: Settings) -> list[str]:
    """Return those of an account's parts that are asked for."""
    asked = _asked(only, provider, account)
    return [part for part in provider.parts(account) if part in asked]


def _asked(only: Settings, provider: type[Provider], account: Settings) -> tuple[str, ...]:
    """Name the products that are asked for as the provider does, whatever the user calls them."""
    return provider.parts({**account, str(provider.parts_setting): only["products"]})
