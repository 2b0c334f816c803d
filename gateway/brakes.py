"""Holding current back for sensors of the box: that comes first, and what is committed of it follows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from gateway.keeper import logged
from gateway.model.commands import StopCharging
from gateway.model.rules.connectors import covers
from gateway.model.transactions import cause_of_fault

if TYPE_CHECKING:
    from gateway.fleet import Member
    from gateway.keeper import Keeper
    from gateway.model.commands import Command, Outcome
    from gateway.model.ids import Place
    from gateway.model.transactions import StopCause, Transaction


class Execute(Protocol):
    """Carries out a command at a station."""

    async def __call__(self, member: Member, command: Command, *, ahead: bool = False) -> Outcome:
        """``ahead``: before the intent is committed; the outcome is noted after it all the same."""


class Brakes:
    """Stops for sensors, which nobody waits for a disk with."""

    def __init__(self, keeper: Keeper, execute: Execute) -> None:
        self._keeper = keeper
        self._execute = execute

    def hold_back(self, where: Place, holder: str, current: float | None) -> None:
        """Let no more current flow while a holder wants that, where the box itself leads the station.

        Args:
            where: ``evse`` 0: all of the station.
            holder: Who wants it.
            current: A per phase; None: the holder does not mind any more.
        """
        self._keeper.fleet.member(where.station).adapter.hold_back(where, holder, current)

    async def halt(self, where: Place, holder: str, cause: StopCause) -> None:
        """Hold current back and have the station stop what charges, before anything of it is committed.

        It is held back until the holder lets go by ``hold_back``. Should the box die before a commit, the station's own
        report of the end is still to come, or the transaction still runs; the sensor tells anew what it sees.
        """
        member = self._keeper.fleet.member(where.station)
        self.hold_back(where, holder, 0.0)
        for running in member.state.transactions:
            connector = member.state.connector(running.evse, running.connector)
            if covers(where, connector) if connector is not None else where.evse in {0, running.evse}:
                stop = self._execute(member, _stop(member, running, cause), ahead=True)
                member.halting[running.id] = self._keeper.spawn(logged(stop))
        if member.halting:
            await asyncio.wait(member.halting.values())

    async def stop_alarmed(self, member: Member, where: Place) -> None:
        """Have the station stop what charges in spite of an alarm, unless ``halt`` has asked for that already."""
        halting, member.halting = member.halting, {}
        if halting:
            await asyncio.wait(halting.values())
        for running in member.state.transactions:
            connector = member.state.connector(running.evse, running.connector)
            if connector is None or not connector.alarms or not covers(where, connector) or running.id in halting:
                continue
            cause = cause_of_fault(tuple(alarm.fault.code for alarm in connector.alarms if alarm.fault))
            await self._execute(member, _stop(member, running, cause))


def _stop(member: Member, running: Transaction, cause: StopCause) -> StopCharging:
    return StopCharging(station=member.id, transaction=running.id, number=running.number, cause=cause)
