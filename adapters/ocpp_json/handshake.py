"""Who may connect: address, identity, password (OCPP-J 1.6, chapter 3; security white paper, profiles 1 and 2)."""

from __future__ import annotations

import base64
import binascii
import logging
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.ocpp1x.networks import plain_address

if TYPE_CHECKING:
    from adapters.ocpp1x.networks import Networks
    from adapters.ocpp_json.peers import Directory, Peer
    from gateway.contracts import Southbound

_LOG = logging.getLogger(__name__)
_REMEMBERED = 256


class Doorkeeper:
    """Looks at each request before it becomes a WebSocket.

    Args:
        hub: told of strangers.
        directory: the stations.
        networks: where stations may connect from.
        path: of the URL that the stations are given.
    """

    def __init__(self, hub: Southbound, directory: Directory, networks: Networks, path: str) -> None:
        self._hub = hub
        self._directory = directory
        self._networks = networks
        self._path = path.rstrip("/")
        self._logged: set[tuple[str, str]] = set()

    async def admit(self, request: web.Request) -> Peer:
        """The station that a request is of.

        Raises:
            HTTPException: 403 for a wrong address, 404 for a wrong path or an unknown identity, 401 for a wrong
                password.
        """
        address = self.look_at(request)
        prefix, _, name = request.path.rstrip("/").rpartition("/")
        if prefix != self._path or not name:
            self._log_once(f"unknown path {request.path[:80]!r}", address)
            raise web.HTTPNotFound
        peer = self._directory.find(name)
        if peer is None:
            self._log_once(f"unknown identity {name[:80]!r}", address)
            await self._hub.refused(name, address)
            raise web.HTTPNotFound
        if peer.keys and not peer.admits(*_credentials(request.headers.get("Authorization", ""))):
            self._log_once("wrong name or password", f"{peer.id} at {address}")
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Basic realm="ocpp"'})
        return peer

    def look_at(self, request: web.Request) -> str:
        """The address that a request is from.

        Raises:
            HTTPException: 403 for one that stations may not connect from.
        """
        address = plain_address(request.remote or "")
        if not self._networks.contain(address):
            self._log_once("address outside allowed_networks", address)
            raise web.HTTPForbidden
        return address

    def _log_once(self, what: str, who: str) -> None:
        if (what, who) not in self._logged and len(self._logged) < _REMEMBERED:
            self._logged.add((what, who))
            _LOG.warning("connection of %s refused: %s", who, what)


def _credentials(header: str) -> tuple[str, bytes]:
    """(name, password) of basic authentication; a password may be any bytes, a colon among them."""
    scheme, _, encoded = header.partition(" ")
    if scheme.casefold() != "basic":
        return "", b""
    try:
        user, _, key = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except binascii.Error:
        return "", b""
    return user.decode("utf-8", "replace"), key
