"""One request of a station, with all that its handler needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from adapters.ocpp1x.fields import Deviation, Fields
    from adapters.ocpp1x.patience import Patience
    from adapters.ocpp1x.peers import Peer
    from gateway.contracts import Southbound
    from gateway.model.device import VariableRef
    from gateway.model.tokens import Token

    Handler = Callable[["Exchange"], Awaitable[Fields]]
    """Gives the fields of the response.

    Raises:
        GatewayError: ``storage-failed``: no answer may be given.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request that is to be answered. ``now`` is when it arrived (UTC), ``tick`` the same on the loop's clock."""

    peer: Peer
    hub: Southbound
    fields: Fields
    now: datetime
    tick: float
    patience: Patience

    def time(self, stamp: datetime | None) -> datetime:
        """The true time of one of the station's stamps."""
        return self.peer.time(stamp, self.now)

    def observe_clock(self, stamp: datetime | None) -> None:
        """Learn about the station's clock from a stamp that was made just now."""
        self.peer.observe_clock(stamp, self.now, self.tick)

    def token(self, id_tag: str) -> Token:
        """What an idTag means."""
        return self.peer.tokens.token(id_tag, self.hub.station(self.peer.id))

    def setting(self, ref: VariableRef) -> str:
        """The value of a variable of the station, "" if it has none."""
        return self.hub.setting(self.peer.id, ref)

    def note(self, deviation: Deviation) -> None:
        """Log a kind of deviation once."""
        self.peer.note((deviation,))
