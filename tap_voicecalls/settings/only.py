"""The setting `only`: a run that reads a part of what is configured. Pure.

With it, one configuration with its keys serves many parallel runs, each of a different part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_voicecalls.common.safe_text import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_voicecalls.providers.base import Provider

    Settings = dict[str, Any]

ONLY = "only"
ONLY_SETTING: th.Property[Any] = th.Property(
    ONLY,
    th.ObjectType(
        th.Property(
            "provider",
            th.StringType(min_length=1),
            description="The provider to read. The others stay configured, but are not read.",
        ),
        th.Property(
            "account",
            th.StringType(min_length=1),
            description="The label of the account to read.",
        ),
        th.Property(
            "products",
            th.CustomType({"type": ["array", "null"], "items": {"type": "string"}, "minItems": 1}),
            description="The products to read, for a provider that has products.",
        ),
        th.Property(
            "skip_named_ids",
            th.BooleanType,
            description="Whether to skip what is requested by its id in each run, such as "
            "`telnyx.call_ids`, because another run reads it.",
        ),
        th.Property(
            "parallel_runs",
            th.IntegerType(minimum=1),
            description="How many runs read the account at the same time; 1 by default. Each "
            "uses its share of the account's `requests_per_second`.",
        ),
        additional_properties=False,
    ),
    description="Read only a part of what is configured, such as a shard of a backfill. Parallel "
    "runs need separate states.",
)


def only_problems(settings: Settings, configured: Iterable[type[Provider]]) -> Iterator[str]:
    """Yield what is wrong with `only`, one line for each problem.

    Args:
        settings: All settings, each valid by itself, defaults filled in.
        configured: The configured providers.
    """
    only = settings.get(ONLY, {})
    if "provider" not in only:
        yield from (f"`only.{name}` needs `only.provider`" for name in only)
        return
    provider = _chosen(only, configured)
    if provider is None:
        names = ", ".join(each.name for each in configured)
        line = f"`only.provider` is {safe_name(only['provider'])}"
        yield f"{line}, but the configured providers are: {names}"
    else:
        yield from _problems_within(only, provider, settings[provider.name])


def narrow(settings: Settings, configured: Iterable[type[Provider]]) -> Settings:
    """Return the settings, reduced to what `only` asks for; all of them without `only`.

    Args:
        settings: As for :func:`only_problems`, which found nothing.
        configured: The configured providers.
    """
    configured = tuple(configured)
    only = settings.get(ONLY, {})
    provider = _chosen(only, configured)
    if provider is None:
        return settings
    others = {each.name for each in configured} - {provider.name}
    kept = {name: value for name, value in settings.items() if name not in others}
    accounts = [
        _narrow_account(only, provider, account)
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
        yield f"`only.products` does not apply to `{provider.name}`, which has no products"
    else:
        known = {part for account in accounts for part in provider.parts(account)}
        for name in _requested(only, provider, accounts[0]):
            if name not in known:
                place = f"{provider.name}.{provider.parts_setting}"
                yield f"`only.products` names {safe_name(name)}, which is not in `{place}`"


def _accounts(only: Settings, provider: type[Provider], own: Settings) -> list[Settings]:
    label = only.get("account")
    accounts = provider.account_settings(own)
    return [each for each in accounts if label is None or each["account"] == label]


def _narrow_account(only: Settings, provider: type[Provider], account: Settings) -> Settings:
    changes: Settings = {}
    if "products" in only:
        changes[str(provider.parts_setting)] = _parts(only, provider, account)
    if only.get("skip_named_ids"):
        changes |= {name: [] for name in provider.id_settings}
    if rate := account.get("requests_per_second"):
        changes["requests_per_second"] = rate / only.get("parallel_runs", 1)
    return account | changes


def _parts(only: Settings, provider: type[Provider], account: Settings) -> list[str]:
    """Return the parts of an account that `only` asks for."""
    requested = _requested(only, provider, account)
    return [part for part in provider.parts(account) if part in requested]


def _requested(only: Settings, provider: type[Provider], account: Settings) -> tuple[str, ...]:
    """Return the requested products by their canonical names, since products have aliases."""
    return provider.parts({**account, str(provider.parts_setting): only["products"]})
