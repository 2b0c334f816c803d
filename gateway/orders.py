"""Commands on their way down: checked against the state, done by the station, noted in the state."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.brakes import Brakes
from gateway.model.commands import (
    ACCEPTED,
    CancelReservation,
    ChangeAvailability,
    Command,
    Outcome,
    ReadVariables,
    Reserve,
    Reset,
    ResetKind,
    SetLimit,
    SetVariable,
    Verdict,
    station_of,
)
from gateway.model.device import SetResult, VariableRef, VariableStatus
from gateway.model.events import AlarmChanged, EvseRestarted, StationFound
from gateway.model.evse import Closure
from gateway.model.ids import Place
from gateway.model.rules import commands as command_rules
from gateway.model.rules import resets
from gateway.model.rules.connectors import covers, opens
from gateway.model.rules.context import Applied
from gateway.model.station import Capability
from gateway.needs import needed
from gateway.store import repository

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gateway.fleet import Member
    from gateway.keeper import Keeper
    from gateway.model.events import Event
    from gateway.model.evse import ConnectorState

    Connectors = tuple[ConnectorState, ...]

logger = logging.getLogger(__name__)

FRESH = timedelta(hours=1)
"""How long a station's own settings are taken as read."""

TX_BEFORE_ACCEPTED = ("TxCtrlr", "TxBeforeAcceptedEnabled")

RESET_RETRIES = VariableRef(component="OCPPCommCtrlr", variable="ResetRetries")
_WORTH_ANOTHER = frozenset({Verdict.REJECTED, Verdict.FAULTED, Verdict.UNREACHABLE})
"""What becomes of a reset that may be tried again: one that was not answered may be done."""


