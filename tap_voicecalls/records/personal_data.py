"""Hashes or removes personal data, by the marks in the schemas. Pure.

A mark ends the description of a field: ``[personal: phone_number]``. A field inside a marked object
or array goes with it.
"""

from __future__ import annotations

import hmac
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.json_types import types_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_voicecalls.records.record_type import Record

    Change = Callable[[Any], Any]

PHONE_NUMBER = "phone_number"
"""The mark of numbers, SIP addresses and user names: what is hashed, and not removed."""

_MARK = re.compile(r"\[personal: (\w+)\]$")
_REMEMBERED = 2**14  # hashes: some 4 MB


class Protection:
    """Protects the records of one schema, in place.

    Args:
        schema: The schema.
        hashed: Hashes a phone number; None to remove it like everything else.
    """

    def __init__(
        self, schema: Mapping[str, Any], hashed: Callable[[str], str | None] | None
    ) -> None:
        self._hashed = hashed
        self._changes = list(self._changes_of(schema["properties"]).items())

    def __call__(self, record: Record) -> None:
        """Hash or remove what a record has of people."""
        for name, change in self._changes:
            value = getattr(record, name)
            if value is not None:
                setattr(record, name, change(value))

    def _changes_of(self, properties: Mapping[str, Any]) -> dict[str, Change]:
        found = {name: self._change(field) for name, field in properties.items()}
        return {name: change for name, change in found.items() if change}

    def _change(self, field: Mapping[str, Any]) -> Change | None:
        """Return what is done to a field; None if it holds nothing of people."""
        if mark := mark_of(field):
            is_hashed = mark == PHONE_NUMBER and set(types_of(field)) <= {"string", "null"}
            return self._hashed if self._hashed and is_hashed else _removed
        if inner := field.get("properties"):
            return self._within(self._changes_of(inner))
        if inner := field.get("items", {}).get("properties"):
            return self._within_each(self._changes_of(inner))
        return None

    @staticmethod
    def _within(changes: Mapping[str, Change]) -> Change | None:
        def change(value: Any) -> Any:  # noqa: ANN401 - a record's own object
            for name, apply in changes.items():
                if (content := getattr(value, name)) is not None:
                    setattr(value, name, apply(content))
            return value

        return change if changes else None

    @staticmethod
    def _within_each(changes: Mapping[str, Change]) -> Change | None:
        def change(value: list[Any]) -> list[Any]:
            return [_changed(item, changes) for item in value]

        return change if changes else None


def mark_of(field: Mapping[str, Any]) -> str | None:
    """Return the mark of a field, such as transcript; None if it has none."""
    found = _MARK.search(field.get("description", ""))
    return found[1] if found else None


def keyed_hash(key: str, normal: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Return a function that hashes phone numbers with HMAC-SHA-256, in hexadecimal.

    Args:
        key: The key.
        normal: Returns the normal form of a number, so that each caller has one hash, however a
            provider writes numbers; None if the number is withheld.
    """
    secret = key.encode()

    @lru_cache(maxsize=_REMEMBERED)
    def hashed(text: str) -> str | None:
        number = normal(text)
        return None if number is None else hmac.digest(secret, number.encode(), "sha256").hex()

    return hashed


def _removed(_: object) -> None:
    """Remove a value."""


def _changed(item: Any, changes: Mapping[str, Change]) -> Any:  # noqa: ANN401 - JSON is any value
    if not isinstance(item, dict):
        return item
    return {
        name: changes[name](content) if name in changes and content is not None else content
        for name, content in item.items()
    }
