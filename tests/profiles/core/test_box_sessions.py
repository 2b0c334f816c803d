"""A station that has no transactions of its own: what the backend may set, start and say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.catalogue import standard
from gateway.model.device import DeviceModel, Mutability, VariableRef
from gateway.model.device.values import refusal
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.installation import Installation, Outlet
from gateway.model.readings import ENERGY_REGISTER, POWER_IMPORT
from gateway.model.session import ANYBODY, AuthorizationMode, Policy, Sampling, TxPoint
from gateway.model.station import Capability
from gateway.model.transactions import STOPPED_BY_DRIVER, STOPPED_DEAUTHORIZED, ChargingState, TriggerReason
from profiles.core.variables import core_variables
from tests.fakes.box import ID, RFID, Box
from tests.profiles.core.inventory_fakes import STATE

if TYPE_CHECKING:
    from gateway.contracts import Json
    from gateway.model.tokens import Token

BOX_RUNS = replace(STATE, capabilities=frozenset({Capability.BOX_SESSIONS, Capability.UNLOCK}))
SPECS = tuple(core_variables(BOX_RUNS))
DEVICE = DeviceModel.of(SPECS)
HONOURED = {
    "TxCtrlr": {
        "TxStartPoint",
        "TxStopPoint",
        "StopTxOnEVSideDisconnect",
        "StopTxOnInvalidId",
        "EVConnectionTimeOut",
        "MaxEnergyOnInvalidId",
    },
    "AuthCtrlr": {"Enabled"},
    "OCPPCommCtrlr": {"UnlockOnEVSideDisconnect"},
    "SampledDataCtrlr": {
        "TxStartedMeasurands",
        "TxUpdatedMeasurands",
        "TxUpdatedInterval",
        "TxEndedMeasurands",
        "TxEndedInterval",
    },
    "AlignedDataCtrlr": {"Measurands", "Interval", "TxEndedMeasurands", "TxEndedInterval"},
}
REQUEST: Json = {"idToken": {"idToken": RFID.value, "type": "ISO14443"}, "remoteStartId": 9}
PLACE = Place(station=ID, evse=1, connector=1)


def setting(device: DeviceModel) -> dict[tuple[str, str], str]:
    return {(spec.ref.component, spec.ref.variable): device.value(spec.ref) or "" for spec in SPECS}


async def box_runs_it(box: Box) -> None:
    capabilities = frozenset(
        {Capability.BOX_SESSIONS, Capability.REMOTE_START, Capability.REMOTE_STOP, Capability.UNLOCK}
    )
    await box.hub.publish(ev.StationFound(station=ID, at=box.clock.now(), capabilities=capabilities))
    await box.settled()


async def begin(box: Box, token: Token | None) -> int:
    await box.hub.publish(
        ev.ConnectorChanged(place=PLACE, at=box.clock.now(), status=ConnectorStatus.OCCUPIED),
    )
    event = ev.TransactionBegan(
        place=PLACE, at=box.clock.now(), token=token, meter_start=0.0, key="k", trigger=TriggerReason.AUTHORIZED,
        charging_state=ChargingState.EV_CONNECTED,
    )  # fmt: skip
    return (await box.hub.begin(event, patience=0)).number


@pytest.mark.parametrize(("component", "variable"), [(c, v) for c, names in HONOURED.items() for v in sorted(names)])
def test_what_the_box_honours_can_be_set(component: str, variable: str) -> None:
    spec = DEVICE.spec(VariableRef(component=component, variable=variable))
    entry = standard(component, variable, None)
    assert spec is not None
    assert entry is not None
    assert spec.mutability is Mutability.READ_WRITE
    assert refusal(spec, spec.default) is None
    assert set(spec.values) <= set(entry.values)
    plain = DeviceModel.of(core_variables(STATE)).spec(spec.ref)
    assert plain is None or not plain.writable or variable == "EVConnectionTimeOut"


def test_no_variable_is_defined_twice_and_none_is_missing() -> None:
    assert len({spec.ref for spec in SPECS}) == len(SPECS)
    more = {spec.ref.variable for spec in SPECS if spec.ref not in {plain.ref for plain in core_variables(STATE)}}
    assert more == {"Enabled", "MaxEnergyOnInvalidId"}, "what no OCPP 1.x station can be told"
    assert {spec.ref for spec in core_variables(STATE)} < {spec.ref for spec in SPECS}


@pytest.mark.parametrize(
    ("value", "accepted"),
    [("EVConnected,Authorized", True), ("ParkingBayOccupancy", False), ("DataSigned", False), ("EnergyTransfer", True)],
)
def test_only_points_that_the_box_sees_are_taken(value: str, *, accepted: bool) -> None:
    for variable in ("TxStartPoint", "TxStopPoint"):
        ref = VariableRef(component="TxCtrlr", variable=variable)
        assert DEVICE.check_set(ref, value).accepted is accepted


def test_a_state_of_charge_only_where_the_car_tells_it() -> None:
    dc = Installation(outlets={(1, 1): Outlet(connector_type="cCCS2")})
    for installation, told in ((Installation(), False), (dc, True)):
        device = DeviceModel.of(core_variables(BOX_RUNS, installation))
        spec = device.spec(VariableRef(component="SampledDataCtrlr", variable="TxUpdatedMeasurands"))
        assert spec is not None
        assert ("SoC" in spec.values) is told


def test_the_values_as_they_come_make_the_policy_and_the_sampling() -> None:
    values = setting(DEVICE)
    policy = Policy.of(lambda c, v: values.get((c, v), ""), mode=AuthorizationMode.TOKEN_READER)
    assert policy == Policy()
    sampling = Sampling.of(lambda c, v: values.get((c, v), ""))
    assert sampling == Sampling(
        started=frozenset({ENERGY_REGISTER}),
        updated=frozenset({ENERGY_REGISTER, POWER_IMPORT, "Current.Import"}),
        updated_interval=60,
        ended=frozenset({ENERGY_REGISTER}),
        aligned=frozenset({ENERGY_REGISTER}),
    )


async def test_what_the_backend_sets_is_what_the_session_goes_by(box: Box) -> None:
    await box_runs_it(box)
    for variable, value in (
        ("TxStartPoint", "EVConnected,Authorized"), ("TxStopPoint", "Authorized"), ("EVConnectionTimeOut", "20"),
        ("StopTxOnEVSideDisconnect", "false"), ("StopTxOnInvalidId", "false"),
    ):  # fmt: skip
        ref = VariableRef(component="TxCtrlr", variable=variable)
        assert (await box.hub.set_variable(ID, ref, value)).accepted
    policy = Policy.of(
        lambda component, variable: box.hub.setting(ID, VariableRef(component=component, variable=variable)),
        mode=AuthorizationMode.CENTRAL,
    )
    assert policy.start_points == {TxPoint.EV_CONNECTED, TxPoint.AUTHORIZED}
    assert policy.stop_points == {TxPoint.AUTHORIZED}
    assert policy.ev_connection_timeout.total_seconds() == 20
    assert not policy.stop_on_ev_side_disconnect
    assert not policy.stop_on_invalid_id


class TestRequestStart:
    """RequestStartTransaction at a station whose car is plugged in and waits."""

    @pytest.mark.ocpp("F01.FR.19", "F02.FR.21")
    @pytest.mark.parametrize("evse", [{"evseId": 1}, {}])
    async def test_starts(self, box: Box, evse: dict[str, int]) -> None:
        await box_runs_it(box)
        await box.hub.publish(ev.ConnectorChanged(place=PLACE, at=box.clock.now(), status=ConnectorStatus.OCCUPIED))
        assert await box.call("RequestStartTransaction", {**REQUEST, **evse}) == {"status": "Accepted"}
        (start,) = box.adapter.asked(cmd.StartCharging)
        assert (start.place.evse, start.token) == (1, RFID)
        await box.sent()
        await begin(box, RFID)
        (event,) = await box.sent_of("TransactionEvent")
        assert (event["triggerReason"], event["transactionInfo"]["remoteStartId"]) == ("RemoteStart", 9)

    async def test_starts_again_with_the_cable_still_in(self, box: Box) -> None:
        await box_runs_it(box)
        number = await begin(box, RFID)
        end = ev.TransactionEnded(
            station=ID, at=box.clock.now(), number=number, meter_stop=5.0, key="e", cause=STOPPED_BY_DRIVER
        )
        await box.hub.publish(end)
        assert await box.call("RequestStartTransaction", {**REQUEST, "evseId": 1}) == {"status": "Accepted"}


@pytest.mark.parametrize("stops", ["true", "false"])
async def test_the_session_hears_of_a_token_that_is_not_accepted_whatever_is_to_follow(box: Box, stops: str) -> None:
    await box_runs_it(box)
    ref = VariableRef(component="TxCtrlr", variable="StopTxOnInvalidId")
    assert (await box.hub.set_variable(ID, ref, stops)).accepted
    await box.sent()
    await begin(box, RFID)
    started = await box.next_event()
    await box.hub.responded(ID, started, {"idTokenInfo": {"status": "Blocked"}})
    await box.settled()
    (stop,) = box.adapter.asked(cmd.StopCharging)
    assert stop.cause == STOPPED_DEAUTHORIZED


@pytest.mark.ocpp("C02.FR.01", "C02.FR.03")
async def test_a_session_that_needs_no_token_is_told_so_and_leaves_nothing_in_the_cache(box: Box) -> None:
    await box_runs_it(box)
    await box.sent()
    await begin(box, ANYBODY)
    started = await box.next_event()
    assert started.payload["idToken"] == {"idToken": "", "type": "NoAuthorization"}
    await box.hub.responded(ID, started, {"idTokenInfo": {"status": "Accepted"}})
    await box.settled()
    assert await box.storage.tokens.recall(ID, ANYBODY) is None
    assert box.adapter.asked(cmd.StopCharging) == []


@pytest.mark.ocpp("E02.FR.17")
async def test_an_unlocked_plug_is_told_in_the_transaction_of_a_car_that_nobody_is_authorized_for(box: Box) -> None:
    await box_runs_it(box)
    await begin(box, None)
    await box.sent()
    assert await box.call("UnlockConnector", {"evseId": 1, "connectorId": 1}) == {"status": "Unlocked"}
    (event,) = await box.sent_of("TransactionEvent")
    assert (event["eventType"], event["triggerReason"]) == ("Updated", "UnlockCommand")
