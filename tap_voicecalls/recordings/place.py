"""Where a recording is stored: folder and file name. Pure."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.recording import Recording

CHECKSUMS = "SHA256SUMS"
"""The file of a folder with the hashes of its recordings, as `sha256sum --check` reads it."""

_LONGEST = 100  # characters of a part of a name; file systems allow 255 bytes
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+|\.+")
_UNDATED = "undated"
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,60}", re.ASCII)
_EXTENSIONS: Mapping[str, str] = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/mpeg3": "mp3",
    "audio/wav": "wav",
    "audio/wave": "wav",
    "audio/x-wav": "wav",
    "audio/vnd.wave": "wav",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/webm": "webm",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/x-m4a": "m4a",
    "audio/aac": "aac",
    "audio/basic": "au",
    "video/mp4": "mp4",
    "video/webm": "webm",
}
_MEDIA_TYPES: Mapping[str, str] = {
    extension: media_type for media_type, extension in reversed(list(_EXTENSIONS.items()))
}
_OTHER = "bin"


def folder_of(recording: Recording) -> str:
    """Return the folder of a recording below the root: provider, account, and day of the call."""
    day = (recording.call_started_at or "")[:10]
    date = day.replace("-", "/") if day else _UNDATED
    return f"{safe(recording.provider)}/{safe(recording.account)}/{date}"


def stem_of(recording: Recording) -> str:
    """Return the file name of a recording without its extension."""
    return f"{safe(recording.call_id)}-{safe(recording.recording)}"


def safe(name: str | None) -> str:
    """Return a name as a part of a path: distinct names stay distinct, whatever they contain."""
    text = name or ""
    plain = _UNSAFE.sub("_", text)[:_LONGEST]
    if plain == text and plain:
        return plain
    return f"{plain}_{sha256(text.encode()).hexdigest()[:8]}"


def plain_media_type(content_type: str | None) -> str | None:
    """Return the media type of a Content-Type header, without parameters; None if it has none."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    return media_type if _MEDIA_TYPE.fullmatch(media_type) else None


def extension_of(media_type: str | None, url: str | None) -> str:
    """Return the extension for a file, by its media type or else by its link."""
    if media_type and (known := _EXTENSIONS.get(media_type)):
        return known
    suffix = urlsplit(url or "").path.rpartition(".")[2].lower()
    return suffix if suffix in _MEDIA_TYPES else _OTHER


def media_type_of(file_name: str) -> str | None:
    """Return the media type of a stored file; None if its extension does not tell it."""
    return _MEDIA_TYPES.get(file_name.rpartition(".")[2])
