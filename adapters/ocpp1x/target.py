"""A station as the goal of commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.ocpp1x.outcomes import outcome_of
from gateway.model.ids import Place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.ocpp1x.fields import Fields
    from adapters.ocpp1x.peers import Peer
    from gateway.contracts import Southbound
    from gateway.model.commands import Outcome
    from gateway.model.station import StationState

    Call = Callable[[str, Fields], Awaitable[Fields]]
    """``await call(operation, fields)``: one request to one station, and the fields of its answer.

    Raises:
        GatewayError: ``callback-unknown``, ``station-busy``, ``station-url-unusable``, ``station-unreachable``: it was
            not asked; ``station-timeout``, ``station-answer-malformed``: it may have done it; any other: it has not.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A station, and the ways to and from it."""

    peer: Peer
    call_out: Call
    hub: Southbound

    @property
    def state(self) -> StationState:
        """The state of the station now."""
        return self.hub.station(self.peer.id)

    def numbers(self) -> tuple[int, ...]:
        """The station's own numbers of all connectors that are known."""
        places = (Place(station=self.peer.id, evse=c.evse, connector=c.connector) for c in self.state.connectors)
        return tuple(sorted({number for place in places for number in self.peer.connectors.numbers(place)}))

    async def call(self, operation: str, fields: Fields | None = None) -> Fields:
        """Call an operation of the station."""
        return await self.call_out(operation, fields or {})

    async def ask(self, operation: str, fields: Fields | None = None) -> Outcome:
        """Call an operation whose answer is a status."""
        return outcome_of(await self.call(operation, fields))
