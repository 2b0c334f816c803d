"""The networks that stations may be in."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Address = IPv4Address | IPv6Address
PRIVATE_NETWORKS = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
"""Private, link-local and loopback networks: where a station in the same cabinet or building calls from."""
_REMEMBERED = 512
"""Addresses that are not read again with every message of a station."""


class Networks:
    """The networks that stations may call from and be called at."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(ip_network(network) for network in networks)
        self._known = lru_cache(maxsize=_REMEMBERED)(self._look_up)

    def contain(self, address: str) -> bool:
        """Tell whether an IP address is in one of them; a host name never is."""
        return self._known(address)

    def _look_up(self, address: str) -> bool:
        ip = ip_of(address)
        return ip is not None and any(ip in network for network in self._networks if network.version == ip.version)


def plain_address(peer: str) -> str:
    """A peer's address as people write it: without IPv6 around an IPv4 address."""
    ip = ip_of(peer)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return peer


@lru_cache(maxsize=_REMEMBERED)
def ip_of(text: str) -> Address | None:
    """Read an address, None if it is none; each message of a station asks for the same one."""
    try:
        return ip_address(text)
    except ValueError:
        return None
