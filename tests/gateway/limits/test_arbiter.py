"""EVSEs are kept at their limits by the core, whatever profiles the site offers."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from gateway.limits import Arbiter, LimitName, LimitReason
from gateway.model import events as ev
from gateway.model.commands import Command, SetLimit
from gateway.model.errors import GatewayError
from gateway.model.ids import Place
from gateway.model.installation import Installation, Outlet
from gateway.model.readings import Reading, Sample
from gateway.model.throttle import Throttle
from gateway.model.transactions import ChargingState
from profiles.smart_charging import SmartChargingProfile
from tests.fakes.box import ID, IDENTITY, Box, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model.limits.allowances import Allowances

OUTLET = Outlet(connector_type="cType2", phases=3, power=22_080.0, current=32.0)


@dataclass
class Site:
    """A box with an arbiter, and what the station was given."""

    box: Box
    arbiter: Arbiter
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self, command: Command) -> None:
        del command
        self.heard.set()

    async def impose(self, current: float | None, evse: int = 1, holder: str = "sensor heat",
                     reason: LimitReason | None = None) -> None:  # fmt: skip
        place = Place(station=ID, evse=evse)
        event = ev.LimitImposed(place=place, at=self.box.clock.now(), holder=holder, current=current, reason=reason)
        await self.box.hub.publish(event)

    async def until(self, expected: dict[int, float | None]) -> None:
        """Wait until the station has been given these limits."""
        async with asyncio.timeout(10):
            while {c.place.evse: c.current for c in self.box.adapter.asked(SetLimit)} != expected:
                self.heard.clear()
                await self.heard.wait()

    async def until_charging(self, expected: ChargingState) -> None:
        """Wait until the transaction at EVSE 1 is in this state."""
        changed = self.box.storage.outbox.changed(ID)
        async with asyncio.timeout(10):
            while True:
                changed.clear()
                running = self.box.state.transaction_at(1)
                if running is not None and running.charging_state is expected:
                    return
                await changed.wait()

    async def power(self, watts: float) -> None:
        """The station reports what flows."""
        reading = Reading(value=watts, measurand="Power.Active.Import", unit="W")
        sample = Sample(at=self.box.clock.now(), readings=(reading,))
        await self.box.hub.publish(ev.Measured(place=Place(station=ID, evse=1, connector=1), samples=(sample,)))


@asynccontextmanager
async def site(
    path: Path, *, smart: type[SmartChargingProfile] | None = None, first: Outlet = OUTLET, arrive: bool = True
) -> AsyncIterator[Site]:
    """A box whose site has left the profile smart_charging out, unless ``smart`` is given."""
    async with open_box(path) as box:
        offered = [smart(box.hub, box.backend)] if smart else []
        arbiter = Arbiter(box.hub, offered)
        box.hub.attach(box.backend, [*offered, box.profile, arbiter])
        if arrive:
            await box.arrive()
        box.member.installation = Installation(outlets={(1, 1): first, (2, 1): OUTLET})
        made = Site(box=box, arbiter=arbiter)
        box.adapter.on_command = made.note
        task = asyncio.create_task(arbiter.run())
        try:
            yield made
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_limits_of_others_hold_without_smart_charging(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        await made.impose(12.0)
        await made.impose(8.0, 2, "load")
        await made.until({1: 12.0, 2: 8.0})
        await made.box.hub.publish(ev.StationBooted(station=ID, at=made.box.clock.now(), identity=IDENTITY))
        await made.impose(14.0, 0, "local", LimitReason.of(LimitName.TECHNICIAN, holder="local"))
        await made.until({1: 7.0, 2: 7.0})
        await made.box.settled()
        actions = {message.action for message in await made.box.sent()}
        assert not {"NotifyChargingLimit", "ClearedChargingLimit"} & actions
    async with site(tmp_path, arrive=False) as made:
        await made.until({1: 7.0, 2: 7.0})
        assert {each.reason.code for each in made.arbiter.bindings(ID).values()} == {"technician"}
        for evse, holder in ((0, "local"), (1, "sensor heat"), (2, "load")):
            await made.impose(None, evse, holder)
        await made.until({1: None, 2: None})


async def test_a_limit_is_taken_back_that_ended_while_the_box_was_off(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        await made.impose(12.0)
        await made.until({1: 12.0})
        await made.box.hub.publish(ev.StationLost(station=ID, at=made.box.clock.now()))
        await made.impose(None)
    async with site(tmp_path) as made:
        await made.until({1: None})


class Unreadable(SmartChargingProfile):
    """What it keeps cannot be read from a moment on."""

    lost = False

    @override
    async def allowances(self, station: str) -> Allowances:
        """Fail, or not."""
        if self.lost:
            raise GatewayError("storage-failed")
        return await super().allowances(station)


async def test_limits_of_others_hold_while_charging_profiles_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path, smart=Unreadable) as made:
        await made.impose(12.0)
        await made.until({1: 12.0})
        monkeypatch.setattr(Unreadable, "lost", True)
        await made.impose(7.0)
        await made.until({1: 7.0})


async def test_which_limit_binds_is_known_and_logged_when_it_is_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.limits.insight")
    full = LimitReason.of(LimitName.CIRCUIT, node="garage", phase="L2")
    async with site(tmp_path) as made:
        for current in (10.0, 11.0):
            await made.impose(current, holder="load", reason=full)
            await made.until({1: current})
        await made.impose(8.0, reason=LimitReason.of(LimitName.SENSOR, sensor="heat"))
        await made.until({1: 8.0})
        binding = made.arbiter.bindings(ID)[1]
        assert (binding.current, binding.reason.text, binding.holder) == (8.0, "sensor (sensor heat)", "sensor heat")
        assert made.arbiter.cap(ID, 1) == 8.0
        await made.impose(None)
        await made.until({1: 11.0})
        assert made.arbiter.cap(ID, 1) is None
        assert [each.reason.code for each in made.arbiter.foreign(ID, 1)] == ["built"]
        made.arbiter.explained_by(lambda station, evse: LimitReason(code=f"{station}/{evse}"))
        assert made.arbiter.bindings(ID)[1].reason.code == "CP-1/1"
        await made.impose(None, holder="load")
        await made.until({1: None})
        assert not made.arbiter.bindings(ID)[1].limited
    assert [record.getMessage() for record in caplog.records] == [
        "CP-1: EVSE 1: 10 A: circuit (node garage, phase L2)",
        "CP-1: EVSE 1: 8 A: sensor (sensor heat)",
        "CP-1: EVSE 1: 11 A: circuit (node garage, phase L2)",
        "CP-1: EVSE 1: 32 A: built",
    ]


@pytest.mark.ocpp("K03.FR.05", "K03.FR.06")
async def test_what_the_backend_says_of_a_transactions_priority_is_known_to_load_management(tmp_path: Path) -> None:
    async with site(tmp_path, smart=SmartChargingProfile) as made:
        await made.box.begin()
        await made.impose(12.0)
        await made.until({1: 12.0})
        assert made.arbiter.priority(ID, 1) == 0
        (event,) = [m for m in await made.box.sent() if m.action == "TransactionEvent"]
        info = {"status": "Accepted", "chargingPriority": 2}
        for answer, expected in (({"idTokenInfo": info}, 2), ({"idTokenInfo": info, "chargingPriority": -3}, -3)):
            await made.box.hub.responded(ID, event, answer)
            await made.impose(float(expected + 10))
            await made.until({1: float(expected + 10)})
            assert made.arbiter.priority(ID, 1) == expected
        assert made.arbiter.priority(ID, 2) == 0


async def test_an_outlet_that_gives_nothing_below_8_a_is_told_to_be_suspended_with_7(tmp_path: Path) -> None:
    coarse = replace(OUTLET, throttle=Throttle.CURRENT, least=8.0)
    async with site(tmp_path, first=coarse) as made:
        await made.box.begin()
        await made.power(11_000.0)
        await made.until_charging(ChargingState.CHARGING)
        await made.impose(7.0)
        await made.until_charging(ChargingState.SUSPENDED_EVSE)
        await made.impose(8.0)
        await made.until_charging(ChargingState.EV_CONNECTED)


async def test_a_transaction_behind_an_open_contactor_is_suspended_by_the_station(tmp_path: Path) -> None:
    switched = replace(OUTLET, throttle=Throttle.SWITCH, draws=16.0)
    async with site(tmp_path, first=switched) as made:
        await made.box.begin()
        await made.power(11_000.0)
        await made.until_charging(ChargingState.CHARGING)
        await made.impose(15.0)
        await made.until_charging(ChargingState.SUSPENDED_EVSE)
        await made.power(0.0)
        await made.power(900.0)  # it flows all the same, and that is told
        await made.until_charging(ChargingState.CHARGING)
        await made.power(0.0)
        await made.until_charging(ChargingState.SUSPENDED_EVSE)
        await made.impose(16.0)
        await made.until_charging(ChargingState.EV_CONNECTED)
        await made.power(11_000.0)
        await made.until_charging(ChargingState.CHARGING)
        events = [m.payload for m in await made.box.sent() if m.action == "TransactionEvent"]
        told = [e["transactionInfo"]["chargingState"] for e in events if "chargingState" in e["transactionInfo"]]
        assert told == [
            "EVConnected", "Charging", "SuspendedEVSE", "Charging", "EVConnected", "SuspendedEVSE", "EVConnected", "Charging",
        ]  # fmt: skip
