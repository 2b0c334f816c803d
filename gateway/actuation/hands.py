"""What the means of limiting may use of the box, and the outlet that they limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.config.control import ControlKeys
    from gateway.model.commands import Command, Outcome
    from gateway.model.station import StationState


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """An EVSE that means were added for.

    Attributes:
        control: The means.
        station: Of the EVSE.
        evse: Its number northbound.
        number: The station's own number of the outlet.
        phases: How many it has.
        rated: A per phase that its wiring allows.
    """

    control: ControlKeys
    station: str
    evse: int
    number: int
    phases: int
    rated: float

    @property
    def draws(self) -> float:
        """A per phase that it draws when it is let charge, where it can only be switched."""
        return min(self.control.draws or self.rated, self.rated)


class Hands(Protocol):
    """One box, as the means see it."""

    def now(self) -> datetime:
        """The box's clock, UTC."""

    def station(self, station: str) -> StationState:
        """The state of a station now."""

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command: checked, done by the station, noted in the state."""

    async def ask(self, command: Command) -> Outcome:
        """Have the station do something that is noted nowhere."""

    async def turn(self, output: str, *, on: bool) -> Outcome:
        """Switch an output of an added module."""

    async def drive(self, output: str, value: float) -> Outcome:
        """Set an analogue output of an added module."""

    async def notes(self, station: str) -> Mapping[str, str]:
        """What was noted of a station, by name."""

    async def note(self, station: str, name: str, value: str) -> None:
        """Keep something of a station over restarts.

        Raises:
            GatewayError: ``storage-failed``.
        """
