"""Which station of the site a request is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.ocpp_soap.peers import Peer

_MAX_ADDRESSES = 1024


class Directory:
    """The stations by what they call themselves, and by the address that they called from.

    Args:
        peers: every station of the adapter.
    """

    def __init__(self, peers: Iterable[Peer]) -> None:
        self.peers = tuple(peers)
        self._by_name = {peer.options.charge_box_identity.strip().casefold(): peer for peer in self.peers}
        self._by_id = {peer.id: peer for peer in self.peers}
        self._by_address: dict[str, Peer] = {}

    def by_id(self, station: str) -> Peer | None:
        """The station with this identity northbound."""
        return self._by_id.get(station)

    def find(self, name: str, address: str) -> Peer | None:
        """The station that a request is from.

        Capitals do not count. A request that names nobody is from whoever called from that address before, or from the
        only station there is.

        Args:
            name: chargeBoxIdentity; may be empty.
            address: IP address of the caller.
        """
        if name:
            peer = self._by_name.get(name.strip().casefold())
            if peer is not None:
                self._by_address.pop(address, None)
                self._by_address[address] = peer
                if len(self._by_address) > _MAX_ADDRESSES:
                    del self._by_address[next(iter(self._by_address))]
            return peer
        known = self._by_address.get(address)
        if known is None and len(self.peers) == 1:
            return self.peers[0]
        return known
