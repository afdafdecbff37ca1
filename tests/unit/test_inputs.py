"""State and catalog: an error in a file is one line that says which file, what and where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_voicecalls.settings.inputs import read_catalog, read_state, unknown_labels

if TYPE_CHECKING:
    from pathlib import Path

BOOKMARK = {"context": {"account": "berlin"}, "replication_key_value": "2026-01-05T00:00:00Z"}
STATE = {"bookmarks": {"burki_calls": {"partitions": [BOOKMARK]}, "calls": {}}}
STREAM = {
    "tap_stream_id": "burki_calls",
    "schema": {"properties": {"id": {"type": "integer"}}},
    "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
}
OBJECT = " with an object `context`"
WRONG_METADATA: list[Any] = [5, {}, [5], [{"breadcrumb": []}], [{"breadcrumb": 1, "metadata": {}}]]


@pytest.mark.parametrize("content", [STATE, {"singer_state": STATE}, {}, {"singer_state": {}}])
def test_states_of_singer_and_meltano_are_read(content: dict[str, Any], tmp_path: Path) -> None:
    """Without support for `meltano state get`, its output would count as an empty state."""
    file = tmp_path / "state.json"
    file.write_text(json.dumps(content), encoding="utf-8")

    assert read_state(str(file)) == content.get("singer_state", content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", " is empty: it must hold a JSON object"),
        ("[]", " must hold a JSON object, not a list"),
        ('{"bookmarks": {}', " is not valid JSON: line 1, column 17: Expecting ',' delimiter"),
        ('{"singer_state": []}', " is not a state: `singer_state` must be an object"),
        ('{"bookmarks": []}', " is not a state: `bookmarks` must be an object"),
        ('{"bookmarks": {"a": 1}}', " is not a state: the bookmark of 'a' must be an object"),
        (
            '{"bookmarks": {"a\\n": {"partitions": {}}}}',
            r" is not a state: `partitions` in the bookmark of 'a\n' must be a list",
        ),
        (
            '{"bookmarks": {"a": {"partitions": [{}]}}}',
            " is not a state: `partitions[0]` in the bookmark of 'a' must be an object" + OBJECT,
        ),
        (
            '{"bookmarks": {"a": {"partitions": [{"context": {}}, {"context": {}}]}}}',
            (
                " is not a state: `partitions[1]` in the bookmark of 'a' has the same context"
                " as an earlier partition"
            ),
        ),
    ],
)
def test_an_invalid_state_is_one_clear_line(content: str, expected: str, tmp_path: Path) -> None:
    """An invalid state is neither a traceback nor an empty state."""
    file = tmp_path / "state.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(ConfigValidationError) as caught:
        read_state(str(file))
    assert caught.value.errors == [f"`--state`: {file}{expected}"]


def test_a_folder_is_not_a_state(tmp_path: Path) -> None:
    """The error contains the path and the reason of the system."""
    with pytest.raises(ConfigValidationError, match=r"`--state`: .* cannot be read: Is a dir"):
        read_state(str(tmp_path))


def test_a_valid_catalog_is_returned_unchanged(tmp_path: Path) -> None:
    """The checks do not change a catalog."""
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps({"streams": [STREAM]}), encoding="utf-8")

    assert read_catalog(str(file)) == {"streams": [STREAM]}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, "`streams` must be a list of streams"),
        ({"streams": {}}, "`streams` must be a list of streams"),
        ({"streams": []}, "it has no streams"),
        ({"streams": ["burki_calls"]}, "`streams[0]` must be an object"),
        (
            {"streams": [STREAM, STREAM | {"tap_stream_id": 1}]},
            "`streams[1].tap_stream_id` must be the name of a stream",
        ),
        (
            {"streams": [STREAM | {"schema": None}]},
            "`streams[0].schema` must be an object with `properties`",
        ),
        (
            {"streams": [STREAM | {"schema": {"properties": {"id": 5}}}]},
            "a schema in it cannot be read",
        ),
        (
            {"streams": [STREAM | {"key_properties": "id"}]},
            "`streams[0].key_properties` must be a list of field names",
        ),
        *(
            (
                {"streams": [STREAM | {"metadata": wrong}]},
                "`streams[0].metadata` must be a list of objects with `breadcrumb` and `metadata`",
            )
            for wrong in WRONG_METADATA
        ),
    ],
)
def test_an_invalid_catalog_is_one_clear_line(
    content: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    """An invalid catalog is neither a traceback nor a run that reads nothing."""
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(ConfigValidationError) as caught:
        read_catalog(str(file))
    assert caught.value.errors == [
        f"`--catalog`: {file} is not a catalog: {expected}; create it again with --discover"
    ]


def test_each_unconfigured_label_is_returned_once() -> None:
    """A renamed account has old bookmarks in several streams."""
    partitions = [{"context": {"account": label}} for label in ("old", "berlin", "x\n")]
    state = {
        "bookmarks": {
            name: {"partitions": partitions} for name in ("voicy_calls", "voicy_call_details", "z")
        }
    }

    found = unknown_labels(state, ["voicy_calls", "voicy_call_details"], ["berlin"])
    assert found == ["'old'", r"'x\n'"]
