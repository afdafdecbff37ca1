"""What the rows of one account are made with in one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from tap_voicecalls.records.conform import Conformer
    from tap_voicecalls.records.decimal_text import DecimalTexts
    from tap_voicecalls.records.personal_data import Protection


@dataclass(frozen=True, slots=True)
class RowContext:
    """What the rows of one account are made with; made before any threads that share it.

    Attributes:
        label: The account's label.
        lookback: How far before its bookmark a run starts reading.
        mutable_since: Calls that ended after this time may still change.
        conform: Makes records fit the stream's schema.
        protect: Hashes or removes personal data; None to keep it.
        write_decimals: Writes numbers as text; None to keep them.
    """

    label: str
    lookback: timedelta
    mutable_since: str
    conform: Conformer
    protect: Protection | None
    write_decimals: DecimalTexts | None = None
