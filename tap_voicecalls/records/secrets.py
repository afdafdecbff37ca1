"""Removes secrets from records, before anything else sees them. Pure.

Some records hold keys of other services, such as the configuration of an assistant. Fields are
removed by their name, at any depth, however it is spelled, and credentials in addresses as well.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tap_voicecalls.records.raw_json import RawJson, decode
from tap_voicecalls.records.record_type import encode

if TYPE_CHECKING:
    from collections.abc import Collection

REMOVED = "[removed: secret]"
"""What is written in the place of a secret."""

_REMEMBERED = 2**12  # names of fields; users' variables have any name
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
    "openaikey",
    "subscriptionkey",
)
# Endings of names: `custom_headers`.
_ENDINGS = ("headers", "token", "cookie", "cookies")
# Whole names: `key` alone is too common. Whoever has the next addresses can listen to a running
# call of Vapi, steer or join it; the last one is what is sent to a user's own language model.
_NAMES = {"auth", "jwt", "pwd", "gcpkey", "header", "basicauth", "apisid", "bearer"} | {
    "listenurl",
    "controlurl",
    "callurl",
    "callsipuri",
    "webcallurl",
    "customllmextrabody",
}
# They have a word of a secret in their name, and are none.
_NO_SECRETS = {"credentialid", "credentialids", "authorizationmethod"}
_SIGNED = "presigned"
# Lists of variables and headers: the name is a value, and its content stands beside it. The
# longer names are those of changes of variables of ElevenLabs.
_NAMED = ("name", "key", "variable_name")
_VALUES = {"value", "old_value", "new_value"}
_JSON = {"{", "["}
_SEPARATORS = re.compile(r"[\W_]+")
# JSON within words, or cut off: "name": " with any quotes and backslashes before them.
_KEY = re.compile(r"""(\\{0,8}["'])([^"'\\]{1,64})\1\s{0,8}:\s{0,8}\1""")
_BEARER = re.compile(r"(\b(?:Bearer|Basic)\s+)[\w.~+/=-]{12,}", re.IGNORECASE)
# x-api-key: … and api_key=…, as in a command or a header; not what a caller says of a key.
_ASSIGNED = re.compile(
    r"((?:api[-_]?key|access[-_]?token|auth[-_]?token|client[-_]?secret)\s?[:=]\s?)[\w.~+/=-]{12,}",
    re.IGNORECASE,
)
# https://user:password@host, and ?api_key=… in an address.
_USER = re.compile(r"(://)[^/\s@\"]+@")
# The word is looked for ahead and the name taken as a whole, so that the time grows with the text,
# and not with its square.
_PARAMETER = re.compile(
    r"([?&#](?=[\w.-]*(?:key|token|secret|password|signature|credential|auth|sig=))[\w.-]*+=)"
    r"[^&#\s\"]+",
    re.IGNORECASE,
)


def without_secrets(records: RawJson, signed: Collection[str] = ()) -> RawJson:
    """Return records as sent, without the secrets inside them.

    Args:
        records: The array of records.
        signed: Names of fields whose addresses are of no use without their signature, such as links
            to recordings; at any depth. Those that are called `presigned` are kept as well.
    """
    return RawJson(encode(_cleaned(decode(bytes(records)), signed)))


def _cleaned(value: Any, signed: Collection[str], *, is_signed: bool = False) -> Any:  # noqa: ANN401 - JSON is any value
    if isinstance(value, dict):
        named = [value.get(name) for name in _NAMED]
        in_values = any(isinstance(name, str) and _is_secret(name) for name in named)
        return {
            name: REMOVED
            if (_is_secret(name) or (in_values and name in _VALUES)) and _holds(content)
            else _cleaned(content, signed, is_signed=name in signed or name.startswith(_SIGNED))
            for name, content in value.items()
        }
    if isinstance(value, list):
        return [_cleaned(item, signed, is_signed=is_signed) for item in value]
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] in _JSON:
        return _cleaned_json(value, signed)
    return _cleaned_text(value, is_signed=is_signed)


def _cleaned_json(text: str, signed: Collection[str]) -> str:
    """Clean JSON in a text, such as the arguments of a tool; unchanged if there is no secret."""
    try:
        inner = decode(text.encode())
        cleaned = _cleaned(inner, signed)
    except (ValueError, RecursionError):  # a text that only begins like JSON
        return _cleaned_text(text)
    return text if cleaned == inner else encode(cleaned).decode()


def _cleaned_text(text: str, *, is_signed: bool = False) -> str:
    """Clean what is no JSON as a whole: addresses, and JSON behind or between other words."""
    plain = _without_fields(text) if ":" in text else text
    plain = _BEARER.sub(_removed, _USER.sub(_removed_user, plain))
    if is_signed:
        return plain
    plain = _PARAMETER.sub(_removed, plain)
    return _ASSIGNED.sub(_removed, plain) if _may_assign(plain) else plain


def _may_assign(text: str) -> bool:
    """Return whether to look for an assigned key: most texts name none, which is quickly seen."""
    if ":" not in text and "=" not in text:
        return False
    lower = text.lower()
    return any(word in lower for word in ("key", "token", "secret"))


@lru_cache(maxsize=_REMEMBERED)
def _is_secret(name: str) -> bool:
    plain = _SEPARATORS.sub("", name).lower()
    if plain in _NO_SECRETS:
        return False
    return plain in _NAMES or plain.endswith(_ENDINGS) or any(part in plain for part in _PARTS)


def _holds(content: object) -> bool:
    """Return whether a value may be a secret; whether there is one is not."""
    return content is not None and not isinstance(content, bool)


def _without_fields(text: str) -> str:
    """Remove the values of secret fields; those of others may hold such fields as well."""
    parts: list[str] = []
    end = 0
    for key in _KEY.finditer(text):
        if key.start() >= end and _is_secret(key[2]):
            quote = re.escape(key[1])
            value = re.compile(rf"(?:(?!{quote})(?:\\.|.))*", re.DOTALL).match(text, key.end())
            parts += text[end : key.end()], REMOVED
            end = value.end() if value else key.end()
    return "".join(parts) + text[end:]


def _removed(match: re.Match[str]) -> str:
    return f"{match[1]}{REMOVED}"


def _removed_user(match: re.Match[str]) -> str:
    return f"{match[1]}{REMOVED}@"
