"""Settings from several sources, merged and in one form: no nulls, plain numbers, stripped keys."""

from __future__ import annotations

import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_voicecalls.settings.only import ONLY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_voicecalls.providers.base import Provider

    Settings = dict[str, Any]

RECORDINGS = "recordings"
"""The setting of the archive of recordings."""


def merge(below: Settings, above: Settings) -> Settings:
    """Merge settings; ``above`` overrides ``below``, and objects are merged by name."""
    merged = {**below, **above}
    for name in below.keys() & above.keys():
        if isinstance(below[name], dict) and isinstance(above[name], dict):
            merged[name] = {**below[name], **above[name]}
    return merged


def strip_keys(settings: Settings, providers: Iterable[type[Provider]]) -> None:
    """Strip white space around keys and addresses, such as the newline of a mounted file."""
    for provider in providers:
        for _, own in provider_objects(settings, provider):
            for name in (*provider.secrets, "base_url"):
                if isinstance(text := own.get(name), str):
                    own[name] = text.strip()


def complete_batches(settings: Settings) -> None:
    """Write the setting `batch_config` as the SDK's targets have to be told of it.

    They find no file if the folder is a path with a space or another sign that URLs encode, and
    take a file for plain text unless its compression is named.
    """
    match settings.get("batch_config"):
        case {"storage": {"root": str(root)} as storage, **others} if root and "://" not in root:
            path = Path(os.path.expanduser(root)).absolute()  # noqa: PTH111 - keeps unknown users
            storage = {**storage, "root": f"file://{path.as_posix()}"}
            settings["batch_config"] = {**others, "storage": storage}
    match settings.get("batch_config"):
        case {"encoding": {"format": "jsonl", **more}, **others} if more.get("compression") is None:
            encoding = {"format": "jsonl", **more, "compression": "gzip"}
            settings["batch_config"] = {**others, "encoding": encoding}


def provider_objects(
    settings: Settings, provider: type[Provider]
) -> Iterator[tuple[str, Settings]]:
    """Yield a provider's settings object and those of its accounts, each with its path."""
    own = settings.get(provider.name)
    if not isinstance(own, dict):
        return
    yield provider.name, own
    accounts = own.get("accounts")
    for index, account in enumerate(accounts if isinstance(accounts, list) else ()):
        if isinstance(account, dict):
            yield f"{provider.name}.accounts[{index}]", account


def plain_settings(settings: Mapping[str, Any], providers: Iterable[type[Provider]]) -> Settings:
    """Return a copy without nulls, and with plain numbers.

    The objects of the SDK's own settings, such as stream maps, stay as they are: nulls in them
    have a meaning.
    """
    names = {ONLY, RECORDINGS, *(provider.name for provider in providers)}
    return {
        name: _plain(value) if name in names or not isinstance(value, dict) else value
        for name, value in settings.items()
        if value is not None
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
    """Drop nulls, since a null setting counts as missing, and convert numbers."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _plain_number(value)
    return value


def _plain_number(value: float | Decimal) -> float | str:
    """Return an integer if the value is whole, such as 8.0, and a float otherwise.

    The SDK reads fractions as decimals, which do not mix with floats. Infinity, NaN and numbers
    beyond a float become text, which the checks then reject.
    """
    if not -sys.float_info.max <= value <= sys.float_info.max:
        return str(value)
    return int(value) if value == int(value) else float(value)
