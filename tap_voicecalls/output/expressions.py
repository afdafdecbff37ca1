"""Expressions of stream maps: numbers are exact decimals, arithmetic with null gives null."""

from __future__ import annotations

import ast
import math
import operator
from contextlib import suppress
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from tap_voicecalls.output.sdk_hooks.maps import SdkEvaluator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Operator = Callable[[Any, Any], Any]

# Sums and products are exact: this holds the product of two amounts of 100 digits.
_EXACT = Context(prec=200)
# Quotients may be infinite: they get as many digits as a NUMERIC in most databases.
_QUOTIENTS = Context(prec=38)

_ARITHMETIC: dict[type[ast.AST], Operator] = {
    ast.Add: _EXACT.add,
    ast.Sub: _EXACT.subtract,
    ast.Mult: _EXACT.multiply,
    ast.Mod: _EXACT.remainder,
    ast.FloorDiv: _EXACT.divide_int,
    ast.Div: _QUOTIENTS.divide,
    ast.Pow: _QUOTIENTS.power,
}
_COMPARISONS: dict[type[ast.AST], Operator] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.GtE: operator.ge,
    ast.LtE: operator.le,
}
_ORDERING = {ast.Gt, ast.Lt, ast.GtE, ast.LtE}
_NUMBERS = (int, float, Decimal)
_FUNCTIONS_OF_NUMBERS = {"round", "abs", "min", "max", "float", "int"}


class Evaluator(SdkEvaluator):
    """Evaluates expressions as the SDK does, except for numbers and null."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - simpleeval's own
        super().__init__(**options)
        plain: dict[type[ast.AST], Any] = dict(self.operators)  # type: ignore[has-type]
        self.operators = {
            **plain,
            **{kind: _arithmetic(exact, plain[kind]) for kind, exact in _ARITHMETIC.items()},
            **{
                kind: _comparison(compare, accepts_null=kind not in _ORDERING)
                for kind, compare in _COMPARISONS.items()
            },
            ast.USub: _negated,
        }

    def other_arguments(
        self, values: Sequence[Any], named: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]] | None:
        """Return floats for decimals: some functions, such as timedelta, take no decimals."""
        if not any(isinstance(each, Decimal) for each in (*values, *named.values())):
            return None
        return [_as_float(each) for each in values], {
            name: _as_float(value) for name, value in named.items()
        }


def extra_functions() -> dict[str, Callable[..., Any]]:
    """Return exact functions for numbers; ``float`` returns a decimal with all digits."""
    return {"float": _number, "round": _rounded, "abs": _absolute, "min": _least, "max": _most}


def null_for_null(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function that fails on null: it returns null for null."""
    return lambda value, *rest: None if value is None else function(value, *rest)


def is_number(expression: str, properties: Mapping[str, Any]) -> bool:
    """Whether an expression always returns a number or null.

    Args:
        expression: The expression.
        properties: The JSON schemas of the fields that it may use.
    """
    try:
        node = ast.parse(expression, mode="eval").body
    except SyntaxError:
        return False
    return not _is_null(node) and _is_numeric_node(node, properties)


def _is_numeric_node(node: ast.AST, properties: Mapping[str, Any]) -> bool:
    inner: tuple[ast.AST, ...] = ()
    match node:
        case ast.Constant(value=value):
            return value is None or type(value) in _NUMBERS
        case ast.Name(id=name):
            return _is_numeric_field(properties.get(name, {}))
        case ast.Subscript(value=ast.Name(id="_" | "record"), slice=ast.Constant(value=name)):
            return _is_numeric_field(properties.get(str(name), {}))
        case ast.Call(func=ast.Name(id=name)):
            return name in _FUNCTIONS_OF_NUMBERS
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            inner = (left, right)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            inner = (operand,)
        case ast.IfExp(body=body, orelse=orelse):
            inner = (body, orelse)
        case ast.BoolOp(values=values):
            inner = tuple(values)
    return bool(inner) and all(_is_numeric_node(each, properties) for each in inner)


def _is_numeric_field(field: Mapping[str, Any]) -> bool:
    declared = field.get("type", "string")
    kinds = {declared} if isinstance(declared, str) else set(declared)
    return kinds - {"null"} <= {"number", "integer"}


def _is_null(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _arithmetic(exact: Operator, plain: Operator) -> Operator:
    def apply(left: Any, right: Any) -> Any:  # noqa: ANN401 - any value
        if left is None or right is None:
            return None
        pair = _decimals(left, right)
        return exact(*pair) if pair else plain(left, right)

    return apply


def _comparison(compare: Operator, *, accepts_null: bool) -> Operator:
    def apply(left: Any, right: Any) -> Any:  # noqa: ANN401 - any value
        if (left is None or right is None) and not accepts_null:
            return False
        return compare(*(_decimals(left, right) or (left, right)))

    return apply


def _decimals(left: Any, right: Any) -> tuple[Decimal, Decimal] | None:  # noqa: ANN401 - any value
    """Return two numbers as decimals; None if both are integers, or one is not a finite number."""
    kinds = {type(left), type(right)}
    if not kinds <= {int, float, Decimal} or kinds == {int}:
        return None
    if not all(isinstance(each, int) or math.isfinite(each) for each in (left, right)):
        return None
    return _decimal(left), _decimal(right)


def _decimal(number: float | Decimal) -> Decimal:
    """Return a number as the decimal that it is written as, so that 0.1 is exactly 0.1."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def _number(value: Any = 0) -> Any:  # noqa: ANN401 - any value
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None if value is None else float(value)
    with suppress(ArithmeticError):
        if (number := Decimal(value)).is_finite():
            return number
    return float(value)


def _rounded(value: Any, digits: int | None = None) -> Any:  # noqa: ANN401 - any value
    """Round to a number of decimal places, half to even as Python does."""
    if isinstance(value, float) and math.isfinite(value):
        value = _decimal(value)
    if value is None or not isinstance(value, Decimal):
        return value if value is None else round(value, digits)
    rounded = _EXACT.quantize(value, Decimal(1).scaleb(-(digits or 0)))
    return int(rounded) if digits is None else rounded


def _absolute(value: Any) -> Any:  # noqa: ANN401 - any value
    if isinstance(value, Decimal):
        return value.copy_abs()
    return None if value is None else abs(value)


def _negated(value: Any) -> Any:  # noqa: ANN401 - any value
    if isinstance(value, Decimal):
        return value.copy_negate()
    return None if value is None else -value


def _least(*values: Any) -> Any:  # noqa: ANN401 - any value
    return _of_not_null(min, values)


def _most(*values: Any) -> Any:  # noqa: ANN401 - any value
    return _of_not_null(max, values)


def _of_not_null(choose: Callable[..., Any], values: tuple[Any, ...]) -> Any:  # noqa: ANN401
    """Apply min or max to the values that are not null; null if all are."""
    return choose([value for value in values if value is not None], default=None)


def _as_float(value: Any) -> Any:  # noqa: ANN401 - any value
    return float(value) if isinstance(value, Decimal) else value