class Orders:
    """What the box has stations do: for the CSMS, and by itself after a boot or the last transaction.

    Attributes:
        brakes: What sensors have stations do.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self.brakes = Brakes(keeper, self._execute)

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command: checked against the state, done by the station, and noted in the state.

        Goes on to its end when the caller is cancelled: what a station has been asked must be noted.
        """
        member = self._keeper.fleet.member(station_of(command))
        return await asyncio.shield(self._keeper.spawn(self._execute(member, command)))

    async def _execute(self, member: Member, command: Command, *, ahead: bool = False) -> Outcome:
        if member.state.capabilities and needed(command).isdisjoint(member.state.capabilities):
            return Outcome(verdict=Verdict.UNSUPPORTED, reason="the station cannot do that")
        if isinstance(command, Reset) and command.place.evse and not member.state.resets_evses:
            return Outcome(verdict=Verdict.UNSUPPORTED, reason="a single EVSE cannot be reset")
        if isinstance(command, CancelReservation) and Capability.BOX_SESSIONS in member.state.capabilities:
            # The box holds the reservation, wherever the station is.
            await self._keeper.change(member, lambda s: command_rules.settle(s, command, ACCEPTED, self._now()))
            return ACCEPTED
        if not (member.state.reachable or _independent(member, command)):
            return Outcome(verdict=Verdict.UNREACHABLE, reason="the station is not reached")
        if isinstance(command, Reset) and resets.has_to_wait(member.state, command):
            # A 1.x station's own soft reset would end the transactions.
            await self._keeper.change(member, lambda s: resets.waiting(s, command))
            return Outcome(verdict=Verdict.SCHEDULED)
        if isinstance(command, ChangeAvailability) and command.operative and not opens(member.state, command):
            # Somebody else still keeps it closed.
            await self._keeper.change(member, lambda s: command_rules.settle(s, command, ACCEPTED, self._now()))
            return ACCEPTED
        noted = self._keeper.spawn(
            self._keeper.change(member, lambda s: command_rules.intend(s, command, self._keeper.clock.now()))
        )
        # Ahead of its commit, it is in line for the station's state before whatever the station reports of it.
        await (asyncio.sleep(0) if ahead else noted)
        outcome = await self._carry_out(member, command)
        if isinstance(command, SetLimit) and outcome.accepted:
            member.note_given(command.place.evse, command.current)
        await noted
        if not outcome.accepted:
            logger.info("%s: %s refused: %s", member.id, type(command).__name__, outcome.reason or outcome.verdict)
        await self._keeper.change(member, lambda s: command_rules.settle(s, command, outcome, self._keeper.clock.now()))
        if isinstance(command, ChangeAvailability) and command.operative and outcome.accepted:
            # The station has opened all of it; what was closed by itself stays so (G04.FR.08).
            self._keeper.background(self.close_again(member, command.place))
        return outcome

    async def _carry_out(self, member: Member, command: Command) -> Outcome:
        """Ask the station; a reset that fails is tried again (ResetRetries), unless the station does so by itself."""
        if isinstance(command, SetLimit) and member.limiter is not None:
            return await member.limiter.set_limit(command)
        device, left = self._keeper.fleet.device(member.id), 0
        if isinstance(command, Reset) and device.station_key(RESET_RETRIES) is None:
            left = device.integer(RESET_RETRIES.component, RESET_RETRIES.variable)
        outcome = await member.adapter.execute(command)
        while left > 0 and outcome.verdict in _WORTH_ANOTHER:
            left -= 1
            outcome = await member.adapter.execute(command)
        return outcome

    def _now(self) -> datetime:
        return self._keeper.clock.now()

    async def set_variable(self, station: str, ref: VariableRef, value: str) -> SetResult:
        """Set the actual value of a variable: checked, done by the station where it holds it, committed.

        Goes on to its end when the caller is cancelled, as ``execute`` does.
        """
        return await asyncio.shield(
            self._keeper.spawn(self._set_variable(self._keeper.fleet.member(station), ref, value))
        )

    async def _set_variable(self, member: Member, ref: VariableRef, value: str) -> SetResult:
        station = member.id
        device = self._keeper.fleet.device(station)
        result = device.check_set(ref, value)
        if not result.accepted:
            return result
        for profile in self._keeper.profiles:
            taken = await profile.take_variable(station, ref, value)
            if taken is not None:
                return taken
        key = device.station_key(ref)
        if key is not None:
            outcome = await self.execute(SetVariable(station=station, key=key, value=value))
            if not outcome.accepted:
                unknown = outcome.verdict is Verdict.UNKNOWN
                status = VariableStatus.UNKNOWN_VARIABLE if unknown else VariableStatus.REJECTED
                return SetResult(status=status, info=outcome.reason)
            if outcome.verdict is Verdict.REBOOT_REQUIRED:
                result = replace(result, status=VariableStatus.REBOOT_REQUIRED)
            async with member.lock:
                changed = tuple(replace(s, value=value, unread=False) if s.key == key else s for s in member.settings)
                await self._keeper.commit(member, Applied(state=member.state), settings=changed)
        else:
            await self.note_variable(station, ref, value)
        if (ref.component, ref.variable) == TX_BEFORE_ACCEPTED:
            self.hold_until_accepted(member)
        self._keeper.storage.outbox.changed(station).set()
        return result

    async def note_variable(self, station: str, ref: VariableRef, value: str) -> None:
        """Give a variable that the CSMS only reads the value that it has by now."""
        await self._keeper.storage.writer.commit([repository.put_variable(station, ref.key, value)])
        self._keeper.fleet.set_value(station, ref, value)
        self._keeper.changed(station)

    async def refresh_variables(self, station: str) -> None:
        """Have the station's own settings read again, if they are not fresh."""
        member = self._keeper.fleet.member(station)
        if member.settings_read_at is not None and self._keeper.clock.now() - member.settings_read_at < FRESH:
            return
        if Capability.CONFIGURATION_READ in member.state.capabilities:
            outcome = await self.execute(ReadVariables(station=station))
            if outcome.accepted:
                member.settings_read_at = self._keeper.clock.now()

    async def after_boot(self, member: Member) -> None:
        """A station forgets by a restart what the CSMS has set; set it again (G01.FR.02), and read its settings."""
        if not member.state.operative:
            await self.execute(ChangeAvailability(place=Place(station=member.id), operative=False))
        await self.close_again(member, Place(station=member.id))
        await self._hold(member)
        await self._reserve_again(member)
        await self.refresh_variables(member.id)

    async def _reserve_again(self, member: Member) -> None:
        """An EVSE that was reserved is so again after a restart (B11.FR.05); what the box holds has not been lost."""
        if Capability.BOX_SESSIONS in member.state.capabilities:
            return
        now = self._keeper.clock.now()
        for held in (r for r in member.state.reservations if r.expires_at > now):
            place = Place(station=member.id, evse=held.evse, connector=1)
            await self.execute(
                Reserve(
                    place=place, reservation=held.id, token=held.token, group=held.group, expires_at=held.expires_at
                )
            )

    def after(self, member: Member, events: Iterable[Event], before: Connectors) -> None:
        """Do what a station that is there, an alarm, or an EVSE that has been reset, calls for."""
        for event in events:
            if isinstance(event, StationFound):
                member.given.clear()  # it may have forgotten it
                self.reset_if_idle(member)
                self.hold_until_accepted(member)
                self._keeper.background(self.brakes.stop_alarmed(member, Place(station=member.id)))
            elif isinstance(event, AlarmChanged) and member.state.connectors != before:
                self._keeper.background(self.follow_alarms(member, event.place))
            elif isinstance(event, EvseRestarted) and not all(each.open for each in member.state.connectors):
                self._keeper.background(self.close_again(member, event.place))

    def hold_until_accepted(self, member: Member) -> None:
        """Keep drivers away while the CSMS has not accepted the station, where it is set so (TxBeforeAcceptedEnabled)."""
        if self._to_hold(member):
            self._keeper.background(self._hold(member))

    async def _hold(self, member: Member) -> None:
        async with member.closing:
            for command in self._to_hold(member):
                await self.execute(command)

    def _to_hold(self, member: Member) -> list[ChangeAvailability]:
        """What has to be closed until the station is accepted, or opened once it is."""
        shut = not member.registered and not self._keeper.fleet.device(member.id).boolean(*TX_BEFORE_ACCEPTED)
        return [
            ChangeAvailability(
                place=Place(station=member.id, evse=each.evse, connector=each.connector),
                operative=not shut,
                closure=Closure.BOOT,
            )
            for each in member.state.connectors
            if each.evse and shut is not (Closure.BOOT in each.closures)
        ]

    async def follow_alarms(self, member: Member, where: Place) -> None:
        """Have the station stop and close where a sensor sees an alarm, and open what nobody keeps closed any more."""
        await self.brakes.stop_alarmed(member, where)
        for connector in member.state.connectors:
            if covers(where, connector):
                place = Place(station=member.id, evse=connector.evse, connector=connector.connector)
                operative = not connector.alarms
                await self.execute(ChangeAvailability(place=place, operative=operative, closure=Closure.ALARM))

    async def close_again(self, member: Member, where: Place) -> None:
        """Close what is to be closed there, after a start or when more than that was opened."""
        for connector in member.state.connectors:
            if not connector.open and covers(where, connector):
                place = Place(station=member.id, evse=connector.evse, connector=connector.connector)
                reason = connector.closures[0] if connector.operative else None
                await self.execute(ChangeAvailability(place=place, operative=False, closure=reason))

    def reset_if_idle(self, member: Member) -> None:
        """Do the resets that wait for the last transaction; one that a lost station missed waits for its return."""
        for evse in resets.due(member.state):
            place = Place(station=member.id, evse=evse)
            self._keeper.background(self.execute(Reset(place=place, kind=ResetKind.ON_IDLE)))


def _independent(member: Member, command: Command) -> bool:
    """Tell whether something can be done without the station: an added module limits the EVSE."""
    limiter = member.limiter
    return limiter is not None and isinstance(command, SetLimit) and limiter.independent(command.place.evse)
