"""EVSEs of one station that can be held down differently: in A, by a switch, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.actuation.hands import Fitted
from gateway.actuation.limiter import Limiter
from gateway.config.control import ControlKeys
from gateway.model import events as ev
from gateway.model.commands import ACCEPTED, Outcome, SetLimit
from gateway.model.device import VariableRef
from gateway.model.installation import Installation
from gateway.model.station import Capability
from gateway.model.throttle import Throttle
from tests.fakes.box import ID
from tests.profiles.smart_charging.rig import CONTROLLER, WIRING, Rig, opened, profile

if TYPE_CHECKING:
    from pathlib import Path


def throttled(rig: Rig, first: Throttle | None, second: Throttle | None) -> None:
    """Say how finely the two EVSEs can be held down."""
    outlets = {
        (1, 1): replace(WIRING[1, 1], throttle=first),
        (2, 1): replace(WIRING[2, 1], throttle=second),
    }
    rig.box.member.installation = Installation(outlets=outlets)


async def test_what_nothing_holds_down_takes_no_profile_and_is_never_told_a_limit(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        throttled(rig, Throttle.CURRENT, Throttle.NONE)
        assert await rig.refusal(2, profile((0, 8.0))) == "UnsupportedParam"
        rig.box.member.device = None  # as at the start of the box, when its wiring is known
        device = rig.box.hub.device(ID)
        available = {
            evse: device.value(VariableRef(component=CONTROLLER, evse=evse, variable="Available")) for evse in (None, 2)
        }
        assert available == {None: "true", 2: "false"}
        assert device.spec(VariableRef(component=CONTROLLER, evse=1, variable="Available")) is None
        await rig.accept(1, profile((0, 8.0)))
        await rig.until({1: 8.0})


async def test_others_share_what_an_evse_leaves_that_nothing_holds_down(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        throttled(rig, Throttle.CURRENT, Throttle.NONE)
        await rig.accept(0, profile((0, 30.0), chargingProfilePurpose="ChargingStationMaxProfile"))
        await rig.until({1: 14.0})  # 16 A may flow at the other at any time


async def test_a_transaction_that_begins_while_its_evse_is_off_is_switched_off_as_well(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        throttled(rig, Throttle.SWITCH, Throttle.SWITCH)
        await rig.impose(0.0, evse=1)
        await rig.until({1: 0.0, 2: None})
        before = len(rig.box.adapter.asked(SetLimit))
        await rig.begin(1)
        await rig.until_asked(before + 1)
        assert rig.given()[1] == 0.0


class Outputs:
    """Outputs of an added module."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.on: list[bool] = []

    async def turn(self, output: str, *, on: bool) -> Outcome:
        del output
        self.on.append(on)
        self._rig.heard.set()
        return ACCEPTED


async def test_a_contactor_is_switched_while_its_station_is_not_reached(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        throttled(rig, Throttle.SWITCH, None)
        outputs = Outputs(rig)
        fitted = Fitted(control=ControlKeys(output="io/relay"), station=ID, evse=1, number=1, phases=3, rated=32.0)
        rig.box.member.limiter = Limiter([fitted], outputs)  # type: ignore[arg-type] # only outputs are wanted of it
        await rig.box.hub.publish(ev.StationLost(station=ID, at=rig.box.clock.now()))
        await rig.impose(0.0)
        while outputs.on[-1:] != [False]:
            rig.heard.clear()
            await rig.heard.wait()


async def test_switching_is_told_to_the_backend_as_no_smart_charging(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        throttled(rig, Throttle.SWITCH, Throttle.SWITCH)
        able = rig.box.state.capabilities - {Capability.SMART_CHARGING} | {Capability.ON_OFF}
        found = ev.StationFound(station=ID, at=rig.box.clock.now(), capabilities=able, callback="")
        await rig.box.hub.publish(found)
        assert rig.box.state.limitable
        assert rig.box.hub.device(ID).boolean("SmartChargingCtrlr", "Available") is False
