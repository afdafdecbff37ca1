"""When a link expires, by what the link itself says. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tap_voicecalls.common.times import EPOCH, parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping

_BASIC = "%Y%m%dT%H%M%SZ"


def expiry_of(url: str) -> datetime | None:
    """Return when a signed link expires; None if it does not say so.

    Known are the signatures of Amazon S3 and what speaks like it, Google Cloud Storage, CloudFront
    and Azure Blob Storage.
    """
    try:
        query = {name.lower(): text[0] for name, text in parse_qs(urlsplit(url).query).items()}
        return _signed(query, "x-amz-") or _signed(query, "x-goog-") or _absolute(query)
    except (ValueError, OverflowError):
        return None


def _signed(query: Mapping[str, str], prefix: str) -> datetime | None:
    date, seconds = query.get(f"{prefix}date"), query.get(f"{prefix}expires")
    if date is None or seconds is None:
        return None
    return datetime.strptime(date, _BASIC).replace(tzinfo=UTC) + timedelta(seconds=int(seconds))


def _absolute(query: Mapping[str, str]) -> datetime | None:
    if (text := query.get("expires")) is not None:
        return EPOCH + timedelta(seconds=int(text))
    if (text := query.get("se")) is not None:
        return parse_time(text)
    return None
