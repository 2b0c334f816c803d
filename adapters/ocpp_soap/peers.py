"""Stations that are called back: what is known of where each is."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from adapters.ocpp1x.connectors import Connectors
from adapters.ocpp1x.failsafe import failsafe_of
from adapters.ocpp1x.peers import Peer as OcppPeer
from adapters.ocpp1x.tokens import Tokens
from adapters.ocpp_soap.callback import station_url
from adapters.ocpp_soap.versions import Version, version_of
from gateway.model.tokens import TokenType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.ocpp1x.networks import Networks
    from adapters.ocpp_soap.config import StationConfig
    from gateway.contracts import StationSettings

_LOG = logging.getLogger(__name__)
_MAX_MOVES = 8
"""Moves of a station that are logged; two that share an identity would fill the log with theirs."""


@dataclass(slots=True, kw_only=True)
class Peer(OcppPeer):
    """One station.

    ``claims`` is what it says of its own URL; ``by_address`` trusts the address more than that. ``version`` is the one
    that it speaks: the site's, until its messages show another.
    """

    options: StationConfig
    version: Version
    claims: tuple[str, ...] = ()
    by_address: bool = False
    _moves: set[tuple[str, str]] = field(default_factory=set)
    _surprises: set[str] = field(default_factory=set)

    def speaks(self, name: str) -> None:
        """Take over the version that the namespace of a message tells; "" tells nothing.

        The site says which version to begin with, but a station that speaks another has to be answered, and called, in
        that one.
        """
        if name in ("", self.version.table.version):
            return
        self.version = version_of(name)
        self.dialect = self.version.dialect
        self.tokens.length = self.dialect.token_length
        self.present = None  # what it can do has to be told anew
        if name != self.options.version and name not in self._surprises:
            self._surprises.add(name)
            _LOG.warning(
                "%s is set to OCPP %s in the site file and speaks %s: it is served as that; correct its version",
                self.id,
                self.options.version,
                name,
            )

    def locate(self, address: str, claims: Iterable[str]) -> None:
        """Take over where a message came from and what it says of the station's own URL."""
        if self.address and address != self.address:
            self._moved(self.address, address)
        given = tuple(claim for claim in claims if claim)
        if address != self.address or (given and given != self.claims):
            self.by_address = False
        self.address = address
        # Some stations name themselves in their first message only.
        self.claims = given or self.claims

    def _moved(self, before: str, now: str) -> None:
        """Log a move once, and the way back as a second station with the same identity."""
        if (before, now) in self._moves or len(self._moves) >= _MAX_MOVES:
            return
        self._moves.add((before, now))
        if (now, before) in self._moves:
            _LOG.warning("%s calls from %s and from %s: do two stations have its identity?", self.id, before, now)
        else:
            _LOG.info("%s now calls from %s, before from %s", self.id, now, before)

    def url(self, networks: Networks) -> str:
        """Where to call the station; "" if that is not known."""
        return (
            self.options.callback_url
            or station_url(self.claims, self.address, self.options.callback_port, networks, by_address=self.by_address)
            or self.remembered
        )


def peer_of(settings: StationSettings, options: StationConfig) -> Peer:
    """The record of a station that has not been heard yet.

    Raises:
        GatewayError: ``version-unknown``.
    """
    version = version_of(options.version)
    type_ = TokenType(options.token_type) if options.token_type else None
    return Peer(
        id=settings.identity,
        options=options,
        version=version,
        dialect=version.dialect,
        connectors=Connectors(settings.identity, settings.connectors),
        tokens=Tokens(version.dialect.token_length, type_),
        outlets=settings.outlets,
        failsafe=failsafe_of(options.failsafe_current, options.failsafe_timeout),
        zone=ZoneInfo(options.time_zone) if options.time_zone else UTC,
    )
