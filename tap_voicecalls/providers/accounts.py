"""The accounts of a configured provider, set up to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.http.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_voicecalls.http.account import Account
    from tap_voicecalls.providers.base import Provider


def set_up_accounts(
    provider: type[Provider],
    settings: Mapping[str, Any],
    simulated: Mapping[str, Any],
    failures: list[str],
) -> Iterator[Account]:
    """Yield the accounts of a provider, each with connections of its own.

    Args:
        provider: The provider.
        settings: The checked settings of the tap.
        simulated: Settings of the provider's simulated API, which replace those of each account.
        failures: Gets a line for each account that cannot be set up, which stops no other one.
    """
    retry_policy = RetryPolicy.from_settings(settings)
    for own in provider.account_settings(settings[provider.name]):
        try:
            account = provider.account(
                {**own, **simulated}, connections=settings["concurrency"], retry_policy=retry_policy
            )
        except Exception as error:  # noqa: BLE001 - any failure is this account's alone
            line = f"{provider.name} (account {own['account']}): cannot be set up"
            failures.append(f"{line}: {type(error).__name__}")
        else:
            yield account
