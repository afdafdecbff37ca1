"""The SDK's stream maps and flattening, but exact with amounts and consistent with the SCHEMA.

Differences from the SDK: maps of deselected streams are ignored, numbers in expressions are
decimals, arithmetic with null gives null as in SQL, and a flattened record has exactly the
properties of its SCHEMA.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th
from singer_sdk.exceptions import MapExpressionError, SingerSDKError
from singer_sdk.mapper import PluginMapper, SameRecordTransform, StreamMap

from tap_voicecalls.common.singer_decimal import (
    decimal_field,
    numbers_of,
    texts_of,
    with_numbers,
    with_precision,
)
from tap_voicecalls.output.abort import RunAborted
from tap_voicecalls.output.expressions import (
    Evaluator,
    extra_functions,
    is_number,
    null_for_null,
)
from tap_voicecalls.output.sdk_hooks.maps import SdkMap, custom_maps_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from singer_sdk.singerlib.catalog import Catalog

    Record = dict[str, Any]
    Expression = Callable[[Record], Any]


NAMES = {"_", "record", "self", "config", "fake", "__stream_name__", "__original_stream_name__"}
"""The names that expressions may use beside the fields of a record."""
# Functions of the SDK that fail on null; withheld phone numbers are null.
_FAILING_ON_NULL = ("int", "md5", "sha256")


class MapError(RunAborted):
    """A stream map cannot be applied: the settings are wrong, so the run is aborted."""


class _Flat(StreamMap):
    """A map whose flattened records match their SCHEMA."""

    def flatten_record(self, record: Record) -> Record:
        """Flatten a record; the fields of a null object become null."""
        flat = super().flatten_record(record)
        if not self.flattening_enabled:
            return flat
        return {name: flat.get(name) for name in self.transformed_schema["properties"]}

    def flatten_schema(self, raw_schema: Record) -> Record:
        """Flatten a schema; fields of nested objects become nullable, as the objects are."""
        flat = super().flatten_schema(raw_schema)
        keys = set(self.raw_key_properties or ()) | raw_schema["properties"].keys()
        for name, field in flat["properties"].items() if self.flattening_enabled else ():
            if name not in keys and "type" in field:
                flat["properties"][name] = field | {"type": _nullable(field["type"])}
        return flat


class UnchangedRecords(_Flat, SameRecordTransform):
    """The default map: records are unchanged, or flattened if that is on."""


class ExactMap(_Flat, SdkMap):
    """A stream map from the settings."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the SDK's own
        self._fields = dict(options["raw_schema"]["properties"])  # the SDK modifies its own
        self._numbers = with_numbers({"properties": self._fields})["properties"]
        self._has_decimals = self._numbers != self._fields
        try:
            super().__init__(**options)
        except MapExpressionError as error:
            msg = f"`stream_maps.{options['stream_name']}` cannot be parsed: {error}"
            raise MapError(msg) from None
        self.expr_evaluator = Evaluator(functions=self.functions)

    def transform(self, record: Record) -> Record | None:
        """Transform a record; expressions see numbers, where the schema has them as text."""
        if not self._has_decimals:
            return super().transform(record)
        mapped = super().transform(numbers_of(record, {"properties": self._fields}))
        return mapped and texts_of(mapped, self.transformed_schema)

    @property
    def functions(self) -> dict[str, Callable[..., Any]]:
        """The SDK's functions, made exact and null-safe."""
        functions: dict[str, Callable[..., Any]] = {"int": int, **super().functions}
        of_null = {name: null_for_null(functions[name]) for name in _FAILING_ON_NULL}
        return functions | of_null | extra_functions()

    def failure_of(self, error: Exception, expression: str, field: str | None) -> MapError:
        """Name the setting and the type of the error; the error's text may quote a record."""
        setting = f"stream_maps.{self.stream_name}.{field or '__filter__'}"
        cause = error.__cause__ or error
        return MapError(f"`{setting}` cannot be evaluated: {type(cause).__name__} in: {expression}")

    def declared(
        self,
        expression: str,
        default: th.JSONTypeHelper[Any] | None,
        by_sdk: th.JSONTypeHelper[Any],
    ) -> th.JSONTypeHelper[Any]:
        """Return a number for numeric expressions; the SDK declares most new fields as text."""
        if by_sdk is default and type(by_sdk) is th.StringType:
            return self._number_type() if is_number(expression, self._numbers) else by_sdk
        return by_sdk

    def _number_type(self) -> th.JSONTypeHelper[Any]:
        number = th.NumberType(nullable=True).type_dict
        return th.CustomType(decimal_field(number) if self._has_decimals else number)


class StreamMapper(PluginMapper):
    """The maps of all streams."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - the SDK's own
        super().__init__(*args, **options)
        if self.default_mapper_type is SameRecordTransform:
            self.default_mapper_type = UnchangedRecords

    def register_raw_streams_from_catalog(self, catalog: Catalog) -> None:
        """Make the maps of selected streams; others have no fields that a map could use."""
        for entry in catalog.streams:
            name = entry.stream or entry.tap_stream_id
            if not entry.metadata.resolve_selection()[()]:
                schema = entry.schema.to_dict()
                self.stream_maps[name] = [
                    UnchangedRecords(name, schema, entry.key_properties, self.flattening_options)
                ]
        super().register_raw_streams_from_catalog(catalog)

    def register_raw_stream_schema(self, stream_name: str, schema: Record, *args: Any) -> None:  # noqa: ANN401
        """Make the maps of a stream, unless it is deselected and has its default map already."""
        if stream_name not in self.stream_maps:
            with custom_maps_of(ExactMap, self.stream_maps):
                super().register_raw_stream_schema(stream_name, with_precision(schema), *args)


@contextmanager
def failing_clearly() -> Iterator[None]:
    """Turn unexpected errors of the SDK while it makes maps into an error of one line.

    Raises:
        MapError: The maps cannot be made.
    """
    try:
        yield
    except SingerSDKError:
        raise
    except Exception as error:  # noqa: BLE001 - the text holds settings, and no record
        msg = f"`stream_maps` or flattening cannot be set up: {str(error) or type(error)}"
        raise MapError(msg) from None


def function_names() -> set[str]:
    """Return the names of the functions that expressions may call."""
    return set(ExactMap.__new__(ExactMap).functions)


def _nullable(types: str | list[str]) -> list[str]:
    own = [types] if isinstance(types, str) else types
    return own if "null" in own else [*own, "null"]
