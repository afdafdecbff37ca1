"""What every stream schema keeps to, whichever provider it describes."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import tap_voicecalls

Node = dict[str, Any]

PERSONAL = {"phone_number", "transcript", "recording_url", "free_text", "customer_data"}


def _unique(pairs: list[tuple[str, Any]]) -> Node:
    """Build an object, refusing a name that is there twice.

    Args:
        pairs: The names and values of one JSON object, as they stand in the file.

    Returns:
        The object.

    Raises:
        ValueError: If a name occurs more than once.
    """
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        message = f"names that occur twice in one object: {twice}"
        raise ValueError(message)
    return dict(pairs)


ROOT = Path(tap_voicecalls.__file__).parent
TEXTS = {
    file.stem: file.read_text(encoding="utf-8") for file in sorted(ROOT.glob("**/schemas/*.json"))
}

SCHEMAS = {name: json.loads(text, object_pairs_hook=_unique) for name, text in TEXTS.items()}
# Their rows are of all providers.
COMMON = ("calls", "call_turns", "call_costs", "call_recordings")

each_schema = pytest.mark.parametrize(
    "schema", [pytest.param(schema, id=name) for name, schema in SCHEMAS.items()]
)
each_providers_schema = pytest.mark.parametrize(
    "schema",
    [pytest.param(schema, id=name) for name, schema in SCHEMAS.items() if name not in COMMON],
)


def _types(node: Node) -> set[str]:
    """Give the types that a schema node allows.

    Args:
        node: A schema node.

    Returns:
        The names of its types, empty if it names none.
    """
    types = node.get("type", [])
    return {types} if isinstance(types, str) else set(types)


def _properties(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Walk every property, inside objects and array items too.

    Args:
        node: The schema node to walk.
        path: Where the node stands, for messages.

    Yields:
        The path and the schema of each property.
    """
    for name, child in node.get("properties", {}).items():
        yield f"{path}{name}", child
        yield from _properties(child, f"{path}{name}.")
    if "items" in node:
        yield from _properties(node["items"], f"{path.removesuffix('.')}[].")


def _objects(node: Node) -> Iterator[Node]:
    """Walk every node that declares properties.

    Args:
        node: The schema node to walk.

    Yields:
        Each object node, the given one first.
    """
    if "properties" in node:
        yield node
    for child in [
        *node.get("properties", {}).values(),
        *([node["items"]] if "items" in node else []),
    ]:
        yield from _objects(child)


def _columns(node: Node, prefix: str = "") -> Iterator[str]:
    """Name the columns that a flattening target makes.

    Args:
        node: The schema node to flatten.
        prefix: The names of the objects around it.

    Yields:
        The name of each column; an array stays one column.
    """
    for name, child in node.get("properties", {}).items():
        if child.get("properties"):
            yield from _columns(child, f"{prefix}{name}__")
        else:
            yield f"{prefix}{name}"


def test_every_provider_has_a_schema() -> None:
    """Each provider stream has a schema file, so that the suite below cannot run over nothing."""
    assert TEXTS.keys() >= {
        "vonage_voice_reports",
        "voicy_calls",
        "voicy_call_details",
        "telnyx_call_reports",
        "telnyx_detail_records",
        "burki_calls",
        "ovia_calls",
        *COMMON,
    }


@each_schema
def test_schema_is_valid(schema: Node) -> None:
    """A schema is valid JSON Schema, draft 2020-12, of an object with a description."""
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert schema["description"].strip()


@each_schema
def test_every_property_has_type_and_description(schema: Node) -> None:
    """A property, nested or not, says what it is in types and in words."""
    bare = [
        path
        for path, node in _properties(schema)
        if not _types(node) - {"null"} or not str(node.get("description", "")).strip()
    ]
    assert bare == []


@each_schema
def test_every_array_says_what_it_holds(schema: Node) -> None:
    """An array that is nothing but an array has items of a stated type."""
    bare = [
        path
        for path, node in _properties(schema)
        if _types(node) - {"null"} == {"array"} and not _types(node.get("items", {}))
    ]
    assert bare == []


@each_schema
def test_objects_in_arrays_are_open(schema: Node) -> None:
    """Fields that nobody declared stay in such an object, and targets drop what is not allowed."""
    closed = [
        path
        for path, node in _properties(schema)
        if (items := node.get("items", {})) and "object" in _types(items)
        # A target that is built on the SDK fails on an object without properties.
        if not ("properties" in items and items.get("additionalProperties") is True)
    ]
    assert closed == []


@each_schema
def test_only_the_key_is_not_nullable(schema: Node) -> None:
    """The key fields refuse null, and so do vocabularies without null, but no others."""
    not_nullable = {path for path, node in _properties(schema) if "null" not in _types(node)}
    vocabularies = {
        path for path, node in _properties(schema) if "enum" in node and None not in node["enum"]
    }
    assert not_nullable == set(schema["required"]) | vocabularies


@each_schema
def test_key_is_scalar(schema: Node) -> None:
    """A key is made of strings and integers."""
    assert all(
        _types(schema["properties"][name]) in ({"string"}, {"integer"})
        for name in schema["required"]
    )


@each_providers_schema
def test_key_begins_with_the_account(schema: Node) -> None:
    """Two accounts that number their calls alike do not overwrite each other's rows."""
    assert schema["required"][0] == "account"


@pytest.mark.parametrize("name", COMMON)
def test_key_of_common_streams_begins_with_provider_and_account(name: str) -> None:
    """Nor do two providers, where the calls of all share a table; the key opens the record."""
    schema = SCHEMAS[name]
    assert schema["required"][:3] == ["provider", "account", "call_id"]
    assert list(schema["properties"])[: len(schema["required"])] == schema["required"]


@each_schema
def test_date_time_is_a_string(schema: Node) -> None:
    """A time is a string, and nothing else but null."""
    wrong = [
        path
        for path, node in _properties(schema)
        if node.get("format") == "date-time" and _types(node) - {"null"} != {"string"}
    ]
    assert wrong == []


@each_providers_schema
def test_fields_of_the_tap_stand_first_and_last(schema: Node) -> None:
    """The account's label opens the record and the object of additional fields closes it."""
    names = list(schema["properties"])
    assert (names[0], names[-1]) == ("account", "additional_fields")
    assert _types(schema["properties"]["account"]) == {"string"}
    assert _types(schema["properties"]["additional_fields"]) == {"object", "null"}


@each_schema
def test_names_differ_by_more_than_case(schema: Node) -> None:
    """Two properties of an object, or two columns after flattening, never fold into one name."""
    siblings = [list(node["properties"]) for node in _objects(schema)]
    for names in [*siblings, list(_columns(schema))]:
        folded = Counter(name.casefold() for name in names)
        assert [name for name, count in folded.items() if count > 1] == []


@each_schema
def test_column_names_fit_every_target(schema: Node) -> None:
    """A column name, flattened, is at most 63 bytes: PostgreSQL would cut a longer one."""
    assert [name for name in _columns(schema) if len(name.encode()) > 63] == []


@each_schema
def test_personal_marks_come_from_the_vocabulary(schema: Node) -> None:
    """A mark of personal data is one of the five that users are told to look for."""
    described = (str(node["description"]) for _, node in _properties(schema))
    marks = {mark for text in described for mark in re.findall(r"\[personal: (.*)\]$", text)}
    assert marks <= PERSONAL


@pytest.mark.parametrize("name", TEXTS)
def test_file_is_formatted(name: str) -> None:
    """A schema file has two-space indentation and one final newline."""
    text = TEXTS[name]
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
