"""Checks the streams, fields and variables that stream maps name.

The SDK ignores a map of a stream that does not exist, and the removal of a field that does not
exist: what a misspelt map should remove from the output would be written.
"""

from __future__ import annotations

import ast
import fnmatch
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.safe_text import safe_name
from tap_voicecalls.common.similar import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_REMOVED = (None, "__NULL__")
_RECORD = {"_", "record"}
# What the SDK lets an expression use besides the fields.
_VARIABLES = _RECORD | {
    *("config", "self", "fake", "Faker"),
    *("__stream_name__", "__original_stream_name__"),
}


def wrong_streams(maps: Mapping[str, Any], known: Collection[str]) -> Iterator[str]:
    """Yield a line for each map of a stream that does not exist.

    Args:
        maps: The setting `stream_maps`.
        known: The names of all streams of the tap.
    """
    for name, own in maps.items():
        source = _source(name, own)
        if not source.startswith("__") and not fnmatch.filter(known, source):
            hint = did_you_mean(source, known, "see the list of streams in the documentation")
            yield f"`stream_maps` names {safe_name(source)}, which is no stream; {hint}"


def wrong_fields(
    maps: Mapping[str, Any], stream: str, fields: Collection[str], functions: Collection[str]
) -> Iterator[str]:
    """Yield a line for each field that a map of a stream names, but the stream does not have.

    Args:
        maps: The setting `stream_maps`.
        stream: The name of a stream.
        fields: All its fields.
        functions: What expressions can call.
    """
    for name, own in maps.items():
        source = _source(name, own)
        if not isinstance(own, dict) or not fnmatch.fnmatch(stream, source):
            continue
        # A pattern is for several streams, and not each of them has each field.
        removed: set[str] = _removed(own) if source == stream else set()
        for field in sorted(removed - set(fields)):
            action = "removes a field that"
            yield _wrong(f"{name}.{field}", action, stream, did_you_mean(field, fields))
        variables = {*fields, *functions, *_VARIABLES}
        for field, expression in _expressions(own):
            for used in _unknown_names(expression, variables, fields):
                action = f"uses {safe_name(used)}, which"
                yield _wrong(f"{name}.{field}", action, stream, did_you_mean(used, fields))


def _wrong(place: str, action: str, stream: str, hint: str) -> str:
    return f"`stream_maps.{place}` {action} `{stream}` does not have; {hint}"


def _removed(own: Mapping[str, Any]) -> set[str]:
    return {name for name, each in own.items() if each in _REMOVED and not name.startswith("__")}


def _expressions(own: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, each in own.items():
        is_expression = not name.startswith("__") or name == "__filter__"
        if isinstance(each, str) and each not in _REMOVED and is_expression:
            yield name, each


def _source(name: str, own: object) -> str:
    source = own.get("__source__", name) if isinstance(own, dict) else name
    return str(source)


def _unknown_names(
    expression: str, variables: Collection[str], fields: Collection[str]
) -> list[str]:
    try:
        nodes = list(ast.walk(ast.parse(expression.strip(), mode="eval")))
    except SyntaxError:  # the SDK says so
        return []
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    bound = {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return sorted((named - bound - set(variables)) | (_of_record(nodes) - set(fields)))


def _of_record(nodes: list[ast.AST]) -> set[str]:
    """Return the fields that are named as `record["field"]` or `record.get("field")`."""
    found = set()
    for node in nodes:
        match node:
            case (
                ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(field)))
                | ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="get"),
                    args=[ast.Constant(value=str(field)), *_],
                )
            ) if name in _RECORD:
                found.add(field)
    return found
