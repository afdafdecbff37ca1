"""Which network addresses a link that a provider sends may lead to.

Such a link is chosen by others. It must not make the tap ask this machine, a private network or the
metadata service of a cloud, not even by a host name that resolves to them.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["public", "loopback", "private", "special"]

_PRIVATE = [
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]
_NAT64 = ip_network("64:ff9b::/96")
# RFC 4291: all public IPv6 addresses. Others may be a way to write a private IPv4 address.
_PUBLIC_IPV6 = ip_network("2000::/3")


class ForbiddenAddress(Exception):  # noqa: N818 - reads as what it is
    """A link leads to an address that it must not lead to."""


class AllowedAddresses:
    """The addresses that links may lead to: public ones, and the kind that an API has itself.

    An API of this machine, or of the company's network, may link to files there.

    Args:
        host: The host of the API's address; None to allow public addresses only.
    """

    def __init__(self, host: str | None) -> None:
        kinds = {kind_of(address) for address in _known(host)} if host else set[Kind]()
        self._kinds = {"public", *(kinds & {"loopback", "private"})}

    def resolve(self, host: str, port: int | None = None) -> list[str]:
        """Return the addresses of a host, all of them allowed.

        Raises:
            ForbiddenAddress: One of them is not.
            OSError: The name cannot be resolved.
        """
        addresses = _lookup(host, port)
        self._require(addresses)
        return addresses

    def check(self, host: str) -> None:
        """Check a host that a proxy resolves; a name that is unknown here is left to the proxy.

        Raises:
            ForbiddenAddress: It resolves to an address that is not allowed.
        """
        self._require(_known(host))

    def _require(self, addresses: list[str]) -> None:
        if not all(kind_of(address) in self._kinds for address in addresses):
            raise ForbiddenAddress


def kind_of(text: str) -> Kind:
    """Return what kind of address this is; special are all others, such as link-local."""
    address = _embedded(ip_address(text.partition("%")[0]))
    if address.is_loopback:
        return "loopback"
    if any(address in network for network in _PRIVATE):
        return "private"
    is_public = address.is_global and not address.is_multicast
    if isinstance(address, IPv6Address):
        is_public = is_public and address in _PUBLIC_IPV6
    return "public" if is_public else "special"


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address inside an IPv6 one, if there is one: that is what is asked."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _lookup(host: str, port: int | None = None) -> list[str]:
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _known(host: str) -> list[str]:
    """Return the addresses of a host; none if this machine does not know it."""
    try:
        return _lookup(host)
    except OSError:
        return []
