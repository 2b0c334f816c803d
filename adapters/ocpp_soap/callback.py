"""Where to call a station: its own word, corrected by what is seen of it, and never outside the allowed networks."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

Address = IPv4Address | IPv6Address
_NOWHERE = ("/anonymous", "/none")
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
        ip = _ip(address)
        return ip is not None and any(ip in network for network in self._networks if network.version == ip.version)


def plain_address(peer: str) -> str:
    """A peer's address as people write it: without IPv6 around an IPv4 address."""
    ip = _ip(peer)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return peer


def station_url(claims: Iterable[str], address: str, port: int | None, networks: Networks, *, by_address: bool) -> str:
    """The URL of a station from what it says and what is seen; "" if that is not known.

    The first usable claim counts, with the station's address in place of a host that is missing, is a name, cannot be
    meant (loopback of another machine), or lies outside the allowed networks: nobody may have the box call elsewhere.

    Args:
        claims: From and ReplyTo, as received.
        address: IP address that the station called from last.
        port: its known port, if what it says is wrong.
        networks: where a station may be.
        by_address: trust the address more than the host that the station names.
    """
    if not address:
        return ""
    for claim in claims:
        parts = _parts(claim)
        if parts is None:
            continue
        host = parts.hostname or ""
        if by_address or not _credible(host, address, networks):
            host = address
        wanted = port or parts.port
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.scheme}://{_bracketed(host)}{f':{wanted}' if wanted else ''}{parts.path or '/'}{query}"
    return f"http://{_bracketed(address)}:{port}/" if port else ""


def named_host(claims: Iterable[str]) -> str:
    """The host that the station itself names; "" if it names none."""
    found = (_parts(claim) for claim in claims)
    return next((parts.hostname or "" for parts in found if parts is not None), "")


def _parts(claim: str) -> SplitResult | None:
    """A claim as a URL with a scheme; None for one that says nothing (empty, anonymous, no URL at all)."""
    text = claim.strip()
    if not text or text.lower().endswith(_NOWHERE) or not text.isascii() or not text.isprintable() or " " in text:
        return None
    if "://" not in text and not text.startswith("//"):
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or port == 0 or not parts.netloc:
        return None
    if "://" not in claim and port is None:
        return None  # one word is no address
    return parts


def _credible(host: str, address: str, networks: Networks) -> bool:
    ip, seen = _ip(host), _ip(address)
    if ip is None or ip.is_unspecified or ip.is_multicast or not networks.contain(host):
        return False
    return not ip.is_loopback or (seen is not None and seen.is_loopback)


@lru_cache(maxsize=_REMEMBERED)
def _ip(text: str) -> Address | None:
    """Read an address; each message of a station asks for the same one."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
