"""Reads the state and the catalog, and checks their structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib import Catalog

from tap_voicecalls.common.safe_text import safe_name
from tap_voicecalls.settings.json_file import read_object, refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    Object = dict[str, Any]

_MARKERS = "progress_markers"  # of the SDK
_REMEDY = "create it again with --discover"


def read_state(path: str) -> Object:
    """Read a state in Singer's format or that of ``meltano state get``.

    Raises:
        ConfigValidationError: The file is not a state.
    """
    state = read_object(path, "--state")
    if "singer_state" in state and "bookmarks" not in state:
        state = state["singer_state"]
    for problem in _problems_of_state(state):
        refuse(f"`--state`: {path} is not a state: {problem}")
    return state


def read_catalog(path: str) -> Object:
    """Read a catalog.

    Raises:
        ConfigValidationError: The file is not a catalog.
    """
    catalog = read_object(path, "--catalog")
    for problem in _problems_of_catalog(catalog):
        refuse(f"`--catalog`: {path} is not a catalog: {problem}; {_REMEDY}")
    try:
        Catalog.from_dict(catalog)
    except (AttributeError, KeyError, TypeError, ValueError):
        refuse(f"`--catalog`: {path} is not a catalog: a schema in it cannot be read; {_REMEDY}")
    return catalog


def unknown_labels(
    state: Mapping[str, Any], streams: Collection[str], known: Collection[str]
) -> list[str]:
    """Return the accounts that have bookmarks in a state, but are not configured.

    Args:
        state: The state.
        streams: The streams of a provider.
        known: The labels of its accounts.
    """
    labels = (
        partition["context"].get("account")
        for stream, bookmark in state.get("bookmarks", {}).items()
        for partition in bookmark.get("partitions", ())
        if stream in streams
    )
    return sorted({safe_name(label) for label in labels if label not in known})


def _problems_of_state(state: Any) -> Iterator[str]:  # noqa: ANN401 - JSON is any value
    if not isinstance(state, dict):
        yield "`singer_state` must be an object"
        return
    if state and not {"bookmarks", "currently_syncing"} & state.keys():
        yield "it has no `bookmarks`; if it is a STATE message, use its `value`"
        return
    bookmarks = state.get("bookmarks", {})
    if not isinstance(bookmarks, dict):
        yield "`bookmarks` must be an object"
        return
    for stream, bookmark in bookmarks.items():
        place = f"the bookmark of {safe_name(stream)}"
        if not isinstance(bookmark, dict):
            yield f"{place} must be an object"
        elif not isinstance(bookmark.get(_MARKERS, {}), dict):
            yield f"`{_MARKERS}` in {place} must be an object"
        elif not isinstance(partitions := bookmark.get("partitions", []), list):
            yield f"`partitions` in {place} must be a list"
        else:
            yield from _problems_of_partitions(partitions, place)


def _problems_of_partitions(partitions: list[Any], place: str) -> Iterator[str]:
    contexts: list[Any] = []
    for index, partition in enumerate(partitions):
        context = partition.get("context") if isinstance(partition, dict) else None
        if not isinstance(context, dict):
            yield f"`partitions[{index}]` in {place} must be an object with an object `context`"
        elif not isinstance(partition.get(_MARKERS, {}), dict):
            yield f"`{_MARKERS}` of `partitions[{index}]` in {place} must be an object"
        elif context in contexts:
            yield f"`partitions[{index}]` in {place} has the same context as an earlier partition"
        contexts.append(context)


def _problems_of_catalog(catalog: Object) -> Iterator[str]:
    streams = catalog.get("streams")
    if not isinstance(streams, list) or not streams:
        yield "`streams` must be a list of streams" if streams != [] else "it has no streams"
        return
    for index, stream in enumerate(streams):
        place = f"`streams[{index}]"
        if not isinstance(stream, dict):
            yield f"{place}` must be an object"
            continue
        if not isinstance(stream.get("tap_stream_id"), str):
            yield f"{place}.tap_stream_id` must be the name of a stream"
        elif stream.get("stream") not in {None, stream["tap_stream_id"]}:
            yield f"{place}.stream` must be its `tap_stream_id`; to rename it, use `stream_maps`"
        if not isinstance(schema := stream.get("schema"), dict) or not isinstance(
            schema.get("properties"), dict
        ):
            yield f"{place}.schema` must be an object with `properties`"
        if not _is_list_of_strings(stream.get("key_properties") or []):
            yield f"{place}.key_properties` must be a list of field names"
        if not all(map(_is_metadata, _as_list(stream.get("metadata", [])))):
            yield f"{place}.metadata` must be a list of objects with `breadcrumb` and `metadata`"


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 - JSON is any value
    return value if isinstance(value, list) else [value]


def _is_list_of_strings(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_metadata(entry: Any) -> bool:  # noqa: ANN401 - JSON is any value
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("breadcrumb"), list)
        and isinstance(entry.get("metadata"), dict)
    )
