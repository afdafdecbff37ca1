"""The error of a backfill."""

from __future__ import annotations

from singer_sdk.exceptions import SingerSDKError


class BackfillError(SingerSDKError):
    """A plan cannot be made, or the states of its shards cannot be merged."""
