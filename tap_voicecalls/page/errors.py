"""The error of the page."""

from __future__ import annotations

from singer_sdk.exceptions import SingerSDKError


class PageError(SingerSDKError):
    """There is nothing to make a page of; the message is one line without data."""
