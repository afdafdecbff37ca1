"""The SDK's setting `batch_config`, checked before anything is read for it."""

from __future__ import annotations

from copy import deepcopy
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tap_voicecalls.output.sdk_hooks.stream import BatchConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def problems(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the batches that are asked for, in one line."""
    if not (given := settings.get("batch_config")):
        return
    try:
        config = BatchConfig.from_dict(deepcopy(given))
        file_format, root = config.encoding.format, given["storage"]["root"]
    except (AttributeError, KeyError, TypeError):
        yield (
            "`batch_config` must have an `encoding` with a `format` and a `storage` with a `root`, "
            "and may have a `batch_size`"
        )
        return
    if file_format == "parquet" and find_spec("pyarrow") is None:
        yield "`batch_config.encoding.format` is parquet, which needs pyarrow: install it as well"
    if wrong := _wrong(root):
        yield f"`batch_config.storage.root` cannot be used: {wrong}"


def _wrong(root: str) -> str:
    fsspec = import_module("fsspec")  # takes time, and is rarely needed

    try:
        fsspec.get_filesystem_class(fsspec.utils.get_protocol(root))
    except (ImportError, ValueError) as error:  # which names a package to install, or the protocol
        return str(error)
    return ""
