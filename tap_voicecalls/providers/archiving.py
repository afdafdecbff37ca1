"""Where the recordings of each provider are stored, as the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.http.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_voicecalls.common.run import Run
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.providers.base import Provider
    from tap_voicecalls.recordings.archive import Archive, ProviderArchive

_MIB = 1 << 20
# A file that does not come is left to the next run: it must not hold up the calls.
TRIES_AND_SECONDS = 3, 60.0
"""How often and for how long a file is tried; arriving bytes extend the time."""


def open_archive(settings: Mapping[str, Any], run: Run) -> Archive | None:
    """Return the archive; None if `recordings.root` is not set."""
    root = settings.get("recordings", {}).get("root")
    if not root:
        return None
    from tap_voicecalls.recordings.archive import Archive  # noqa: PLC0415 - slow to import

    return Archive(root, run)


def provider_archive(
    archive: Archive,
    provider: type[Provider],
    accounts: Iterable[Account],
    settings: Mapping[str, Any],
) -> ProviderArchive:
    """Return the archive for the accounts of a provider."""
    from tap_voicecalls.recordings.archive import AT_ONCE, ProviderArchive  # noqa: PLC0415 - as above
    from tap_voicecalls.recordings.fetching import Fetching  # noqa: PLC0415 - as above

    retry_policy = RetryPolicy.from_settings(settings).at_most(*TRIES_AND_SECONDS)
    return ProviderArchive(
        archive,
        {
            account.label: Fetching(
                account,
                path_of=provider.recording_path,
                fresh_link=provider.fresh_link,
                retry_policy=retry_policy,
                most_bytes=int(settings["recordings"]["max_mb"] * _MIB),
                at_once=AT_ONCE,
            )
            for account in accounts
        },
    )
