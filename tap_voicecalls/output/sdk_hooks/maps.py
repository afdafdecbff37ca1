"""What stream maps use of the inside of the SDK's mapper, and of simpleeval beneath it."""

from __future__ import annotations

import abc
import ast
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from singer_sdk import mapper
from singer_sdk.mapper import CustomStreamMap, _MapperEval

from tap_voicecalls.output.sdk_hooks.hook import SdkChangedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from singer_sdk import typing as th
    from singer_sdk.mapper import StreamMap


class SdkMap(CustomStreamMap, abc.ABC):
    """A stream map that says of each expression what it is declared as, and what went wrong."""

    @abc.abstractmethod
    def failure_of(self, error: Exception, expression: str, field: str | None) -> BaseException:
        """Return what to raise when an expression fails.

        Args:
            error: What it raised.
            expression: The expression.
            field: The field that it is for; None for a filter.
        """

    @abc.abstractmethod
    def declared(
        self,
        expression: str,
        default: th.JSONTypeHelper[Any] | None,
        by_sdk: th.JSONTypeHelper[Any],
    ) -> th.JSONTypeHelper[Any]:
        """Return the type that an expression is declared as.

        Args:
            expression: The expression.
            default: The type if nothing is known of it.
            by_sdk: The type that the SDK declares.
        """

    def _eval(
        self, expr: str, expr_parsed: ast.Expr, record: dict[str, Any], property_name: str | None
    ) -> Any:  # noqa: ANN401 - any JSON
        try:
            return super()._eval(expr, expr_parsed, record, property_name)
        except Exception as error:  # noqa: BLE001 - an expression may raise anything
            raise self.failure_of(error, expr, property_name) from None

    def _eval_type(
        self, expr: str, default: th.JSONTypeHelper[Any] | None = None
    ) -> th.JSONTypeHelper[Any]:
        return self.declared(expr, default, super()._eval_type(expr, default))


class SdkEvaluator(_MapperEval, abc.ABC):
    """Evaluates expressions as the SDK does; a function that fails may get other arguments."""

    @abc.abstractmethod
    def other_arguments(
        self, values: Sequence[Any], named: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]] | None:
        """Return the arguments to call a function with that rejects some; None if there are none.

        Args:
            values: The positional arguments.
            named: Those with names.
        """

    def _eval_call(self, node: ast.Call) -> Any:  # noqa: ANN401 - any value
        try:
            return super()._eval_call(node)
        except TypeError:
            values = [self._eval(each) for each in node.args]
            named = dict(self._eval_keyword(each) for each in node.keywords)
            if (others := self.other_arguments(values, named)) is None:
                raise
            name = node.func.id if isinstance(node.func, ast.Name) else None
            function = self.functions[name] if name else self._eval(node.func)
            return function(*others[0], **others[1])


@contextmanager
def custom_maps_of(map_class: type[SdkMap], maps: Mapping[str, list[StreamMap]]) -> Iterator[None]:
    """Let the SDK make the maps of the settings of another class; it has no setting for that.

    Args:
        map_class: The class.
        maps: Where the SDK puts the maps, by stream.

    Raises:
        SdkChangedError: A map is of the SDK's own class, which rounds amounts.
    """
    original = mapper.CustomStreamMap
    mapper.CustomStreamMap = map_class  # type: ignore[misc]
    try:
        yield
    finally:
        mapper.CustomStreamMap = original  # type: ignore[misc]
    if any(type(each) is original for stream_maps in maps.values() for each in stream_maps):
        fact = "does not use the tap's class of stream maps"
        raise SdkChangedError(fact)
