"""What the simulated station says and does in OCPP 1.2 and 1.6, apart from what is as in 1.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from lxml import etree

from gateway.bench.car import Car
from gateway.bench.ocpp_s.dialects import DIALECTS, V12, V15, V16, Dialect, dialect_of
from gateway.model.errors import GatewayError
from tests.gateway.bench.ocpp_s.central import Central, local, texts
from tests.gateway.bench.ocpp_s.conftest import START, living

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.gateway.bench.ocpp_s.conftest import Bench

PHASES = {"MeterValuesSampledData": "Energy.Active.Import.Register,Current.Import,Voltage"}


@pytest_asyncio.fixture
async def old() -> AsyncIterator[Bench]:
    """A station of 1.2."""
    async with Central(dialect=V12) as central, living(central) as bench:
        await bench.settled()
        yield bench


@pytest_asyncio.fixture
async def new() -> AsyncIterator[Bench]:
    """A station of 1.6."""
    async with Central(dialect=V16) as central, living(central) as bench:
        await bench.settled()
        yield bench


def _states(bench: Bench, connector: str = "1") -> list[str]:
    seen = bench.central.of("statusNotification")
    return [item.texts["status"] for item in seen if item.texts["connectorId"] == connector]


def _profile(purpose: str, limit: float, unit: str = "A", number: int = 1, *, kind: str = "Relative") -> str:
    start = "" if kind == "Relative" else f"<c:startSchedule>{START.isoformat()}</c:startSchedule>"
    return (
        f"<c:chargingProfileId>{number}</c:chargingProfileId><c:stackLevel>0</c:stackLevel>"
        f"<c:chargingProfilePurpose>{purpose}</c:chargingProfilePurpose>"
        f"<c:chargingProfileKind>{kind}</c:chargingProfileKind><c:chargingSchedule>{start}"
        f"<c:chargingRateUnit>{unit}</c:chargingRateUnit><c:chargingSchedulePeriod><c:startPeriod>0</c:startPeriod>"
        f"<c:limit>{limit:.1f}</c:limit></c:chargingSchedulePeriod></c:chargingSchedule>"
    )


def _set(connector: int, profile: str) -> str:
    return f"<c:connectorId>{connector}</c:connectorId><c:csChargingProfiles>{profile}</c:csChargingProfiles>"


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
async def test_session_in_each_version(dialect: Dialect) -> None:
    async with Central(dialect=dialect) as central, living(central) as bench:
        await bench.settled()
        await bench.charge()
        await bench.clock.advance(61)
        await central.until_seen("meterValues")
        await bench.station.present_token(1, "AB12")
        stop = await central.until_seen("stopTransaction")
        assert stop.texts["transactionId"] == "1"
        assert f"{{{dialect.central_system}}}" in str(etree.fromstring(stop.xml)[1][0].tag)
        await bench.settled()
        assert bench.station.ledger.complaints == []
        assert bench.station.connector(1).status(operative=True) == ("Finishing", "NoError")


async def test_version_of_1_2_says_only_what_1_2_has(old: Bench) -> None:
    await old.charge()
    await old.clock.advance(61)
    reading = await old.central.until_seen("meterValues")
    register = old.station.ledger.transactions[0].samples[0][1]
    assert list(reading.texts) == ["connectorId", "timestamp", "value"]
    assert reading.texts["value"] == str(register)
    assert register > 0
    await old.station.plug_out(1)
    stop = await old.central.until_seen("stopTransaction")
    assert list(stop.texts) == ["transactionId", "timestamp", "meterStop"]
    await old.settled()
    assert _states(old) == ["Available", "Occupied", "Available"]
    assert list(old.central.last("statusNotification").texts) == ["connectorId", "status", "errorCode"]


@pytest.mark.parametrize("operation", sorted(V16.commands - V12.commands))
async def test_version_1_2_does_not_know_later_commands(old: Bench, operation: str) -> None:
    answer = await old.central.call(old.station.url, operation)
    assert "NotSupported" in etree.tostring(answer, encoding="unicode")


async def test_faults_are_those_of_the_version(old: Bench, new: Bench) -> None:
    with pytest.raises(GatewayError, match="unknown-error-code"):
        await old.station.fault(1, "GroundFailure")
    with pytest.raises(GatewayError, match="unknown-error-code"):
        await new.station.fault(1, "Mode3Error")
    await new.station.fault(1, "EVCommunicationError")
    await new.central.until(lambda: _states(new)[-1] == "Faulted")


async def test_version_1_6_tells_each_stage_and_why_it_ended(new: Bench) -> None:
    await new.charge()
    await new.station.ev_pause(1)
    await new.settled()
    await new.station.ev_resume(1)
    await new.settled()
    assert await new.command("UnlockConnector", "<c:connectorId>1</c:connectorId>") == "Unlocked"
    stop = await new.central.until_seen("stopTransaction")
    await new.settled()
    await new.station.plug_out(1)
    await new.settled()
    assert _states(new) == [
        "Available", "Preparing", "Charging", "SuspendedEV", "Charging", "Finishing", "Available",
    ]  # fmt: skip
    assert stop.texts["reason"] == "UnlockCommand"


async def test_readings_of_1_6_name_their_phase() -> None:
    async with Central(dialect=V16) as central, living(central) as bench:
        await bench.settled()
        bench.station.point.keys.written.update(PHASES)
        await bench.charge()
        await bench.clock.advance(61)
        reading = await central.until_seen("meterValues")
        phases = [item.text for item in etree.fromstring(reading.xml).iter("{*}phase")]
        assert phases == ["L1", "L2", "L3", "L1-N", "L2-N", "L3-N"]


async def test_limit_of_the_transaction_comes_before_the_default_and_ends_with_it(new: Bench) -> None:
    assert await new.command("SetChargingProfile", _set(0, _profile("TxDefaultProfile", 13.0))) == "Accepted"
    await new.charge()
    assert new.station.connector(1).evse.current == 13.0
    own = _set(1, _profile("TxProfile", 8.0, number=2))
    assert await new.command("SetChargingProfile", own) == "Accepted"
    assert new.station.connector(1).evse.current == 8.0
    watts = _set(0, _profile("ChargePointMaxProfile", 4830.0, "W", number=3, kind="Absolute"))
    assert await new.command("SetChargingProfile", watts) == "Accepted"
    assert new.station.connector(1).evse.current == pytest.approx(7.0)
    schedule = await new.central.call(
        new.station.url, "GetCompositeSchedule", "<c:connectorId>1</c:connectorId><c:duration>60</c:duration>"
    )
    assert texts(schedule)["limit"] == "7.0"
    await new.station.present_token(1, "AB12")
    await new.central.until_seen("stopTransaction")
    assert [profile.id for profile in new.station.point.outlets.profiles.held] == [1, 3]


async def test_limit_below_the_least_current_is_a_pause_until_it_is_cleared(new: Bench) -> None:
    await new.charge()
    paused = _set(0, _profile("ChargePointMaxProfile", 5.0, kind="Absolute"))
    assert await new.command("SetChargingProfile", paused) == "Accepted"
    await new.central.until(lambda: _states(new)[-1] == "SuspendedEVSE")
    assert await new.command("ClearChargingProfile", "<c:id>9</c:id>") == "Unknown"
    purpose = "<c:chargingProfilePurpose>ChargePointMaxProfile</c:chargingProfilePurpose>"
    assert await new.command("ClearChargingProfile", purpose) == "Accepted"
    await new.central.until(lambda: _states(new)[-1] == "Charging")


@pytest.mark.parametrize(
    ("connector", "purpose"),
    [(1, "TxProfile"), (0, "TxProfile"), (1, "ChargePointMaxProfile"), (9, "TxDefaultProfile")],
)
async def test_profile_in_the_wrong_place_is_rejected(new: Bench, connector: int, purpose: str) -> None:
    assert await new.command("SetChargingProfile", _set(connector, _profile(purpose, 8.0))) == "Rejected"
    assert new.station.point.outlets.profiles.held == []


async def test_remote_start_brings_its_limit(new: Bench) -> None:
    await new.station.plug_in(1)
    profile = f"<c:chargingProfile>{_profile('TxProfile', 9.0)}</c:chargingProfile>"
    payload = f"<c:connectorId>1</c:connectorId><c:idTag>R1</c:idTag>{profile}"
    assert await new.command("RemoteStartTransaction", payload) == "Accepted"
    await new.central.until_seen("startTransaction")
    assert new.station.connector(1).evse.current == 9.0


async def test_full_car_is_suspended_ev() -> None:
    async with Central(dialect=V16) as central, living(central, car=Car(room=100.0)) as bench:
        await bench.settled()
        await bench.charge()
        await bench.clock.advance(61)
        await central.until(lambda: _states(bench)[-1] == "SuspendedEV")


@pytest.mark.parametrize(
    ("asked", "element", "status"),
    [
        ("BootNotification", "bootNotification", "Accepted"),
        ("Heartbeat", "heartbeat", "Accepted"),
        ("MeterValues", "meterValues", "Accepted"),
        ("StatusNotification", "statusNotification", "Accepted"),
        ("DiagnosticsStatusNotification", "diagnosticsStatusNotification", "Accepted"),
        ("FirmwareStatusNotification", "firmwareStatusNotification", "Accepted"),
        ("LogStatusNotification", "", "NotImplemented"),
    ],
)
async def test_trigger_brings_the_report(new: Bench, asked: str, element: str, status: str) -> None:
    before = len(new.central.of(element))
    assert await new.command("TriggerMessage", f"<c:requestedMessage>{asked}</c:requestedMessage>") == status
    if element:
        await new.central.until_seen(element, before + 1)


async def test_trigger_of_one_connector(new: Bench) -> None:
    before = len(_states(new, "2"))
    payload = "<c:requestedMessage>StatusNotification</c:requestedMessage><c:connectorId>2</c:connectorId>"
    assert await new.command("TriggerMessage", payload) == "Accepted"
    await new.central.until(lambda: len(_states(new, "2")) > before)
    assert len(_states(new)) == 1
    assert await new.command("TriggerMessage", payload.replace(">2<", ">9<")) == "Rejected"


async def test_local_list_and_keys_of_1_6(new: Bench) -> None:
    entry = "<c:localAuthorizationList><c:idTag>A</c:idTag><c:idTagInfo><c:status>Blocked</c:status></c:idTagInfo>"
    payload = f"<c:listVersion>3</c:listVersion>{entry}</c:localAuthorizationList><c:updateType>Full</c:updateType>"
    assert await new.command("SendLocalList", payload) == "Accepted"
    assert new.station.point.outlets.memory.list_version == 3
    answer = await new.central.call(new.station.url, "GetConfiguration", "<c:key>heartBeatInterval</c:key>")
    assert [item.text for item in answer.iter("{*}value")] == ["900"]
    assert [item.text for item in answer.iter("{*}key")] == ["HeartbeatInterval"]
    answer = await new.central.call(new.station.url, "GetConfiguration", "<c:key>NumberOfConnectors</c:key>")
    assert [item.text for item in answer.iter("{*}value")] == ["2"]
    assert local(answer[1][0]) == "getConfigurationResponse"


def test_dialects_are_found_by_their_protocol() -> None:
    assert [dialect_of(f"ocpp{version}s") for version in ("1.2", "1.5", "1.6")] == [V12, V15, V16]
    with pytest.raises(GatewayError, match="version-unknown"):
        dialect_of("ocpp1.4s")
