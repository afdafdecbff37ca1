"""What the settings ask for to be done with personal data."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.phone import e164
from tap_voicecalls.records.personal_data import Protection, keyed_hash

if TYPE_CHECKING:
    from collections.abc import Mapping


def protection_of(
    schema: Mapping[str, Any], config: Mapping[str, Any], *, bare: bool = False
) -> Protection | None:
    """Return what protects the records of a stream; None if personal data is kept.

    Args:
        schema: The schema of the stream.
        config: The settings.
        bare: Whether the stream's numbers are written without their plus.
    """
    match config["personal_data"]:
        case "hash":
            normal = partial(e164, bare=bare)
            return Protection(schema, keyed_hash(config["personal_data_key"], normal))
        case "drop":
            return Protection(schema, None)
        case _:
            return None
