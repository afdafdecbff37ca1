"""What providers send in place of a number when the caller withholds it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

# In lower case, letters only. SIP: RFC 3323, 4.1.1.3 (anonymous), 3GPP TS 24.229 (unavailable,
# restricted); the others are written by switches, carriers and phones.
_NAMES: Collection[str] = {
    "anonymous",
    "anonymouscaller",
    "blocked",
    "blockedcaller",
    "blockednumber",
    "calleridblocked",
    "calleridrestricted",
    "calleridunavailable",
    "calleridunknown",
    "callerunknown",
    "hidden",
    "hiddennumber",
    "nocallerid",
    "nonumber",
    "notavailable",
    "numberunavailable",
    "numberwithheld",
    "outofarea",
    "private",
    "privatecaller",
    "privatenumber",
    "restricted",
    "restrictedcaller",
    "restrictednumber",
    "unavailable",
    "unknown",
    "unknowncaller",
    "unknownnumber",
    "withheld",
    "withheldnumber",
}
# Such names spelled on a keypad, by Twilio and services that use it: anonymous (some treat it as a
# North American number), restricted, blocked, unknown, unavailable.
_KEYPAD: Collection[str] = {
    "266696687",
    "1266696687",
    "7378742833",
    "2562533",
    "8656696",
    "86282452253",
}
_NO_LETTERS = re.compile(r"[\W\d_]+")
_DIGITS = re.compile(r"\+?([0-9]+)", re.ASCII)
_ZEROS = re.compile(r"\+?(?:0{3,}|10{10})", re.ASCII)
# RFC 2606 reserves it, so no host has such a name; RFC 3323 defines anonymous.invalid.
_NO_HOST = ".invalid"


def is_withheld(user: str, host: str = "") -> bool:
    """Return whether a text says that the caller's number is withheld.

    Args:
        user: A number or a name.
        host: The host, if it is part of an address.
    """
    if host.lower().rstrip(".>").endswith(_NO_HOST):
        return True
    if digits := _DIGITS.fullmatch(user):
        return digits[1] in _KEYPAD or _ZEROS.fullmatch(user) is not None
    return _NO_LETTERS.sub("", user).lower() in _NAMES and not any(map(str.isdigit, user))
