"""The table of all hooks into the SDK."""

from __future__ import annotations

from singer_sdk.exceptions import SingerSDKError


class SdkChangedError(SingerSDKError):
    """The installed SDK is not one that the tap works with."""

    def __init__(self, fact: str) -> None:
        super().__init__(f"{fact}; install another release: pip install 'singer-sdk>=0.54.9,<0.56'")
