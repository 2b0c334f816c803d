"""Cases of the end of transactions, of cables and of readings on demand, each as a function of its name (TC_E, TC_F).

Those before ``LOCKED`` are at a wallbox with a cable of its own, the others at one with a socket that locks the cable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.visit import CARD, EVSE, TOKEN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.certification.visit import Visit

    Case = Callable[[Visit], Awaitable[None]]

COMMUNICATION = "OCPPCommCtrlr"


async def charge(visit: Visit) -> str:
    """State EnergyTransferStarted, with a card; the transaction."""
    await visit.plug()
    await visit.present()
    visit.both.stand.outlet.present("")  # taken away, so that it can be held there again
    started = await visit.step("Started", "Authorized", "EVConnected", idToken=CARD, evse=EVSE)
    await visit.flows()
    return str(started["transactionInfo"]["transactionId"])


async def suspend(visit: Visit) -> None:
    """State EnergyTransferSuspended."""
    await charge(visit)
    visit.both.stand.outlet.pause(paused=True)
    await visit.step("Updated", "ChargingStateChanged", "SuspendedEV")


async def stop_remotely(visit: Visit, transaction: str) -> None:
    """The CSMS stops it."""
    answer = await visit.side.call("RequestStopTransaction", transactionId=transaction)
    assert answer["status"] == "Accepted"


async def ends(visit: Visit, trigger: str, reason: str, state: str = "", **fields: object) -> Payload:
    """The next TransactionEvent, which has to be the end."""
    event = await visit.step("Ended", trigger, state, **fields)
    assert event["transactionInfo"]["stoppedReason"] == reason
    return event


# --- the points at which transactions stop ----------------------------------------------------------------------------


@pytest.mark.ocpp("E06.FR.06", "E06.FR.15", "E07.FR.01", "E07.FR.02", "E07.FR.05")
async def tc_e_07_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "PowerPathClosed")
    await charge(visit)
    visit.both.stand.outlet.present(TOKEN)
    await ends(visit, "StopAuthorized", "Local", "EVConnected", idToken=CARD)


@pytest.mark.ocpp("E06.FR.07", "E06.FR.15")
async def tc_e_08_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "EnergyTransfer")
    await charge(visit)
    visit.both.stand.outlet.present(TOKEN)
    await visit.step("Updated", "StopAuthorized", idToken=CARD)
    await ends(visit, "ChargingStateChanged", "Local", "EVConnected")


@pytest.mark.ocpp("E06.FR.02", "E06.FR.15", "F03.FR.02", "F04.FR.03")
async def tc_e_14_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "EVConnected")
    transaction = await charge(visit)
    await stop_remotely(visit, transaction)
    await visit.step("Updated", "RemoteStop")
    await visit.step("Updated", "ChargingStateChanged", "EVConnected")
    await visit.unplug()
    await ends(visit, "EVCommunicationLost", "Remote", "Idle")


@pytest.mark.ocpp("E06.FR.03", "E06.FR.15", "E07.FR.01", "E07.FR.02", "E07.FR.05")
async def tc_e_15_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "Authorized")
    await charge(visit)
    visit.both.stand.outlet.present(TOKEN)
    await ends(visit, "StopAuthorized", "Local", "EVConnected", idToken=CARD)


@pytest.mark.ocpp("E06.FR.15", "E09.FR.01")
async def tc_e_17_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "Authorized")
    await visit.set_("StopTxOnEVSideDisconnect", "true")
    await suspend(visit)
    await visit.unplug()
    await ends(visit, "EVCommunicationLost", "EVDisconnected", "Idle")


@pytest.mark.ocpp("E06.FR.02", "E06.FR.15")
async def tc_e_20_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "EVConnected")
    await visit.set_("StopTxOnEVSideDisconnect", "false")
    await suspend(visit)
    await visit.unplug()
    await ends(visit, "EVCommunicationLost", "EVDisconnected", "Idle")


@pytest.mark.ocpp("E06.FR.03", "E06.FR.15", "F03.FR.09")
async def tc_e_21_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "Authorized")
    await stop_remotely(visit, await charge(visit))
    await ends(visit, "RemoteStop", "Remote", "EVConnected")


@pytest.mark.ocpp("E06.FR.07", "E06.FR.15")
async def tc_e_22_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "EnergyTransfer")
    await charge(visit)
    visit.both.stand.outlet.pause(paused=True)
    await ends(visit, "ChargingStateChanged", "StoppedByEV", "EVConnected")


@pytest.mark.ocpp("E06.FR.06", "E06.FR.15")
async def tc_e_35_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "PowerPathClosed")
    await stop_remotely(visit, await charge(visit))
    await ends(visit, "RemoteStop", "Remote", "EVConnected")


@pytest.mark.ocpp("E06.FR.06", "E06.FR.15")
async def tc_e_37_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "PowerPathClosed")
    await visit.set_("StopTxOnEVSideDisconnect", "false")
    await suspend(visit)
    await visit.unplug()
    await ends(visit, "EVCommunicationLost", "EVDisconnected", "Idle")


@pytest.mark.ocpp("E06.FR.15")
async def tc_e_39_cs(visit: Visit) -> None:
    await visit.set_("TxStartPoint", "Authorized")
    await visit.set_("TxStopPoint", "Authorized")
    await visit.set_("EVConnectionTimeOut", "2")
    await visit.present()
    await visit.step("Started", "Authorized", "Idle", idToken=CARD)
    await ends(visit, "EVConnectTimeout", "Timeout")
    await visit.plug()
    await visit.side.call("TriggerMessage", requestedMessage="Heartbeat")
    await visit.side.heard("Heartbeat", visit.since)
    assert visit.quiet()
    assert visit.both.stand.outlet.summary()["current"] == 0


# --- who unplugs at the car -------------------------------------------------------------------------------------------


@pytest.mark.ocpp("E09.FR.01", "E09.FR.04")
async def tc_e_25_cs(visit: Visit) -> None:
    await visit.set_("StopTxOnEVSideDisconnect", "true")
    await suspend(visit)
    await visit.unplug()
    await ends(visit, "EVCommunicationLost", "EVDisconnected", "Idle")


@pytest.mark.ocpp("E10.FR.03")
async def tc_e_26_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "Authorized")
    await visit.set_("StopTxOnEVSideDisconnect", "false")
    await suspend(visit)
    await visit.unplug()
    await visit.step("Updated", "EVCommunicationLost", "Idle")
    await visit.plug()
    await visit.step("Updated", "CablePluggedIn", "EVConnected")
    await visit.flows()


@pytest.mark.ocpp("E10.FR.02", "E10.FR.03")
async def tc_e_27_cs(visit: Visit) -> None:
    await visit.set_("TxStopPoint", "Authorized")
    await visit.set_("StopTxOnEVSideDisconnect", "false")
    await visit.set_("EVConnectionTimeOut", "2")
    await suspend(visit)
    await visit.unplug()
    await visit.step("Updated", "EVCommunicationLost", "Idle")
    await ends(visit, "EVConnectTimeout", "Timeout")


# --- a card that nobody is asked about --------------------------------------------------------------------------------


async def tc_e_52_cs(visit: Visit) -> None:
    await visit.set_("DisableRemoteAuthorization", "true", "AuthCtrlr")
    try:
        visit.both.stand.outlet.present("DEADBEEF")
        await visit.plug()
        await visit.unplug()  # by then the box has long seen the card
        assert visit.side.received("Authorize", visit.since) == []
        assert visit.quiet()
    finally:
        await visit.set_("DisableRemoteAuthorization", "false", "AuthCtrlr")


# --- readings on demand -----------------------------------------------------------------------------------------------


async def triggered(visit: Visit, message: str, **scope: object) -> Payload:
    """What comes of a TriggerMessage."""
    since = visit.both.world.news
    answer = await visit.side.call("TriggerMessage", requestedMessage=message, **scope)
    assert answer["status"] == "Accepted"
    told = await visit.side.heard(message, since)
    (value,) = told["meterValue"]
    assert {each["context"] for each in value["sampledValue"]} == {"Trigger"}
    return told


async def _meter_values(visit: Visit, **scope: object) -> None:
    await visit.set_("Measurands", "Voltage,Energy.Active.Import.Register", "AlignedDataCtrlr")
    told = await triggered(visit, "MeterValues", **scope)
    assert told["evseId"] == 1
    measured = {each["measurand"] for each in told["meterValue"][0]["sampledValue"]}
    assert measured == {"Voltage", "Energy.Active.Import.Register"}


@pytest.mark.ocpp("F06.FR.04", "F06.FR.05", "F06.FR.06", "F06.FR.10")
async def tc_f_11_cs(visit: Visit) -> None:
    await _meter_values(visit, evse={"id": 1})


@pytest.mark.ocpp("F06.FR.04", "F06.FR.05", "F06.FR.06", "F06.FR.10", "F06.FR.11")
async def tc_f_12_cs(visit: Visit) -> None:
    await _meter_values(visit)


async def _transaction_event(visit: Visit, **scope: object) -> None:
    transaction = await charge(visit)
    before = visit.both.stand.outlet.charge.evse.register
    await triggered(visit, "TransactionEvent", **scope)
    event = await visit.step("Updated", "Trigger", "Charging")
    assert event["transactionInfo"]["transactionId"] == transaction
    (value,) = event["meterValue"]
    assert value["timestamp"] <= event["timestamp"]
    energy = [v["value"] for v in value["sampledValue"] if v["measurand"] == "Energy.Active.Import.Register"]
    assert energy[0] > before - 1, "of now"


@pytest.mark.ocpp("F06.FR.04", "F06.FR.05", "F06.FR.07", "F06.FR.09", "F06.FR.10")
async def tc_f_13_cs(visit: Visit) -> None:
    await _transaction_event(visit, evse={"id": 1})


@pytest.mark.ocpp("F06.FR.04", "F06.FR.05", "F06.FR.07", "F06.FR.09", "F06.FR.10", "F06.FR.11")
async def tc_f_14_cs(visit: Visit) -> None:
    await _transaction_event(visit)


CASES: dict[str, Case] = {
    case.__name__.upper(): case
    for case in (
        tc_e_07_cs, tc_e_08_cs, tc_e_14_cs, tc_e_15_cs, tc_e_17_cs, tc_e_20_cs, tc_e_21_cs, tc_e_22_cs, tc_e_25_cs,
        tc_e_26_cs, tc_e_27_cs, tc_e_35_cs, tc_e_37_cs, tc_e_39_cs, tc_e_52_cs, tc_f_11_cs, tc_f_12_cs, tc_f_13_cs,
        tc_f_14_cs,
    )
}  # fmt: skip
"""By id."""


# --- a cable that the station locks -----------------------------------------------------------------------------------


def unlocked(visit: Visit) -> int:
    """How often the station was told to open the lock."""
    writes = visit.both.stand.outlet.writes
    return writes["unlock_command"]


async def start(visit: Visit) -> str:
    """State EnergyTransferStarted, by the CSMS; the transaction."""
    await visit.plug()
    await visit.start_remotely()
    started = await visit.event()
    assert (started["eventType"], started["triggerReason"]) == ("Started", "RemoteStart")
    await visit.flows()
    return str(started["transactionInfo"]["transactionId"])


@pytest.mark.ocpp("E09.FR.01", "E09.FR.02", "E09.FR.04")
async def tc_e_24_cs(visit: Visit) -> None:
    await visit.set_("UnlockOnEVSideDisconnect", "true", COMMUNICATION)
    await start(visit)
    visit.both.stand.outlet.pause(paused=True)
    await visit.step("Updated", "ChargingStateChanged", "SuspendedEV")
    before = unlocked(visit)
    await visit.unplug()
    await ends(visit, "EVCommunicationLost", "EVDisconnected", "Idle")
    while unlocked(visit) == before:
        await visit.side.call("GetTransactionStatus")  # the CSMS is told nothing of the lock


@pytest.mark.ocpp("F05.FR.01", "F05.FR.02")
async def tc_f_05_cs(visit: Visit) -> None:
    transaction = await start(visit)
    before = unlocked(visit)
    answer = await visit.side.call("UnlockConnector", evseId=1, connectorId=1)
    assert answer["status"] == "OngoingAuthorizedTransaction"
    assert unlocked(visit) == before
    await stop_remotely(visit, transaction)
    await ends(visit, "RemoteStop", "Remote", "EVConnected")


async def _unlocks(visit: Visit) -> None:
    before = unlocked(visit)
    assert (await visit.side.call("UnlockConnector", evseId=1, connectorId=1))["status"] == "Unlocked"
    assert unlocked(visit) > before


@pytest.mark.ocpp("F05.FR.01", "F05.FR.04")
async def tc_f_06_cs(visit: Visit) -> None:
    await visit.plug()
    await _unlocks(visit)


@pytest.mark.ocpp("F05.FR.01", "F05.FR.04", "F05.FR.06")
async def tc_f_07_cs(visit: Visit) -> None:
    await _unlocks(visit)


@pytest.mark.ocpp("F05.FR.01", "F05.FR.03")
async def tc_f_10_cs(visit: Visit) -> None:
    answer = await visit.side.call("UnlockConnector", evseId=1, connectorId=999)
    assert answer["status"] == "UnknownConnector"


LOCKED: dict[str, Case] = {
    case.__name__.upper(): case for case in (tc_e_24_cs, tc_f_05_cs, tc_f_06_cs, tc_f_07_cs, tc_f_10_cs)
}
"""By id, at a socket with a lock."""
