"""The JSON schema of a stream: the file of its name in the ``schemas`` folder of its package."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from singer_sdk import SchemaDirectory, StreamSchema

from tap_voicecalls.common.singer_decimal import with_decimals

if TYPE_CHECKING:
    from singer_sdk import Stream


USE_SINGER_DECIMAL = "use_singer_decimal"
"""The setting that makes texts of numbers; the name is the SDK's."""


def schema_of(stream: type[Stream]) -> dict[str, Any]:
    """Return the schema of a class of stream."""
    declared = next(one for one in stream.__mro__ if "name" in vars(one))
    package = declared.__module__.rpartition(".")[0]
    return _folder(package).fetch_schema(vars(declared)["name"])


class PackagedSchema(StreamSchema[str]):
    """Gives each stream the schema file of its own package."""

    def __init__(self) -> None:
        """Take no name: the package and name of a stream decide where its schema is."""

    def get_stream_schema(self, stream: Any, stream_class: type[Any]) -> dict[str, Any]:  # noqa: ANN401 - the SDK's signature
        """Return the stream's schema."""
        schema = schema_of(stream_class)
        return with_decimals(schema) if stream.config[USE_SINGER_DECIMAL] else schema


@cache
def _folder(package: str) -> SchemaDirectory:
    return SchemaDirectory(resources.files(package) / "schemas")
