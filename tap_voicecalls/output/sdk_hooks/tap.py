"""What the tap uses of the inside of the SDK's `Tap`."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

from singer_sdk import Tap
from singer_sdk.plugin_base import _ConfigInput as ConfigInput

from tap_voicecalls.output.sdk_hooks.hook import require
from tap_voicecalls.output.sdk_hooks.table import HOOKS

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["ConfigInput", "SdkTap"]


class SdkTap(Tap, abc.ABC):
    """A tap that ends its runs itself: after all streams, after a test, and on a signal."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the SDK's own
        """Set up the tap.

        Raises:
            SdkChangedError: The installed SDK lacks a name that the tap uses.
        """
        require(HOOKS)
        super().__init__(**options)

    # What a subclass implements ---------------------------------------------------------------

    @abc.abstractmethod
    def finish(self) -> None:
        """End a run whose streams have all been read or tested."""

    @abc.abstractmethod
    def check_connections(self) -> None:
        """Ask each account for each of its streams, and print no record."""

    @abc.abstractmethod
    def interrupt(self, signum: int) -> None:
        """End the run because of a signal."""

    # What the SDK calls -----------------------------------------------------------------------

    def sync_all(self) -> None:  # type: ignore[misc] # final in the SDK
        """Read all streams."""
        super().sync_all()
        self.finish()

    # The SDK's own asks one account a stream, and logs an error for each stream that works.
    def run_connection_test(self) -> bool:  # type: ignore[misc] # final in the SDK
        """Test each account of each stream."""
        self.check_connections()
        self.finish()
        return True

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End the run on Ctrl-C and SIGTERM."""
        self.interrupt(signum)
