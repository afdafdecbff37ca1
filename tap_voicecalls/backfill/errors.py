"""What can be wrong with what a backfill is asked to do."""

from __future__ import annotations

from singer_sdk.exceptions import SingerSDKError


class BackfillError(SingerSDKError):
    """A plan cannot be made, or its shards' states cannot be put together."""
