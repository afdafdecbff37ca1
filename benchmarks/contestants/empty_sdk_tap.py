"""An empty Meltano SDK tap: the least time that `--discover` of any tap takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk import typing as th

if TYPE_CHECKING:
    from collections.abc import Iterable

    from singer_sdk.helpers.types import Context


class Nothing(Stream):
    """No records."""

    name = "nothing"
    schema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("id", th.IntegerType)
    ).to_dict()

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Return nothing."""
        return ()


class EmptyTap(Tap):
    """Reads nothing."""

    name = "tap-empty"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList().to_dict()

    def discover_streams(self) -> list[Nothing]:
        """Return the only stream."""
        return [Nothing(tap=self)]


if __name__ == "__main__":
    EmptyTap.cli()
