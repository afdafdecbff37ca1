"""Messages for network errors, and whether a retry may help.

The messages never quote the errors themselves: those contain URLs, which may hold a key.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from requests.exceptions import InvalidProxyURL, InvalidSchema, InvalidURL
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

from tap_voicecalls.http.transport.exchange import TooLarge, TooSlow

if TYPE_CHECKING:
    from collections.abc import Iterator

_NETWORK = "check the network and `base_url`"
# The first match counts.
_FACTS: tuple[tuple[type[BaseException], str], ...] = (
    (TooSlow, "the response took too long as a whole, see `read_timeout`"),
    (ReadTimeoutError, "no bytes came within `read_timeout`"),
    (NameResolutionError, f"host name not found; {_NETWORK}"),
    (ConnectionRefusedError, f"connection refused; {_NETWORK}"),
    (NewConnectionError, f"no connection; {_NETWORK}"),
    (ConnectTimeoutError, f"no connection within `connect_timeout`; {_NETWORK}"),
    (ProxyError, "no connection by way of the proxy; check HTTP_PROXY, HTTPS_PROXY and NO_PROXY"),
    (DecodeError, "the response cannot be decompressed"),
    (ConnectionError, f"connection broken; {_NETWORK}"),
)
_FATAL = (
    (InvalidProxyURL, "the proxy's address is invalid; check HTTP_PROXY and HTTPS_PROXY"),
    (InvalidSchema, "the proxy's scheme is not supported; check HTTP_PROXY and HTTPS_PROXY"),
    (InvalidURL, "the address cannot be used; check `base_url`"),
)
_TRUST = "name your company's certificates in REQUESTS_CA_BUNDLE or SSL_CERT_FILE"
# OpenSSL's X509_V_ERR_* codes, which are stable.
_CERTIFICATES = {
    9: "the server's certificate is not valid yet; check this machine's clock",
    10: "the server's certificate has expired; ask the provider, or check this machine's clock",
    18: f"the server's certificate is self-signed; {_TRUST}",
    19: f"the server's certificate is of an unknown issuer; {_TRUST}",
    20: f"the server's certificate is of an unknown issuer; {_TRUST}",
    21: f"the server's certificate is of an unknown issuer; {_TRUST}",
    23: "the server's certificate was revoked; ask the provider",
    62: "the server's certificate is for another host name; check `base_url`",
    64: "the server's certificate is for another address; check `base_url`",
}


def describe(error: Exception, *, is_sent: bool = False) -> tuple[str, bool]:
    """Return a message for an error of a request, and whether the request may be tried again.

    Args:
        error: The error; of any type, since hostile responses cause many.
        is_sent: Whether the request was sent before the error.
    """
    chain = list(_chain(error))
    for each in chain:
        if isinstance(each, TooLarge):
            return f"the response is larger than {each}, the most that is read", False
        if isinstance(each, ssl.SSLCertVerificationError):
            default = f"the server's certificate cannot be trusted ({each.verify_code}); {_TRUST}"
            return _CERTIFICATES.get(each.verify_code, default), False
        for kind, fact in _FATAL:
            if isinstance(each, kind):
                return fact, False
    if not is_sent and isinstance(error, ReadTimeoutError):  # during the TLS handshake
        return f"no connection within `connect_timeout`; {_NETWORK}", True
    return _fact(chain), True


def _fact(chain: list[BaseException]) -> str:
    for each in chain:
        if isinstance(each, ssl.SSLError):
            return f"TLS failed ({each.reason or 'broken off'}); {_NETWORK}"
    for kind, fact in _FACTS:
        if any(isinstance(each, kind) for each in chain):
            return fact
    return f"no readable response ({type(chain[0]).__name__}); {_NETWORK}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all errors it wraps, as cause, context, reason or argument."""
    seen = set[int]()
    waiting = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [arg for arg in each.args if isinstance(arg, BaseException)]
        waiting += [getattr(each, "reason", None), each.__cause__, each.__context__]
        waiting = [one for one in waiting if isinstance(one, BaseException)]
