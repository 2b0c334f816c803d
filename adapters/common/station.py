"""One family station: its EVSEs, and what is asked of it as a whole."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from adapters.common.card_reader import ReaderTask
from adapters.common.evse import EvseDriver
from adapters.common.identity import capabilities
from adapters.common.settings import Settings
from adapters.common.surroundings import Surroundings
from adapters.common.wire import Refused, Unreachable
from gateway.model import commands as cmd
from gateway.model.commands import ACCEPTED, Outcome, Verdict
from gateway.model.errors import GatewayError
from gateway.model.events import EvseRestarted, Measured, StationBooted, StationFound, StationLost
from gateway.model.ids import Place
from gateway.model.installation import Outlet
from gateway.model.rules.holding import fits
from gateway.model.session import Operative, Presented, RemoteStart
from gateway.model.station import Reservation
from gateway.model.transactions import STOPPED_BY_RESET

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from adapters.common.config import FamilyKeys
    from adapters.common.metering import AddedMeter
    from adapters.common.wire import Wire
    from gateway.contracts import Southbound, StationSettings
    from gateway.model.commands import Command
    from gateway.model.tokens import Token

logger = logging.getLogger(__name__)

LIMIT_WITHIN = 30.0
"""Seconds that a limit may take until it has been read back."""


class FamilyStation:
    """Brings the EVSEs of one station together.

    Attributes:
        heard: When one of its EVSEs was last found; None: never.
    """

    def __init__(
        self, settings: StationSettings, keys: FamilyKeys, wires: Mapping[int, Wire], meter: AddedMeter | None
    ) -> None:
        self.identity = settings.identity
        self.heard: datetime | None = None
        self._settings = settings
        self._keys = keys
        self._wires = wires
        self._meter = meter
        self._drivers: dict[int, EvseDriver] = {}
        self._own: Settings | None = None
        self._lost_told = False
        self._hub: Southbound | None = None
        self._held: dict[tuple[int, str], float] = {}

    @property
    def address(self) -> str:
        """Where it is reached."""
        return ", ".join(wire.address for wire in self._wires.values())

    async def run(self, hub: Southbound) -> None:
        """Drive every EVSE until cancelled."""
        self._hub = hub
        notes = await hub.notes(self.identity)
        self._drivers = {}
        for number, wire in self._wires.items():
            evse, connector = self._settings.connectors[number]
            around = Surroundings(
                place=Place(station=self.identity, evse=evse, connector=connector),
                keys=self._keys,
                outlet=self._settings.outlets.get((evse, connector), Outlet()),
                wire=wire,
                meter=self._meter,
                notes=notes,
                found=self._found,
                lost=self._lost,
                watched=self._settings.watched,
            )
            self._drivers[evse] = EvseDriver(hub, around)
            self._drivers[evse].sessions.spoken = self._spoken
        for (evse, holder), current in self._held.items():
            self._hold(evse, holder, current)
        self._own = Settings(self.identity, self._drivers, hub, notes)
        self._own.recall()
        try:
            async with asyncio.TaskGroup() as group:
                if self._meter is not None:
                    group.create_task(self._meter.run())
                if self._keys.reader is not None:
                    group.create_task(ReaderTask(self._keys.reader, self._present).run())
                for driver in self._drivers.values():
                    group.create_task(driver.run())
        finally:
            self._drivers = {}

    # --- found and lost -----------------------------------------------------------------------------------------------

    async def _found(self, driver: EvseDriver) -> None:
        hub = self._needed()
        self.heard, self._lost_told = hub.now(), False
        family = driver.family
        state, identity = hub.station(self.identity), driver.identity()
        await hub.publish(StationFound(station=self.identity, at=hub.now(), capabilities=capabilities(family)))
        if driver.alone and state.reset is None:
            await hub.publish(EvseRestarted(place=driver.place, at=hub.now()))
        elif state.identity != identity or state.reset is not None:
            await hub.publish(StationBooted(station=self.identity, at=hub.now(), identity=identity))
        driver.alone = False
        if self._own is not None:
            await self._own.report()

    async def _lost(self, driver: EvseDriver) -> None:
        del driver
        hub = self._needed()
        if not self._lost_told and not any(each.reached for each in self._drivers.values()):
            await hub.publish(StationLost(station=self.identity, at=hub.now()))
            self._lost_told = True

    async def _present(self, token: Token) -> None:
        """A card at the added reader: it ends its own session, else it is for the EVSE that waits for one."""
        sessions = [driver.sessions for driver in self._drivers.values() if driver.reached]
        own = [s for s in sessions if s.session.belongs_to(token)]
        waiting = [s for s in sessions if s.session.grant is None]
        waiting.sort(key=lambda s: (-s.welcome(token), not s.session.seen.plugged, s.session.spent, not s.session.open))
        for chosen in (own or waiting or sessions)[:1]:
            try:
                await chosen.feed(Presented(token=token))
            except GatewayError as error:
                logger.warning("%s: card not taken: %s", self.identity, error)

    def _needed(self) -> Southbound:
        if self._hub is None:
            raise GatewayError("station-not-running", station=self.identity)
        return self._hub

    def hold_back(self, evse: int, holder: str, current: float | None) -> None:
        """Let no more current flow at an EVSE (0: at any) while a holder wants that, whatever sessions say."""
        if self._held.get((evse, holder)) == current:
            return
        if current is None:
            self._held.pop((evse, holder), None)
        else:
            self._held[evse, holder] = current
        self._hold(evse, holder, current)

    def _hold(self, evse: int, holder: str, current: float | None) -> None:
        for driver in self._at(evse):
            driver.hold(f"{holder} at {evse}", current)

    # --- commands -----------------------------------------------------------------------------------------------------

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command; every failure is an Outcome."""
        order = self._orders().get(type(command))
        if order is None:
            return Outcome(verdict=Verdict.UNSUPPORTED, reason="the station has no such thing")
        if not self._drivers:
            return Outcome(verdict=Verdict.UNREACHABLE, reason="the station is not driven")
        try:
            return await order(command)
        except Unreachable as error:
            return Outcome(verdict=Verdict.UNANSWERED, reason=str(error))
        except Refused as error:
            return Outcome(verdict=Verdict.REJECTED, reason=str(error))
        except GatewayError as error:
            return Outcome(verdict=Verdict.FAULTED, reason=str(error))

    def _orders(self) -> Mapping[type, Callable[..., Awaitable[Outcome]]]:
        return {
            cmd.StartCharging: self._start,
            cmd.PresentToken: self._present_token,
            cmd.StopCharging: self._stop,
            cmd.Reserve: self._reserve,
            cmd.CancelReservation: self._cancel_reservation,
            cmd.SetLimit: self._limit,
            cmd.Unlock: self._unlock,
            cmd.Reset: self._reset,
            cmd.ChangeAvailability: self._availability,
            cmd.ReadVariables: self._read_variables,
            cmd.SetVariable: self._set_variable,
            cmd.TriggerReport: self._report,
        }

    def _at(self, evse: int) -> tuple[EvseDriver, ...]:
        return tuple(driver for number, driver in self._drivers.items() if evse in {0, number})

    async def _start(self, command: cmd.StartCharging) -> Outcome:
        free = [d for d in self._at(command.place.evse) if d.reached and d.sessions.free]
        free.sort(
            key=lambda d: (
                -d.sessions.welcome(command.token, command.group),
                not d.sessions.session.open,
                not d.sessions.session.seen.plugged,
            )
        )
        if not free:
            return Outcome(verdict=Verdict.OCCUPIED, reason="no EVSE is free")
        driver = free[0]
        if not driver.sessions.session.open:
            return Outcome(verdict=Verdict.FAULTED, reason="the EVSE cannot charge now")
        if not driver.sessions.welcome(command.token, command.group):
            return Outcome(verdict=Verdict.OCCUPIED, reason="the EVSE is reserved for another token")
        start = RemoteStart(token=command.token, expires_at=command.expires_at, group=command.group)
        await driver.sessions.feed(start)
        return ACCEPTED

    async def _present_token(self, command: cmd.PresentToken) -> Outcome:
        for driver in self._at(command.place.evse):
            if driver.reached and await driver.sessions.present(command.token):
                return ACCEPTED
        return Outcome(verdict=Verdict.REJECTED, reason="the token is not accepted")

    async def _stop(self, command: cmd.StopCharging) -> Outcome:
        transaction = self._needed().station(self.identity).transaction(command.transaction)
        driver = self._drivers.get(transaction.evse) if transaction is not None else None
        if driver is None:
            return Outcome(verdict=Verdict.UNKNOWN, reason="no such transaction")
        await driver.seen()
        await driver.stop(command.cause)
        return ACCEPTED

    def _spoken(self) -> frozenset[int]:
        """The EVSEs where somebody is authorised."""
        return frozenset(evse for evse, d in self._drivers.items() if d.sessions.session.grant is not None)

    async def _reserve(self, command: cmd.Reserve) -> Outcome:
        """The sessions keep to the reservations of the state; a driver who has yet to plug in is not in it."""
        wanted = Reservation(
            id=command.reservation,
            evse=command.place.evse,
            token=command.token,
            group=command.group,
            expires_at=command.expires_at,
            among=command.among,
        )
        if not fits(self._needed().station(self.identity), wanted, self._spoken()):
            return Outcome(verdict=Verdict.OCCUPIED, reason="somebody has just been authorised")
        return ACCEPTED

    async def _cancel_reservation(self, _command: cmd.CancelReservation) -> Outcome:
        return ACCEPTED

    async def _limit(self, command: cmd.SetLimit) -> Outcome:
        drivers = self._at(command.place.evse)
        if self._needed().read_only:
            return Outcome(verdict=Verdict.REJECTED, reason="this is a dry run")
        if any(driver.family.control.limit is None for driver in drivers):
            return Outcome(verdict=Verdict.UNSUPPORTED, reason="the family has no limit")
        for driver in drivers:
            driver.hold("backend", command.current)
        for driver in drivers:
            try:
                async with asyncio.timeout(LIMIT_WITHIN):
                    await driver.settle()
            except TimeoutError:
                return Outcome(verdict=Verdict.UNANSWERED, reason="the limit was not read back in time")
            if driver.setpoint.failed:
                return Outcome(verdict=Verdict.FAULTED, reason="the station does not take the limit; it is paused")
        return ACCEPTED

    async def _unlock(self, command: cmd.Unlock) -> Outcome:
        for driver in self._at(command.place.evse):
            verb = driver.family.control.unlock
            if verb is None:
                return Outcome(verdict=Verdict.UNSUPPORTED, reason="the family has no unlocking")
            if not await driver.obeys(verb.when):
                return Outcome(verdict=Verdict.REJECTED, reason="the station does not obey that now")
            if not await driver.cable.open():
                return Outcome(verdict=Verdict.REJECTED, reason="the station shows that it is still locked")
        return ACCEPTED

    async def _reset(self, command: cmd.Reset) -> Outcome:
        """Restart the station, or an EVSE, where it can be; else what the box does for it begins anew.

        A family's verb may restart the whole device: it is not for one EVSE while another is in use.
        """
        drivers = self._at(command.place.evse)
        if command.place.evse and not all(driver.reached for driver in drivers):
            return Outcome(verdict=Verdict.UNREACHABLE, reason="the EVSE is not reached")
        for driver in drivers:
            await driver.stop(STOPPED_BY_RESET)
        others = [each for each in self._drivers.values() if each not in drivers]
        in_use = any(each.sessions.session.grant or each.sessions.running for each in others)
        asked = 0
        for driver in drivers:
            verb = driver.family.control.reset
            if verb is not None and not in_use and await driver.obeys(verb.when):
                try:
                    await driver.run_steps(verb.seq)
                except Unreachable:
                    if not asked:
                        raise
                    # The EVSE before was of the same device, which starts by now.
                asked += 1
            driver.restart(alone=bool(command.place.evse))
        return ACCEPTED

    async def _availability(self, command: cmd.ChangeAvailability) -> Outcome:
        busy, state = False, self._needed().station(self.identity)
        for driver in self._at(command.place.evse):
            connector = state.connector(driver.place.evse, driver.place.connector)
            if command.operative and not command.place.evse and connector is not None and not connector.open:
                continue  # it was closed by itself, and stays so
            await driver.sessions.feed(Operative(operative=command.operative))
            busy = busy or driver.sessions.running
            verb = driver.family.control.availability
            obeyed = verb is not None and await driver.obeys(verb.when)
            if verb is not None and obeyed and (command.operative or not driver.sessions.running):
                await driver.run_steps(verb.on if command.operative else verb.off)
        scheduled = busy and not command.operative
        return Outcome(verdict=Verdict.SCHEDULED) if scheduled else ACCEPTED

    async def _read_variables(self, _command: cmd.ReadVariables) -> Outcome:
        if self._own is not None:
            await self._own.report()
        return ACCEPTED

    async def _set_variable(self, command: cmd.SetVariable) -> Outcome:
        return await self._own.set(command.key, command.value) if self._own is not None else ACCEPTED

    async def _report(self, command: cmd.TriggerReport) -> Outcome:
        """Read the meter of each EVSE now; whoever has asked tells it (F06)."""
        if command.report is not cmd.Report.METER_VALUES:
            return Outcome(verdict=Verdict.UNSUPPORTED, reason="the box knows that itself")
        found = False
        for driver in self._at(command.place.evse):
            with contextlib.suppress(Unreachable):
                sample = await driver.measure()
                found = True
                if sample.readings:
                    await self._needed().publish(Measured(place=driver.place, samples=(sample,), asked=True))
        return ACCEPTED if found else Outcome(verdict=Verdict.UNREACHABLE, reason="the EVSE does not answer")
