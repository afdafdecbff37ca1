"""Checks of stream maps: a misspelt stream or field would silently leave data as it is."""

from __future__ import annotations

import ast
import fnmatch
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from singer_sdk.mapper import (
    MAPPER_ALIAS_OPTION,
    MAPPER_ELSE_OPTION,
    MAPPER_FILTER_OPTION,
    MAPPER_KEY_PROPERTIES_OPTION,
    MAPPER_SOURCE_OPTION,
    NULL_STRING,
)

from tap_voicecalls.common.safe_text import safe_name
from tap_voicecalls.output.stream_maps import NAMES, function_names
from tap_voicecalls.records.schemas import schema_of
from tap_voicecalls.settings.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk import Stream

    Rules = Mapping[str, Any]

_OPTIONS = (
    MAPPER_ALIAS_OPTION,
    MAPPER_ELSE_OPTION,
    MAPPER_FILTER_OPTION,
    MAPPER_KEY_PROPERTIES_OPTION,
    MAPPER_SOURCE_OPTION,
)
_ALIKE = 0.9
"""From which similarity on a new field is taken for a misspelt one."""


def map_problems(maps: Rules, streams: Mapping[str, type[Stream]]) -> Iterator[str]:
    """Yield what is wrong with stream maps, one line for each problem.

    Args:
        maps: The setting `stream_maps`, valid by its JSON schema.
        streams: All streams of the tap by name, configured or not.
    """
    for name, rules in maps.items():
        source = rules.get(MAPPER_SOURCE_OPTION) or name if isinstance(rules, dict) else name
        if name == MAPPER_ELSE_OPTION:
            continue
        found = fnmatch.filter(streams, source)
        if not found:
            hint = did_you_mean(source, streams, "--discover lists the streams that there are")
            yield f"`stream_maps.{_shown(name)}`: there is no stream {safe_name(source)}; {hint}"
        elif isinstance(rules, dict):
            fields = {field for each in found for field in schema_of(streams[each])["properties"]}
            yield from _Fields(_shown(name), source, fields, rules).problems()


class _Fields:
    """The rules of one stream, and the fields that it has."""

    def __init__(self, place: str, stream: str, fields: set[str], rules: Rules) -> None:
        self._place, self._stream = f"stream_maps.{place}", stream
        self._fields, self._rules = fields, rules

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the rules."""
        for name, rule in self._rules.items():
            place = f"`{self._place}.{_shown(name)}`"
            if name == MAPPER_KEY_PROPERTIES_OPTION:
                for key in rule or ():
                    if key not in self._fields | self._rules.keys():
                        yield self._no_field(place, key)
            elif name.startswith("__") and name not in _OPTIONS:
                hint = did_you_mean(name, _OPTIONS, f"there are {', '.join(_OPTIONS)}")
                yield f"{place}: there is no such option; {hint}"
            elif rule in {None, NULL_STRING}:
                if name not in self._fields and name not in _OPTIONS:
                    yield self._no_field(place, name)
            elif name == MAPPER_FILTER_OPTION or name not in _OPTIONS:
                yield from self._problems_of(place, name, rule)

    def _problems_of(self, place: str, field: str, expression: str) -> Iterator[str]:
        """Yield what is wrong with an expression."""
        try:
            tree = ast.parse(expression)
        except (SyntaxError, ValueError, RecursionError):
            return  # reported where the maps are made
        used = {each.id for each in _names(tree)}
        bound = {each.id for each in _names(tree) if isinstance(each.ctx, ast.Store)}
        known = self._fields | NAMES | function_names() | bound
        for name in sorted(used - known):
            hint = did_you_mean(name, known, f"--discover lists the fields of {self._stream}")
            yield f"{place} uses {safe_name(name)}, which is no field or function; {hint}"
        for name in sorted(_items(tree) - self._fields):
            yield self._no_field(place, name)
        if field not in self._fields and (near := self._near(field)) in used:
            yield (
                f"{place} adds a field beside `{near}`, which stays as it is: did you mean "
                f"`{near}`? If not, choose a name that is less like it"
            )

    def _near(self, field: str) -> str | None:
        """Return the field that another name is a misspelling of, unless that has a rule too."""
        for near in get_close_matches(field, self._fields, n=1, cutoff=_ALIKE):
            is_numbered = field.startswith(near) and field[len(near) :].strip("_").isdecimal()
            if not is_numbered and near not in self._rules:
                return near
        return None

    def _no_field(self, place: str, name: str) -> str:
        hint = did_you_mean(name, self._fields, f"--discover lists the fields of {self._stream}")
        return f"{place}: {self._stream} has no field {safe_name(name)}; {hint}"


def _names(tree: ast.AST) -> Iterator[ast.Name]:
    return (each for each in ast.walk(tree) if isinstance(each, ast.Name))


def _items(tree: ast.AST) -> set[str]:
    """Return the fields that an expression takes from the record by ``record["field"]``."""
    found = set[str]()
    for node in ast.walk(tree):
        match node:
            case (
                ast.Subscript(
                    value=ast.Name(id="record" | "_"), slice=ast.Constant(value=str(field))
                )
                | ast.Call(
                    func=ast.Attribute(value=ast.Name(id="record" | "_"), attr="get"),
                    args=[ast.Constant(value=str(field)), *_],
                )
            ):
                found.add(field)
    return found


def _shown(name: str) -> str:
    """Return a name as it is, or in quotes if it could be mistaken for something else."""
    return name if name.isascii() and name.isprintable() and "`" not in name else safe_name(name)
