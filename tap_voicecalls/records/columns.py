"""Converts one field of all records of a page.

Most values need no conversion. Checking a whole column for that takes a fraction of the time of
checking each value.
"""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Protocol

from tap_voicecalls.common.times import normal_times
from tap_voicecalls.records.converters import ConversionError
from tap_voicecalls.records.raw_json import RawJson, are_readable, is_readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tap_voicecalls.records.converters import Converter

_NULL = b"null"
_FIRST: Callable[[bytes], int] = itemgetter(0)


class Column(Protocol):
    """A field of decoded records."""

    def convert(self, records: Sequence[Any]) -> Iterable[int]:
        """Convert the field in place, and return the positions of values that do not fit."""


class ValueColumn:
    """A field whose values need a conversion unless they have certain types.

    Args:
        name: The field.
        final: The types of values that need no conversion.
        convert: Converts all others, or raises ConversionError.
    """

    def __init__(self, name: str, *, final: set[type], convert: Converter) -> None:
        self._name, self._convert = name, convert
        self._get: Callable[[Any], Any] = attrgetter(name)
        self._final = final | {type(None)}

    def convert(self, records: Sequence[Any]) -> Iterable[int]:
        """Convert the field in place, and return the positions of values that do not fit."""
        values = [*map(self._get, records)]
        return () if {*map(type, values)} <= self._final else self._each(records, values)

    def _each(self, records: Sequence[Any], values: Sequence[Any]) -> Iterable[int]:
        misfits = []
        for at, value in enumerate(values):
            if type(value) not in self._final:
                try:
                    setattr(records[at], self._name, self._convert(value))
                except ConversionError:
                    misfits.append(at)
        return misfits


class TimeColumn(ValueColumn):
    """A field with times as text.

    Args:
        name: The field.
        convert: Converts a text to the format of the tap, or raises ConversionError.
    """

    def __init__(self, name: str, *, convert: Converter) -> None:
        super().__init__(name, final=set(), convert=convert)

    def _each(self, records: Sequence[Any], values: Sequence[Any]) -> Iterable[int]:
        held = [at for at, value in enumerate(values) if value is not None]
        texts = [values[at] for at in held]
        if {*map(type, texts)} != {str} or (normal := normal_times(texts)) is None:
            return super()._each(records, values)
        if normal is not texts:
            for at, text in zip(held, normal, strict=True):
                setattr(records[at], self._name, text)
        return ()


class RawColumn:
    """A field whose values stay the bytes that were sent.

    Args:
        name: The field.
        beginnings: The possible first bytes of its values.
    """

    def __init__(self, name: str, *, beginnings: bytes) -> None:
        self._name, self._fitting = name, {*beginnings}
        self._get: Callable[[Any], RawJson | None] = attrgetter(name)

    def convert(self, records: Sequence[Any]) -> Iterable[int]:
        """Set the field to None where null was sent; return the positions that do not fit."""
        values = [*map(self._get, records)]
        bodies = [*map(bytes, filter(None, values))]
        fit = {*map(_FIRST, bodies)} <= self._fitting and are_readable(bodies)
        return () if fit else self._each(records, values)

    def _each(self, records: Sequence[Any], values: Sequence[RawJson | None]) -> Iterable[int]:
        misfits = []
        for at, raw in enumerate(values):
            if raw is None:
                continue
            body = bytes(raw)
            if body == _NULL:
                setattr(records[at], self._name, None)
            elif body[0] not in self._fitting or not is_readable(body):
                misfits.append(at)
        return misfits
