"""Phone numbers, and other values that providers send in their place."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tap_voicecalls.calls.withheld import is_withheld

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from tap_voicecalls.calls.call import Channel

_LONGEST = 100  # characters; longer texts are not numbers, and would fill the memory
_REMEMBERED = 2**14  # numbers: some 4 MB
_LONGEST_CODE = 3  # digits of a country code
_PLAIN = re.compile(r"\+[0-9]{8,15}", re.ASCII)
_BARE = re.compile(r"[0-9]{8,15}", re.ASCII)
# Without its plus, a number this long is assumed to begin with a country code: national numbers are
# shorter, except for a few that begin with a zero, as no country code does.
_WHOLE = re.compile(r"[1-9][0-9]{10,14}", re.ASCII)
# A number with the usual separators between its digits: no letters, no extension, no URI.
_WRITTEN = re.compile(r"\+[0-9 ().\-/]{8,}", re.ASCII)
# With an international prefix: 00 in most countries, 011 in North America. Enough digits follow
# that it is not a national number that begins with the same digits.
_DIALED = re.compile(r"(?:00(?=[1-9][0-9]{9})|011(?=[1-9][0-9]{10}))([0-9]+)", re.ASCII)
_DISPLAYED = re.compile(r"[^<>]*<([^<>]*)>[^<>]*")  # "Ada" <sip:ada@example.com>
_SURROUNDING = " \t\r\n\"'"
_SIGNS = re.compile(r"[ ().\-/]+", re.ASCII)
_SCHEMES: Mapping[str, Channel] = {
    "sip": "sip",
    "sips": "sip",
    "ws": "websocket",
    "wss": "websocket",
}
_DIALABLE = {"tel", "sip", "sips"}  # schemes whose address may be a number


def e164(text: str | None, *, bare: bool = False) -> str | None:
    """Return a phone number in E.164; the text as it is, if it is not one.

    SIP addresses, user names, WebSocket addresses and short codes stay as they are, but `tel:` and
    SIP addresses of a number with a plus become that number. None is returned for an empty text and
    for a withheld number, see :func:`caller_withheld`.

    Args:
        text: What a provider sent as a number.
        bare: Whether the provider omits the plus, so that 8 to 15 digits are a complete number.
    """
    if text is None or len(text) > _LONGEST:
        return text
    return _e164(text, bare)


def caller_withheld(text: str | None) -> bool | None:
    """Return whether a text says that the caller's number is withheld; None if it is empty."""
    if text is None or len(text) > _LONGEST:
        return None if text is None else False
    return _withheld(text)


def channel_of(*addresses: str | None) -> Channel | None:
    """Return the channel of a call by the first URI among its addresses; None if there is none."""
    for address in addresses:
        if address and ":" in address:
            scheme = address.partition(":")[0].strip().lower()
            if channel := _SCHEMES.get(scheme):
                return channel
    return None


@lru_cache(maxsize=_REMEMBERED)
def _e164(text: str, bare: bool) -> str | None:  # noqa: FBT001 - the cache is slower with keyword arguments
    if _PLAIN.fullmatch(text) and _is_whole(text[1:]) and not is_withheld(text):
        return text
    address = _address(text)
    if not address.user or is_withheld(address.user, address.host):
        return None
    return _number(address, bare=bare) or text


@lru_cache(maxsize=_REMEMBERED)
def _withheld(text: str) -> bool | None:
    address = _address(text)
    return is_withheld(address.user, address.host) if address.user else None


class _Address(NamedTuple):
    """A text in place of a number, parsed as `scheme:user@host;parameters`."""

    scheme: str
    user: str
    host: str
    parameters: str


def _address(text: str) -> _Address:
    """Parse a text, without invisible characters such as marks of text direction."""
    if not text.isascii():
        text = _plain_text(text)
    text = text.strip(_SURROUNDING)
    if displayed := _DISPLAYED.fullmatch(text):
        text = displayed[1].strip() or text
    scheme, colon, rest = text.partition(":")
    scheme = scheme.strip().lower()
    if not colon or scheme not in _DIALABLE:
        scheme, rest = "", text
    user, _, host = rest.partition("@")
    if not scheme:
        return _Address("", user.strip(), host, "")
    user, _, of_user = user.partition(";")
    host, _, of_host = host.partition(";")
    return _Address(scheme, user.strip(), host, f"{of_user};{of_host}".lower())


def _plain_text(text: str) -> str:
    """Return digits, dashes and spaces of any script in ASCII, without invisible characters."""
    plain = []
    for char in unicodedata.normalize("NFKC", text):
        kind = unicodedata.category(char)
        if kind == "Nd":
            plain.append(str(unicodedata.decimal(char)))
        elif kind == "Pd":
            plain.append("-")
        elif kind == "Zs":
            plain.append(" ")
        elif kind != "Cf":
            plain.append(char)
    return "".join(plain)


def _number(address: _Address, *, bare: bool) -> str | None:
    """Return the number of an address in E.164, if it has one."""
    user = address.user
    if address.scheme.startswith("sip"):
        # User names may consist of digits; a plus or `user=phone` makes it a number.
        if "user=phone" not in address.parameters and not user.startswith("+"):
            return None
    elif address.host:
        return None
    if dialed := _DIALED.fullmatch(_SIGNS.sub("", user)):
        number = f"+{dialed[1]}"
    elif (_BARE if bare else _WHOLE).fullmatch(user):
        number = f"+{user}"
    else:
        number = user
    if _PLAIN.fullmatch(number) and _is_whole(number[1:]):
        return number
    return _read(number) if _WRITTEN.fullmatch(number) else None


def _is_whole(digits: str) -> bool:
    """Return whether digits are in E.164 as they are; the library takes ten times as long."""
    for length in range(1, _LONGEST_CODE + 1):
        if (code := digits[:length]) in _country_codes():
            national = digits[length:]
            # In some countries a leading zero is part of the number, in others it is only dialed.
            return national[0] != "0" and _is_possible(int(code), len(national))
    return False


def _read(number: str) -> str | None:
    """Parse a number with separators between its digits, or with a leading zero."""
    library = _library()
    try:
        parsed = library.parse(number)
    except library.NumberParseException:
        return None
    if library.is_possible_number_with_reason(parsed) != library.ValidationResult.IS_POSSIBLE:
        return None
    written: str = library.format_number(parsed, library.PhoneNumberFormat.E164)
    return written


# Possible, not valid: E.164 is a country code and a length. The ranges in use change with each
# release of the library, so that one customer's number would be written in two ways.
@cache
def _is_possible(code: int, length: int) -> bool:
    library = _library()
    number = library.PhoneNumber(country_code=code, national_number=10 ** (length - 1))
    reason = library.is_possible_number_with_reason(number)
    return bool(reason == library.ValidationResult.IS_POSSIBLE)


@cache
def _country_codes() -> frozenset[str]:
    return frozenset(map(str, _library().COUNTRY_CODE_TO_REGION_CODE))


@cache
def _library() -> ModuleType:
    import phonenumbers  # noqa: PLC0415 - takes 90 ms, and most runs need none of it

    return phonenumbers
