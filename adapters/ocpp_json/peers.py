"""The stations of the adapter: who each is, what it signs in with, and the connection that it has now."""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from adapters.ocpp1x.connectors import Connectors
from adapters.ocpp1x.dialects import OCPP_16
from adapters.ocpp1x.failsafe import failsafe_of
from adapters.ocpp1x.peers import Peer as OcppPeer
from adapters.ocpp1x.tokens import Tokens
from gateway.model.errors import GatewayError
from gateway.model.tokens import TokenType

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from adapters.ocpp_json.config import StationConfig
    from adapters.ocpp_json.connection import Connection
    from gateway.contracts import StationSettings

_LOG = logging.getLogger(__name__)
_MAX_MOVES = 8
"""Moves of a station that are logged; two that share an identity would fill the log with theirs."""


@dataclass(slots=True, kw_only=True)
class Peer(OcppPeer):
    """One station.

    ``keys`` are the passwords that it may sign in with, none if it need not. ``missed_tick`` is when it was last found
    to have no connection, in seconds of the event loop's clock. ``box`` is scheme and host of the box as the station
    knows it.
    """

    options: StationConfig
    keys: tuple[bytes, ...] = ()
    connection: Connection | None = None
    missed_tick: float = 0.0
    box: str = ""
    _moves: set[tuple[str, str]] = field(default_factory=set)

    def locate(self, address: str) -> None:
        """Take over where the station connects from; two places in turn may be two stations."""
        before, self.address = self.address, address
        if not before or before == address or (before, address) in self._moves or len(self._moves) >= _MAX_MOVES:
            return
        self._moves.add((before, address))
        if (address, before) in self._moves:
            _LOG.warning(
                "%s connects from %s and from %s: do two stations have its identity?", self.id, before, address
            )
        else:
            _LOG.info("%s now connects from %s, before from %s", self.id, address, before)

    def admits(self, user: str, key: bytes) -> bool:
        """Tell whether a name and a password are the station's; how long it takes says nothing of the password."""
        known = user.casefold() == self.options.charge_box_identity.casefold()
        right = [hmac.compare_digest(key, each) for each in self.keys]
        return known and any(right)


class Directory:
    """The stations by what they call themselves, and by their identity northbound.

    Args:
        peers: every station of the adapter.
    """

    def __init__(self, peers: Iterable[Peer]) -> None:
        self.peers = tuple(peers)
        self._by_name = {peer.options.charge_box_identity.strip().casefold(): peer for peer in self.peers}
        self._by_id = {peer.id: peer for peer in self.peers}

    def by_id(self, station: str) -> Peer | None:
        """The station with this identity northbound."""
        return self._by_id.get(station)

    def find(self, name: str) -> Peer | None:
        """The station that calls itself so; capitals do not count."""
        return self._by_name.get(name.strip().casefold())


def peer_of(settings: StationSettings, options: StationConfig) -> Peer:
    """The record of a station that has not been heard yet; it has no keys until they are read."""
    type_ = TokenType(options.token_type) if options.token_type else None
    return Peer(
        id=settings.identity,
        options=options,
        dialect=OCPP_16,
        connectors=Connectors(settings.identity, settings.connectors),
        tokens=Tokens(OCPP_16.token_length, type_),
        outlets=settings.outlets,
        failsafe=failsafe_of(options.failsafe_current, options.failsafe_timeout),
        zone=ZoneInfo(options.time_zone) if options.time_zone else UTC,
    )


def read_keys(options: StationConfig) -> tuple[bytes, ...]:
    """The passwords that a station may sign in with. Reads a file.

    Raises:
        GatewayError: ``file-unreadable``, ``password-empty``.
    """
    if options.station_password_file is not None:
        text = _read(options.station_password_file)
    elif options.station_password is not None:
        text = options.station_password.get_secret_value()
    else:
        return ()
    try:
        # The key is entered in hexadecimal, and sent as what that stands for (security white paper, 7.2).
        return text.encode(), bytes.fromhex(text)
    except ValueError:
        return (text.encode(),)


def _read(file: Path) -> str:
    try:
        text = file.read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise GatewayError("file-unreadable", key="station_password_file", value=str(file)) from error
    if not text:
        raise GatewayError("password-empty", value=str(file))
    return text
