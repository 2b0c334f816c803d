"""Gives the stations of a site the means of limiting that it configures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from gateway.actuation.hands import Fitted
from gateway.actuation.limiter import Limiter
from gateway.model.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.config.site import Site, Station
    from gateway.fleet import Fleet, Member
    from gateway.model.commands import Command, Outcome
    from gateway.model.installation import Outlet
    from gateway.model.station import StationState


class House(Protocol):
    """The box: stations."""

    def now(self) -> datetime:
        """The box's clock, UTC."""

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command."""

    async def notes(self, station: str) -> Mapping[str, str]:
        """What was noted of a station."""

    async def note(self, station: str, name: str, value: str) -> None:
        """Keep something of a station."""


class Outputs(Protocol):
    """The box: added modules."""

    async def turn(self, output: str, *, on: bool) -> Outcome:
        """Switch an output."""

    async def drive(self, output: str, value: float) -> Outcome:
        """Set an analogue output."""


def fit(site: Site, fleet: Fleet, house: House, outputs: Outputs) -> None:
    """Give each station whose EVSEs have a ``control`` what carries its limits out."""
    for station in site.station:
        member = fleet.member(station.identity)
        fitted = [
            Fitted(
                control=evse.control,
                station=station.identity,
                evse=evse.id,
                number=evse.legacy_id,
                phases=evse.connector.phases,
                rated=evse.connector.max_current,
            )
            for evse in station.evse
            if evse.control is not None
        ]
        if fitted:
            member.limiter = Limiter(fitted, _BoxHands(member=member, house=house, outputs=outputs))
            own = type(member.adapter).own_limit(station.settings) is not None
            member.installation = replace(member.installation, outlets=_told(member, station, own=own))
            member.device = None  # it tells what each EVSE takes


def _told(member: Member, station: Station, *, own: bool) -> dict[tuple[int, int], Outlet]:
    """The wiring, with how finely each EVSE can be held down; where the station has its own limit, it says so itself."""
    means = {evse.id: evse.control for evse in station.evse if evse.control is not None}
    found = {}
    for place, outlet in member.installation.outlets.items():
        control = means.get(place[0])
        if control is None:
            found[place] = replace(outlet, throttle=None if own else Throttle.NONE)
        else:
            found[place] = replace(outlet, throttle=control.throttle, draws=control.draws, least=control.minimum)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _BoxHands:
    """``Hands`` of one station."""

    member: Member
    house: House
    outputs: Outputs

    def now(self) -> datetime:
        return self.house.now()

    def station(self, station: str) -> StationState:
        del station
        return self.member.state

    async def execute(self, command: Command) -> Outcome:
        return await self.house.execute(command)

    async def ask(self, command: Command) -> Outcome:
        return await self.member.adapter.execute(command)

    async def turn(self, output: str, *, on: bool) -> Outcome:
        return await self.outputs.turn(output, on=on)

    async def drive(self, output: str, value: float) -> Outcome:
        return await self.outputs.drive(output, value)

    async def notes(self, station: str) -> Mapping[str, str]:
        return await self.house.notes(station)

    async def note(self, station: str, name: str, value: str) -> None:
        await self.house.note(station, name, value)
