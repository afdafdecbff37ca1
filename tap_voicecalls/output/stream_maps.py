"""Stream maps and flattening as the SDK has them, exact with money and true to the SCHEMA.

What differs: a map of a stream that is not selected is ignored, numbers of an expression are
decimals, null spreads through arithmetic as in SQL, and a flattened record has each property of
its SCHEMA and no other.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from singer_sdk import mapper
from singer_sdk import typing as th
from singer_sdk.exceptions import MapExpressionError
from singer_sdk.mapper import (
    CustomStreamMap,
    PluginMapper,
    SameRecordTransform,
    StreamMap,
)

from tap_voicecalls.output.endings import RunOver
from tap_voicecalls.output.expressions import (
    Evaluator,
    extra_functions,
    is_number,
    null_for_null,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from singer_sdk.singerlib.catalog import Catalog

    Record = dict[str, Any]
    Expression = Callable[[Record], Any]


# Withheld numbers are null, and a hash of one that is not there would end the run.
_FAIL_OF_NULL = ("int", "md5", "sha256")


class MapError(RunOver):
    """A stream map cannot be applied: a setting is wrong, so the run ends."""


class _Flat(StreamMap):
    """Makes flattened records fit their SCHEMA."""

    def flatten_record(self, record: Record) -> Record:
        """Flatten a record; what a null object would have held is null."""
        flat = super().flatten_record(record)
        if not self.flattening_enabled:
            return flat
        return {name: flat.get(name) for name in self.transformed_schema["properties"]}

    def flatten_schema(self, raw_schema: Record) -> Record:
        """Flatten a schema; what stands in an object that may be null may be null as well."""
        flat = super().flatten_schema(raw_schema)
        keys = set(self.raw_key_properties or ()) | raw_schema["properties"].keys()
        for name, field in flat["properties"].items() if self.flattening_enabled else ():
            if name not in keys and "type" in field:
                flat["properties"][name] = field | {"type": _nullable(field["type"])}
        return flat


class UnchangedRecords(_Flat, SameRecordTransform):
    """Passes records on, flattened if that is on."""


class ExactMap(_Flat, CustomStreamMap):
    """A stream map of the settings."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the SDK's own
        self._fields = dict(options["raw_schema"]["properties"])  # the SDK changes its own
        try:
            super().__init__(**options)
        except MapExpressionError as error:
            msg = f"`stream_maps.{options['stream_name']}` cannot be read: {error}"
            raise MapError(msg) from None
        self.expr_evaluator = Evaluator(functions=self.functions)

    @property
    def functions(self) -> dict[str, Callable[..., Any]]:
        """The SDK's functions, and those that numbers need."""
        functions: dict[str, Callable[..., Any]] = {"int": int, **super().functions}
        of_null = {name: null_for_null(functions[name]) for name in _FAIL_OF_NULL}
        return functions | of_null | extra_functions()

    def _eval(
        self, expr: str, expr_parsed: ast.Expr, record: Record, property_name: str | None
    ) -> Any:  # noqa: ANN401 - any JSON
        try:
            return super()._eval(expr, expr_parsed, record, property_name)
        except Exception as error:  # noqa: BLE001 - an expression may raise anything
            # The text of an error may quote a record.
            place = f"stream_maps.{self.stream_name}.{property_name or '__filter__'}"
            cause = error.__cause__ or error
            msg = f"`{place}` cannot be evaluated: {type(cause).__name__} in: {expr}"
            raise MapError(msg) from None

    def _eval_type(
        self, expr: str, default: th.JSONTypeHelper[Any] | None = None
    ) -> th.JSONTypeHelper[Any]:
        """Return what an expression is declared as; the SDK takes most new fields for text."""
        declared = super()._eval_type(expr, default)
        if declared is default and type(declared) is th.StringType:
            return th.NumberType() if is_number(expr, self._fields) else declared
        return declared


class StreamMapper(PluginMapper):
    """Gives each stream its maps."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - the SDK's own
        super().__init__(*args, **options)
        if self.default_mapper_type is SameRecordTransform:
            self.default_mapper_type = UnchangedRecords

    def register_raw_streams_from_catalog(self, catalog: Catalog) -> None:
        """Give maps to the selected streams: a map of any other has no fields to stand on."""
        for entry in catalog.streams:
            name = entry.stream or entry.tap_stream_id
            if not entry.metadata.resolve_selection()[()]:
                schema = entry.schema.to_dict()
                self.stream_maps[name] = [
                    UnchangedRecords(name, schema, entry.key_properties, self.flattening_options)
                ]
        super().register_raw_streams_from_catalog(catalog)

    def register_raw_stream_schema(self, stream_name: str, *args: Any) -> None:  # noqa: ANN401
        """Make the maps of a stream, unless it has them because it is not selected."""
        if stream_name not in self.stream_maps:
            super().register_raw_stream_schema(stream_name, *args)


def unknown_streams(maps: Mapping[str, Any], known: Iterable[str]) -> Iterator[str]:
    """Yield the streams that stream maps are for, but that no provider has."""
    known = tuple(known)
    for name, own in maps.items():
        source = own.get("__source__", name) if isinstance(own, dict) else name
        if not source.startswith("__") and not fnmatch.filter(known, source):
            yield source


def _nullable(types: str | list[str]) -> list[str]:
    own = [types] if isinstance(types, str) else types
    return own if "null" in own else [*own, "null"]


# The SDK makes its maps by this name, and has no hook for another.
mapper.CustomStreamMap = ExactMap  # type: ignore[misc, assignment]
