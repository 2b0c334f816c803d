"""Where to call a station: its own word, corrected by what is seen of it, and never outside the allowed networks."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from adapters.ocpp1x.networks import ip_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.ocpp1x.networks import Networks

_NOWHERE = ("/anonymous", "/none")


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
    ip, seen = ip_of(host), ip_of(address)
    if ip is None or ip.is_unspecified or ip.is_multicast or not networks.contain(host):
        return False
    return not ip.is_loopback or (seen is not None and seen.is_loopback)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
