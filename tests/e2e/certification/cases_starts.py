"""Cases of the start of transactions and of remote starts, each as a function of its name (Part 6, TC_E and TC_F).

Those of the start points go on until energy flows, as the errata of 2025-02 have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.bench.car import Car
from tests.e2e.certification.visit import CARD, EVSE, TOKEN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.e2e.certification.visit import Visit

    Case = Callable[[Visit], Awaitable[None]]


@pytest.mark.ocpp("E01.FR.05", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
async def tc_e_01_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "PowerPathClosed")
    await visit.present()
    await visit.plug()
    await visit.step("Started", "CablePluggedIn", "EVConnected", idToken=CARD, evse=EVSE)
    await visit.flows()


@pytest.mark.ocpp("E01.FR.06", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
async def tc_e_02_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "EnergyTransfer")
    await visit.present()
    await visit.plug()
    await visit.step("Started", "ChargingStateChanged", "Charging", idToken=CARD, evse=EVSE)


@pytest.mark.ocpp("E02.FR.01", "E02.FR.05", "E02.FR.06", "E02.FR.07", "E02.FR.13", "E02.FR.15", "E02.FR.20")
async def tc_e_03_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "EVConnected")
    await visit.plug()
    await visit.step("Started", "CablePluggedIn", "EVConnected", evse=EVSE, idToken=None)
    await visit.present()
    await visit.step("Updated", "Authorized", idToken=CARD)
    await visit.flows()


@pytest.mark.ocpp("E03.FR.01", "E03.FR.06", "E01.FR.16")
async def tc_e_04_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "Authorized")
    await visit.present()
    await visit.step("Started", "Authorized", "Idle", idToken=CARD)
    await visit.plug()
    await visit.step("Updated", "CablePluggedIn", "EVConnected", evse=EVSE)
    await visit.flows()


@pytest.mark.ocpp("E03.FR.01", "E03.FR.05", "E03.FR.06")
async def tc_e_05_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "Authorized")
    await visit.set_("EVConnectionTimeOut", "2")
    await visit.present()
    await visit.step("Started", "Authorized", "Idle", idToken=CARD)
    ended = await visit.step("Ended", "EVConnectTimeout")
    assert ended["transactionInfo"]["stoppedReason"] == "Timeout"
    await visit.set_("EVConnectionTimeOut", "60")
    await tc_e_04_cs(visit)


@pytest.mark.ocpp("E01.FR.02", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
async def tc_e_09_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "EVConnected")
    await visit.plug()
    await visit.step("Started", "CablePluggedIn", "EVConnected", evse=EVSE, idToken=None)
    await visit.present()
    await visit.step("Updated", "Authorized", idToken=CARD)
    await visit.flows()


@pytest.mark.ocpp("E01.FR.03", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
async def tc_e_10_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "Authorized")
    await visit.present()
    await visit.step("Started", "Authorized", "Idle", idToken=CARD)
    await visit.plug()
    await visit.step("Updated", "CablePluggedIn", "EVConnected", evse=EVSE)
    await visit.flows()


@pytest.mark.ocpp("E01.FR.01", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
async def tc_e_12_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "ParkingBayOccupancy")
    await drive(visit, into=True)
    await visit.step("Started", "EVDetected", "Idle")
    await visit.present()
    await visit.step("Updated", "Authorized", idToken=CARD)
    await visit.plug()
    await visit.step("Updated", "CablePluggedIn", "EVConnected", evse=EVSE)
    await visit.flows()
    await visit.unplug()
    await visit.step("Ended", "EVCommunicationLost", "Idle")
    await drive(visit, into=False)


async def drive(visit: Visit, *, into: bool) -> None:
    """A car comes into the parking bay, or leaves it; the CSMS can see that."""
    visit.both.stand.outlet.memory.stored["bay"] = int(into)
    sensor = {"name": "BayOccupancySensor", "evse": {"id": 1}}
    while (await visit.side.value(sensor, "Active"))["attributeValue"] != str(into).lower():
        pass


@pytest.mark.ocpp("E06.FR.01")
async def tc_e_19_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "ParkingBayOccupancy")
    await drive(visit, into=True)
    await visit.present()
    await visit.plug()
    await visit.step("Started", "CablePluggedIn", "EVConnected", idToken=CARD)
    await visit.flows()
    visit.both.stand.outlet.present(TOKEN)
    await visit.step("Updated", "StopAuthorized", idToken=CARD)
    await visit.step("Updated", "ChargingStateChanged", "EVConnected")
    visit.both.stand.outlet.present("")
    await visit.unplug()
    await visit.step("Updated", "EVCommunicationLost", "Idle")
    await drive(visit, into=False)
    ended = await visit.step("Ended", "EVDeparted")
    assert ended["transactionInfo"]["stoppedReason"] == "Local"


@pytest.mark.ocpp("E01.FR.03", "F02.FR.01", "F02.FR.05", "F02.FR.21")
async def tc_e_13_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "Authorized")
    await visit.start_remotely()
    started = await visit.step("Started", "RemoteStart", "Idle", idToken=CARD)
    assert "remoteStartId" in started["transactionInfo"]
    await visit.plug()
    await visit.step("Updated", "CablePluggedIn", "EVConnected", evse=EVSE)
    await visit.flows()


@pytest.mark.ocpp("E01.FR.18", "E01.FR.19")
async def tc_e_38_cs(visit: Visit) -> None:
    await visit.present()
    await visit.plug(Car(paused=True))
    await visit.step("Started", "CablePluggedIn", "EVConnected", idToken=CARD, evse=EVSE)
    await visit.step("Updated", "ChargingStateChanged", "SuspendedEV")


@pytest.mark.ocpp("F01.FR.03", "F01.FR.04", "F01.FR.05", "F01.FR.13", "F01.FR.17", "F01.FR.19", "F01.FR.25")
async def tc_f_01_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "EVConnected")
    await visit.plug()
    started = await visit.step("Started", "CablePluggedIn", "EVConnected", evse=EVSE, idToken=None)
    answer = await visit.start_remotely()
    assert answer["transactionId"] == started["transactionInfo"]["transactionId"]
    told = await visit.step("Updated", "RemoteStart", idToken=CARD)
    assert "remoteStartId" in told["transactionInfo"]
    await visit.flows()


@pytest.mark.ocpp("F02.FR.01", "F02.FR.09")
async def tc_f_02_cs(visit: Visit) -> None:
    await visit.set_("AuthorizeRemoteStart", "true", "AuthCtrlr")
    await visit.set_("TxStartPoint", "Authorized")
    await visit.start_remotely(asks=True)
    started = await visit.step("Started", "RemoteStart", "Idle", idToken=CARD)
    assert "remoteStartId" in started["transactionInfo"]
    await visit.plug()
    await visit.step("Updated", "CablePluggedIn", "EVConnected", evse=EVSE)
    await visit.flows()


@pytest.mark.ocpp("F02.FR.01", "F02.FR.10")
async def tc_f_03_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "Authorized")
    await visit.start_remotely()
    await visit.step("Started", "RemoteStart", "Idle", idToken=CARD)
    assert visit.side.received("Authorize", visit.since) == []
    await visit.plug()
    await visit.step("Updated", "CablePluggedIn", "EVConnected", evse=EVSE)
    await visit.flows()


@pytest.mark.ocpp("F02.FR.01", "F02.FR.07")
async def tc_f_04_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "Authorized")
    await visit.set_("EVConnectionTimeOut", "2")
    await visit.start_remotely()
    await visit.step("Started", "RemoteStart", "Idle", idToken=CARD)
    ended = await visit.step("Ended", "EVConnectTimeout")
    assert ended["transactionInfo"]["stoppedReason"] == "Timeout"
    await visit.start_remotely()
    await visit.step("Started", "RemoteStart", "Idle", idToken=CARD)


CASES: dict[str, Case] = {name.upper(): case for name, case in list(globals().items()) if name.startswith("tc_")}
