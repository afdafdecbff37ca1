"""Removes secrets from records, before anything else sees them. Pure.

Some records hold keys of other services, such as the configuration of an assistant. Fields are
removed by their name, at any depth, however it is spelled, and credentials in addresses as well.
"""

from __future__ import annotations

import re
from typing import Any

from tap_voicecalls.records.raw_json import RawJson, decode
from tap_voicecalls.records.record_type import encode

REMOVED = "[removed: secret]"
"""What is written in the place of a secret."""

# Parts of names, in lower case and without separators: `llm_api_key`, `apiKeys`, `X-Api-Key`.
_PARTS = (
    "apikey",
    "accesskey",
    "privatekey",
    "secretkey",
    "signingkey",
    "encryptionkey",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "credential",
    "authorization",
    "authtoken",
    "accesstoken",
    "refreshtoken",
    "bearertoken",
    "sessiontoken",
    "apitoken",
)
# Endings of names: `custom_headers`.
_ENDINGS = ("headers", "token", "cookie", "cookies")
# Whole names: `key` alone is too common.
_NAMES = {"auth", "jwt", "header", "basicauth", "apisid", "bearer"}
_SEPARATORS = re.compile(r"[\W_]+")
# https://user:password@host, and ?api_key=… in an address.
_USER = re.compile(r"(://)[^/\s@\"]+@")
_PARAMETER = re.compile(
    r"([?&][\w.-]*(?:key|token|secret|password|signature|credential|auth)[\w.-]*=)[^&#\s\"]+",
    re.IGNORECASE,
)


def without_secrets(records: RawJson) -> RawJson:
    """Return records as sent, without the secrets inside them."""
    return RawJson(encode(_cleaned(decode(bytes(records)))))


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
    if isinstance(value, dict):
        return {
            name: REMOVED if _is_secret(name) and _holds(content) else _cleaned(content)
            for name, content in value.items()
        }
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return (
        _PARAMETER.sub(_removed, _USER.sub(_removed_user, value))
        if isinstance(value, str)
        else value
    )


def _is_secret(name: str) -> bool:
    plain = _SEPARATORS.sub("", name).lower()
    return plain in _NAMES or plain.endswith(_ENDINGS) or any(part in plain for part in _PARTS)


def _holds(content: object) -> bool:
    """Return whether a value may be a secret; whether there is one is not."""
    return content is not None and not isinstance(content, bool)


def _removed(match: re.Match[str]) -> str:
    return f"{match[1]}{REMOVED}"


def _removed_user(match: re.Match[str]) -> str:
    return f"{match[1]}{REMOVED}@"
