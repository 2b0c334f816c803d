"""Where a thing is: station, EVSE, connector."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the OCPP 2.0.1 three-tier model (Part 1, 4).

    ``evse`` 0 is the station itself; ``connector`` 0 is the whole EVSE.
    """

    station: str
    evse: int = 0
    connector: int = 0

    def __str__(self) -> str:  # type: ignore[explicit-override] # the standard library of 3.11 has no override
        """The place for people, as in a log: ``AT-0001 EVSE 1``."""
        return f"{self.station} EVSE {self.evse}" if self.evse else self.station
