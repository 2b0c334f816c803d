"""The URL under which a station sees this box."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from urllib.parse import urlsplit

_ANY_PORT = 9  # nothing is sent: the system is only asked which way it would go


class OwnAddress:
    """Our URL, as it goes into the From header of calls.

    Args:
        listening: host and port.
        path: of the URL that stations are given.
        base: URL of this box where its own address is not the right one; None otherwise.
    """

    def __init__(self, listening: tuple[str, int], path: str, base: str | None) -> None:
        self._host, self._port = listening
        self._path = path
        self._base = base

    async def url(self, host: str) -> str:
        """The URL as seen from a host."""
        if self._base is not None:
            bare = urlsplit(self._base).path in ("", "/")
            return self._base.rstrip("/") + self._path if bare else self._base
        own = await _local_address(host) if self._everywhere() else self._host
        return f"http://{f'[{own}]' if ':' in own else own}:{self._port}{self._path}"

    def _everywhere(self) -> bool:
        try:
            return ip_address(self._host).is_unspecified
        except ValueError:
            return False


async def _local_address(host: str) -> str:
    """Our address on the way to a host; "localhost" if there is no way."""
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(host, _ANY_PORT))
    except OSError:
        return "localhost"
    try:
        return str(transport.get_extra_info("sockname")[0])
    finally:
        transport.close()
