"""Cases of authorization that an OCPP 1.5 station cannot pass, each as a function of its name (Part 6, TC_C)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.bench.car import Car
from tests.e2e.certification.gate import AUTH, BADGE, CACHE, MASTERS
from tests.e2e.certification.visit import CARD, EVSE, TOKEN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.e2e.certification.gate import Gate

    Case = Callable[[Gate], Awaitable[None]]

GROUP = {"idToken": MASTERS, "type": "Central"}
SPARE = 300
"""Wh that may still flow to a token that turns out to be invalid."""


async def cached(gate: Gate, status: str = "Accepted") -> None:
    """State IdTokenCached: the CSMS has said something of the token, which charges nowhere."""
    gate.say(status)
    await gate.set_("TxStartPoint", "Authorized")
    await gate.set_("EVConnectionTimeOut", "1")
    await gate.show()
    if status == "Accepted":
        await gate.step("Started", "Authorized", "Idle", idToken=CARD)
        await gate.step("Ended", "EVConnectTimeout")
    await gate.set_("TxStartPoint", "PowerPathClosed")
    await gate.set_("EVConnectionTimeOut", "60")


async def known_offline(gate: Gate, *, stops: bool, spare: int) -> None:
    """The driver of a known token charges while the CSMS is away; when it is back, it does not accept the token."""
    await cached(gate)
    await gate.set_("LocalPreAuthorize", "true", AUTH)
    await gate.set_("StopTxOnInvalidId", str(stops).lower())
    await gate.set_("MaxEnergyOnInvalidId", str(spare))
    await gate.plug()
    await gate.away()
    await gate.show_until(gate.flowing)
    gate.say("Invalid")
    await gate.back()
    started = await gate.step("Started", "Authorized", "EVConnected", idToken=CARD, evse=EVSE)
    assert started["offline"]
    assert gate.asked() == [TOKEN], "only before"


@pytest.mark.ocpp("C12.FR.02", "C12.FR.04", "C15.FR.02", "C15.FR.07")
async def tc_c_15_cs(gate: Gate) -> None:
    await known_offline(gate, stops=False, spare=SPARE)
    before = gate.both.stand.outlet.charge.evse.register
    suspended = await gate.told(chargingState="SuspendedEVSE")
    assert (suspended["eventType"], suspended["triggerReason"]) == ("Updated", "ChargingStateChanged")
    await gate.rest(lambda: not gate.flowing())
    assert gate.both.stand.outlet.charge.evse.register - before >= SPARE / 2, (
        "some energy more, after the backend's word"
    )


@pytest.mark.ocpp("C12.FR.02", "C15.FR.02", "C15.FR.06")
async def tc_c_17_cs(gate: Gate) -> None:
    await known_offline(gate, stops=False, spare=0)
    suspended = await gate.told(chargingState="SuspendedEVSE")
    assert (suspended["eventType"], suspended["triggerReason"]) == ("Updated", "ChargingStateChanged")
    await gate.rest(lambda: not gate.flowing())


@pytest.mark.ocpp("C12.FR.02", "C15.FR.02", "C15.FR.04")
async def tc_c_18_cs(gate: Gate) -> None:
    await known_offline(gate, stops=True, spare=500)
    ended = await gate.told(eventType="Ended")
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("Deauthorized", "DeAuthorized")
    await gate.rest(lambda: not gate.flowing())


@pytest.mark.ocpp("C15.FR.02", "C15.FR.06", "C15.FR.08", "C13.FR.06")
async def tc_c_26_cs(gate: Gate) -> None:
    await gate.set_("LocalPreAuthorize", "true", AUTH)
    await gate.set_("OfflineTxForUnknownIdEnabled", "true", AUTH)
    await gate.set_("StopTxOnInvalidId", "false")
    gate.say("Invalid")
    await gate.away()
    gate.both.stand.outlet.present(TOKEN)
    gate.both.stand.outlet.plug(Car())
    await gate.rest(gate.flowing)
    gate.both.stand.outlet.present("")
    since = gate.both.world.news
    await gate.back()
    await gate.side.heard("StatusNotification", since, connectorStatus="Occupied")
    assert (await gate.told(idToken=CARD))["offline"]
    await gate.told(chargingState="SuspendedEVSE")
    assert gate.asked() == []
    gate.both.stand.outlet.present(TOKEN)
    ended = await gate.told(triggerReason="StopAuthorized")
    assert (ended["eventType"], ended["idToken"]) == ("Ended", CARD)
    await gate.unplug()


async def masters(gate: Gate) -> None:
    """The CSMS knows a token of the master pass group."""
    await gate.set_("MasterPassGroupId", MASTERS, AUTH)
    gate.say("Accepted", **{BADGE: {"status": "Accepted", "groupIdToken": GROUP}})


@pytest.mark.ocpp("C16.FR.03")
async def tc_c_45_cs(gate: Gate) -> None:
    await masters(gate)
    await gate.set_("TxStartPoint", "Authorized")
    await gate.show(BADGE)
    await gate.plug()
    await gate.side.call("TriggerMessage", requestedMessage="Heartbeat")
    await gate.side.heard("Heartbeat", gate.since)
    assert gate.quiet()
    assert not gate.flowing()


@pytest.mark.ocpp("C16.FR.02", "C16.FR.07")
async def tc_c_49_cs(gate: Gate) -> None:
    await masters(gate)
    await gate.plug()
    await gate.show()
    await gate.step("Started", "Authorized", "EVConnected", idToken=CARD, evse=EVSE)
    await gate.flows()
    await gate.show(BADGE)
    ended = await gate.told(eventType="Ended")
    assert ended["transactionInfo"]["stoppedReason"] == "MasterPass"
    assert ended["triggerReason"] == "StopAuthorized"
    assert ended.get("idToken") in {None, BADGE}
    await gate.rest(lambda: not gate.flowing())
    await gate.unplug()


@pytest.mark.ocpp("C10.FR.01", "C12.FR.05")
async def tc_c_57_cs(gate: Gate) -> None:
    await cached(gate, "Invalid")
    await gate.set_("LocalPreAuthorize", "true", AUTH)
    await gate.set_("DisablePostAuthorize", "true", CACHE)
    await gate.plug()
    log = gate.both.world.box.log
    before = len(log)
    gate.both.stand.outlet.present(TOKEN)
    await gate.both.world.box.logged("token refused: Invalid", since=before)
    assert gate.asked() == [TOKEN], "once, before"
    assert gate.quiet()


CASES: dict[str, Case] = {name.upper(): case for name, case in list(globals().items()) if name.startswith("tc_")}
"""By id."""
