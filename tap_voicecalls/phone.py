"""Phone numbers, and what else stands where a phone number is expected."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from tap_voicecalls.call import Channel

_LONGEST = 40  # characters; longer texts are no numbers, and would fill the memory
_REMEMBERED = 2**14  # numbers: some 4 MB
_LONGEST_CODE = 3  # digits of a country code
_PLAIN = re.compile(r"\+[0-9]{8,15}", re.ASCII)
_BARE = re.compile(r"[0-9]{8,15}", re.ASCII)
# A number with what people put between its digits: no letters, no extension, no URI.
_WRITTEN = re.compile(r"\+[0-9 ().\-/]{8,}", re.ASCII)
_SCHEMES: Mapping[str, Channel] = {
    "sip": "sip",
    "sips": "sip",
    "ws": "websocket",
    "wss": "websocket",
}


def e164(text: str | None, *, bare: bool = False) -> str | None:
    """Write a phone number in E.164 where it can be told; else return the text as given.

    That is what becomes of SIP addresses, user names, WebSocket addresses, `anonymous` and short
    codes. An empty text is none.

    Args:
        text: What a provider sent as a number.
        bare: Whether the provider leaves out the plus, so that 8 to 15 digits are a whole number.
    """
    if text is None or len(text) > _LONGEST:
        return text
    return _e164(text, bare)


def channel_of(*addresses: str | None) -> Channel | None:
    """Tell from URIs that stand in place of numbers which way a call went, if one is there."""
    for address in addresses:
        if address and ":" in address:
            scheme = address.partition(":")[0].strip().lower()
            if channel := _SCHEMES.get(scheme):
                return channel
    return None


@lru_cache(maxsize=_REMEMBERED)
def _e164(text: str, bare: bool) -> str | None:  # noqa: FBT001 - by name, the cache is slower
    stripped = text.strip()
    number = f"+{stripped}" if bare and _BARE.fullmatch(stripped) else stripped
    if _PLAIN.fullmatch(number) and _is_whole(number[1:]):
        return number
    if _WRITTEN.fullmatch(number):
        return _read(number) or text
    return text if stripped else None


def _is_whole(digits: str) -> bool:
    """Tell whether digits are in E.164 as they stand; reading them takes ten times as long."""
    for length in range(1, _LONGEST_CODE + 1):
        if (code := digits[:length]) in _country_codes():
            national = digits[length:]
            # A zero is part of some numbers, and of others what is dialled at home only.
            return national[0] != "0" and _is_possible(int(code), len(national))
    return False


def _read(number: str) -> str | None:
    """Let the library read a number with signs between its digits, or zeros too many."""
    library = _library()
    try:
        parsed = library.parse(number)
    except library.NumberParseException:
        return None
    if library.is_possible_number_with_reason(parsed) != library.ValidationResult.IS_POSSIBLE:
        return None
    written: str = library.format_number(parsed, library.PhoneNumberFormat.E164)
    return written


# Possible, not valid: E.164 is a country code and a length, while the ranges in use change with
# each release of the library, by which one customer's number would be written in two ways.
@cache
def _is_possible(code: int, length: int) -> bool:
    library = _library()
    number = library.PhoneNumber(country_code=code, national_number=10 ** (length - 1))
    found = library.is_possible_number_with_reason(number)
    return bool(found == library.ValidationResult.IS_POSSIBLE)


@cache
def _country_codes() -> frozenset[str]:
    return frozenset(map(str, _library().COUNTRY_CODE_TO_REGION_CODE))


@cache
def _library() -> ModuleType:
    import phonenumbers  # noqa: PLC0415 - takes 90 ms, and most runs need none of it

    return phonenumbers
