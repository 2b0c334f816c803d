"""What an OCPP 1.6 station says of a visit: stages, phases, reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.ocpp1x.inbound_security import SECURITY_HANDLERS
from gateway.model.commands import ResetKind
from gateway.model.events import (
    ConnectorChanged,
    FirmwareProgress,
    FirmwareStatus,
    LogProgress,
    LogStatus,
    Measured,
    SecurityReported,
    StationBooted,
    TransactionBegan,
    TransactionEnded,
    TransactionUpdated,
)
from gateway.model.evse import ConnectorStatus
from gateway.model.problems import fault_of
from gateway.model.station import StationIdentity
from gateway.model.transactions import (
    STOPPED_BY_BACKEND,
    STOPPED_BY_DRIVER,
    STOPPED_BY_RESET,
    STOPPED_BY_UNPLUGGING,
    STOPPED_DEAUTHORIZED,
    ChargingState,
    StoppedReason,
    TriggerReason,
)
from tests.adapters.ocpp1x.rig import ID, NOW, TICK, Station, state, transaction

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Fields
    from gateway.model.transactions import StopCause

STAGES = {
    "Preparing": ChargingState.EV_CONNECTED,
    "Charging": ChargingState.CHARGING,
    "SuspendedEV": ChargingState.SUSPENDED_EV,
    "SuspendedEVSE": ChargingState.SUSPENDED_EVSE,
    "Finishing": ChargingState.EV_CONNECTED,
}


async def status(station: Station, status_: str, connector: int = 1) -> list[object]:
    """The events of one StatusNotification."""
    before = len(station.box.events)
    answer = await station.says(
        "StatusNotification", connectorId=connector, status=status_, errorCode="NoError", timestamp=NOW
    )
    assert answer == {}
    return list(station.box.events[before:])


@pytest.mark.parametrize("stage", STAGES)
async def test_a_stage_without_a_transaction_is_only_occupied(stage: str) -> None:
    (event,) = await status(Station(), stage)
    assert isinstance(event, ConnectorChanged)
    assert event.status is ConnectorStatus.OCCUPIED


@pytest.mark.parametrize("stage", ["Charging", "SuspendedEV", "SuspendedEVSE"])
async def test_a_stage_of_a_transaction_is_its_state_of_charging(stage: str) -> None:
    station = Station()
    station.now_is(state(transaction()))
    changed, updated = await status(station, stage)
    assert isinstance(changed, ConnectorChanged)
    assert isinstance(updated, TransactionUpdated)
    assert (updated.number, updated.charging_state) == (17, STAGES[stage])
    assert updated.trigger is TriggerReason.CHARGING_STATE_CHANGED


async def test_a_stage_that_is_no_news_of_the_transaction_changes_nothing() -> None:
    station = Station()
    station.now_is(state(transaction()))
    assert len(await status(station, "Preparing")) == 1
    assert len(await status(station, "Charging", connector=2)) == 1
    assert len(await status(station, "Charging", connector=0)) == 1
    later = replace(transaction(), started_at=NOW + timedelta(minutes=1))
    station.now_is(state(later))
    assert len(await status(station, "Charging")) == 1  # an old status that the station had kept


async def test_a_station_that_charges_before_it_says_that_it_starts() -> None:
    station = Station()
    await status(station, "Charging")
    await station.says("StartTransaction", connectorId=1, idTag="04A1B2C3", meterStart=0, timestamp=NOW)
    await status(station, "Available")
    await station.says("StartTransaction", connectorId=1, idTag="04A1B2C3", meterStart=5, timestamp=NOW)
    states = [e.charging_state for e in station.box.events if isinstance(e, TransactionBegan)]
    assert states == [ChargingState.CHARGING, ChargingState.EV_CONNECTED]


async def ended(station: Station, **fields: str) -> StopCause | None:
    await station.says("StopTransaction", transactionId=17, meterStop=10, timestamp=NOW, **fields)
    event = station.box.events[-1]
    assert isinstance(event, TransactionEnded)
    return event.cause


@pytest.mark.parametrize(
    ("reason", "trigger", "told"),
    [
        ("EmergencyStop", TriggerReason.ABNORMAL_CONDITION, StoppedReason.EMERGENCY_STOP),
        ("EVDisconnected", TriggerReason.EV_COMMUNICATION_LOST, StoppedReason.EV_DISCONNECTED),
        ("HardReset", TriggerReason.RESET_COMMAND, StoppedReason.IMMEDIATE_RESET),
        ("SoftReset", TriggerReason.RESET_COMMAND, StoppedReason.IMMEDIATE_RESET),
        ("Local", TriggerReason.STOP_AUTHORIZED, StoppedReason.LOCAL),
        ("Other", TriggerReason.ABNORMAL_CONDITION, StoppedReason.OTHER),
        ("PowerLoss", TriggerReason.ABNORMAL_CONDITION, StoppedReason.POWER_LOSS),
        ("Reboot", TriggerReason.ABNORMAL_CONDITION, StoppedReason.REBOOT),
        ("Remote", TriggerReason.REMOTE_STOP, StoppedReason.REMOTE),
        ("UnlockCommand", TriggerReason.UNLOCK_COMMAND, StoppedReason.OTHER),
        ("DeAuthorized", TriggerReason.DEAUTHORIZED, StoppedReason.DEAUTHORIZED),
    ],
)
async def test_every_reason_has_its_trigger(reason: str, trigger: TriggerReason, told: StoppedReason) -> None:
    cause = await ended(Station(), reason=reason)
    assert cause is not None
    assert (cause.trigger, cause.reason) == (trigger, told)


async def test_who_had_it_stopped_is_known_better_by_the_box() -> None:
    station = Station()
    station.now_is(state(replace(transaction(), stop_cause=STOPPED_DEAUTHORIZED)))
    assert await ended(station, reason="Remote") == STOPPED_DEAUTHORIZED
    assert await ended(station) is None
    assert await ended(station, reason="EVDisconnected") == STOPPED_BY_UNPLUGGING
    station.now_is(state(transaction()))
    assert await ended(station, reason="Remote") == STOPPED_BY_BACKEND
    assert await ended(station, reason="HardReset") == STOPPED_BY_RESET


@pytest.mark.parametrize(
    ("reason", "charging"), [("EVDisconnected", ChargingState.IDLE), ("Local", ChargingState.EV_CONNECTED)]
)
async def test_without_a_car_the_end_is_idle(reason: str, charging: ChargingState) -> None:
    station = Station()
    await ended(station, reason=reason)
    event = station.box.events[-1]
    assert isinstance(event, TransactionEnded)
    assert event.charging_state is charging


async def test_no_reason_is_the_driver_unless_the_connector_is_faulty() -> None:
    station = Station()
    station.now_is(state(transaction()))
    assert await ended(station) == STOPPED_BY_DRIVER
    assert await ended(station, reason="SomethingNew") is None
    broken = fault_of("GroundFailure")
    assert broken is not None
    faulty = state(transaction())
    connectors = (replace(faulty.connectors[0], faults=(broken,)), *faulty.connectors[1:])
    station.now_is(replace(faulty, connectors=connectors))
    assert await ended(station) is None


async def test_meter_values_have_phases_and_the_whole_of_an_unknown_one_is_dropped() -> None:
    station = Station()
    await station.says(
        "MeterValues",
        connectorId=1,
        meterValue=[
            {
                "timestamp": NOW,
                "sampledValue": [
                    {"value": "16.1", "measurand": "Current.Import", "phase": "L1", "unit": "A", "location": "Cable"},
                    {"value": "7", "measurand": "Voltage", "phase": "l1-n", "unit": "V", "context": "Trigger"},
                    {"value": "9", "phase": "L9"},
                    {"value": "80", "measurand": "SoC", "unit": "Percent", "location": "EV"},
                ],
            }
        ],
    )
    (event,) = station.box.of(Measured)
    assert isinstance(event, Measured)
    (sample,) = event.samples
    assert [(r.measurand, r.phase, r.value) for r in sample.readings] == [
        ("Current.Import", "L1", 16.1),
        ("Voltage", "L1-N", 7.0),
        ("SoC", None, 80.0),
    ]


async def test_the_data_of_a_stop_is_one_level_flatter_than_in_1_5() -> None:
    station = Station()
    begin: Fields = {"timestamp": NOW, "sampledValue": [{"value": "100", "context": "Transaction.Begin"}]}
    await station.says("StopTransaction", transactionId=17, meterStop=10, timestamp=NOW, transactionData=[begin])
    (event,) = station.box.of(TransactionEnded)
    assert isinstance(event, TransactionEnded)
    assert [sample.energy() for sample in event.samples] == [100.0]


async def test_a_boot_is_answered_with_an_interval() -> None:
    answer = await Station().says("BootNotification", chargePointVendor="V", chargePointModel="M")
    assert set(answer) == {"status", "currentTime", "interval"}


BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


async def test_a_boot_that_the_box_has_asked_for_is_no_restart() -> None:
    station = Station()
    known = replace(state(), identity=StationIdentity(vendor="V", model="M"))
    station.now_is(known)
    station.peer.boot_asked_until = TICK + 1
    await station.says("BootNotification", **BOOT)
    assert station.box.events == []
    await station.says("BootNotification", **BOOT)
    assert len(station.box.events) == 1


@pytest.mark.parametrize("why", ["too late", "other firmware", "reset"])
async def test_any_other_boot_is_one(why: str) -> None:
    station = Station()
    known = replace(state(), identity=StationIdentity(vendor="V", model="M"))
    station.now_is(replace(known, reset=ResetKind.IMMEDIATE) if why == "reset" else known)
    station.peer.boot_asked_until = TICK - 1 if why == "too late" else TICK + 1
    more = {"firmwareVersion": "2"} if why == "other firmware" else {}
    await station.says("BootNotification", **BOOT, **more)
    assert len(station.box.of(StationBooted)) == 1


@pytest.mark.parametrize("end", ["stop", "boot"])
async def test_a_stage_of_one_visit_says_nothing_of_the_next(end: str) -> None:
    station = Station()
    await status(station, "Charging")
    station.now_is(state(transaction()))
    if end == "stop":
        await ended(station)
    else:
        await station.says("BootNotification", **BOOT)
    await station.says("StartTransaction", connectorId=1, idTag="04A1B2C3", meterStart=5, timestamp=NOW)
    (began,) = station.box.of(TransactionBegan)
    assert isinstance(began, TransactionBegan)
    assert began.charging_state is ChargingState.EV_CONNECTED


async def test_security_events_go_up() -> None:
    station = Station()
    assert await station.says("SecurityEventNotification", type="TamperDetectionActivated", timestamp=NOW) == {}
    assert station.box.events == [SecurityReported(station=ID, at=NOW, type="TamperDetectionActivated")]


async def test_a_certificate_is_not_signed_by_the_box() -> None:
    assert await Station().says("SignCertificate", csr="...") == {"status": "Rejected"}


@pytest.mark.parametrize("operation", SECURITY_HANDLERS)
async def test_a_status_that_nobody_knows_changes_nothing(operation: str) -> None:
    if operation.endswith("StatusNotification"):
        station = Station()
        assert await station.says(operation, status="Idle") == {}
        assert station.box.events == []


async def test_progress_of_logs_and_signed_firmware() -> None:
    station = Station()
    await station.says("LogStatusNotification", status="PermissionDenied", requestId=4)
    await station.says("SignedFirmwareStatusNotification", status="InvalidSignature", requestId=4)
    assert station.box.events == [
        LogProgress(station=ID, at=NOW, status=LogStatus.PERMISSION_DENIED),
        FirmwareProgress(station=ID, at=NOW, status=FirmwareStatus.INVALID_SIGNATURE),
    ]
