"""Messages that the backend asks for."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.changes import BootReason
from gateway.model.device import VariableRef, timestamp
from gateway.model.ids import Place
from gateway.model.readings import ENERGY_REGISTER, POWER_IMPORT, Reading, Sample
from gateway.model.station import Capability
from tests.fakes.box import ID, Box, open_box

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.contracts import Json

PLACE = Place(station=ID, evse=1, connector=1)


async def ask(box: Box, message: str, **evse: int) -> str:
    payload: Json = {"requestedMessage": message, **({"evse": evse} if evse else {})}
    status: str = (await box.call("TriggerMessage", payload))["status"]
    return status


def values(told: list[Json]) -> list[tuple[int, float]]:
    return [(m["evseId"], m["meterValue"][0]["sampledValue"][0]["value"]) for m in told]


@pytest.mark.ocpp("F06.FR.04", "F06.FR.05")
async def test_the_answer_goes_before_the_message(box: Box) -> None:
    reply = await box.hub.handle(ID, "TriggerMessage", {"requestedMessage": "Heartbeat"})
    assert reply.payload == {"status": "Accepted"}
    assert box.backend.beats == 0
    assert reply.then is not None
    await reply.then()
    assert box.backend.beats == 1


@pytest.mark.ocpp("F06.FR.08")
@pytest.mark.parametrize("message", ["SignChargingStationCertificate", "PublishFirmwareStatusNotification"])
async def test_what_is_not_known_here_is_not_implemented(box: Box, message: str) -> None:
    assert await ask(box, message) == "NotImplemented"


@pytest.mark.ocpp("F06.FR.17")
async def test_a_boot_only_before_the_backend_has_accepted_one(box: Box) -> None:
    assert await ask(box, "BootNotification") == "Rejected"
    box.backend.is_pending = True
    assert await ask(box, "BootNotification") == "Accepted"
    assert box.backend.boots == [BootReason.TRIGGERED]


@pytest.mark.ocpp("B02.FR.02")
async def test_what_is_asked_for_may_go_while_pending(box: Box) -> None:
    await box.begin()
    await box.sent()
    for message in ("StatusNotification", "MeterValues", "TransactionEvent", "LogStatusNotification"):
        await ask(box, message, id=1, connectorId=1)
    assert [(m.action, m.requested) for m in await box.sent()] == [
        ("StatusNotification", True), ("MeterValues", True), ("TransactionEvent", True), ("LogStatusNotification", True),
    ]  # fmt: skip


class TestStatus:
    """StatusNotification."""

    async def test_of_a_connector(self, box: Box) -> None:
        await box.begin(evse=2)
        await box.sent()
        assert await ask(box, "StatusNotification", id=2, connectorId=1) == "Accepted"
        (told,) = await box.sent_of("StatusNotification")
        assert (told["evseId"], told["connectorId"], told["connectorStatus"]) == (2, 1, "Occupied")

    @pytest.mark.ocpp("F06.FR.12")
    @pytest.mark.parametrize("evse", [{}, {"id": 1}])
    async def test_not_without_one(self, box: Box, evse: dict[str, int]) -> None:
        assert await ask(box, "StatusNotification", **evse) == "Rejected"

    async def test_not_of_one_that_is_none(self, box: Box) -> None:
        assert await ask(box, "StatusNotification", id=1, connectorId=9) == "Rejected"


class TestReadings:
    """MeterValues."""

    @pytest.mark.ocpp("F06.FR.11")
    async def test_the_last_of_every_evse_or_of_the_one(self, box: Box) -> None:
        for evse in (1, 2):
            await box.measure(100.0, evse=evse)
            await box.measure(float(evse), evse=evse)
        await box.sent()
        assert await ask(box, "MeterValues") == "Accepted"
        assert values(await box.sent_of("MeterValues")) == [(1, 1.0), (2, 2.0)]
        assert await ask(box, "MeterValues", id=2) == "Accepted"
        (told,) = await box.sent_of("MeterValues")
        assert values([told]) == [(2, 2.0)]
        assert told["meterValue"][0]["sampledValue"][0]["context"] == "Trigger"

    async def test_not_before_anything_was_measured(self, box: Box) -> None:
        assert await ask(box, "MeterValues", id=1) == "Rejected"


class TestTransactions:
    """TransactionEvent."""

    @pytest.mark.ocpp("F06.FR.07")
    async def test_each_running_one_as_it_is_now(self, box: Box) -> None:
        await box.begin("a", evse=1)
        await box.begin("b", evse=2)
        box.clock.pass_(minutes=1)
        await box.measure(1500.0, evse=2)
        await box.sent()
        assert await ask(box, "TransactionEvent") == "Accepted"
        first, second = await box.sent_of("TransactionEvent")
        for event in (first, second):
            assert (event["eventType"], event["triggerReason"]) == ("Updated", "Trigger")
        assert second["seqNo"] == 2
        assert second["transactionInfo"]["chargingState"] == "Charging"
        (value,) = second["meterValue"][0]["sampledValue"]
        assert (value["value"], value["context"]) == (1500.0, "Trigger")

    async def test_of_one_evse(self, box: Box) -> None:
        await box.begin("a", evse=1)
        await box.sent()
        assert await ask(box, "TransactionEvent", id=2) == "Rejected"
        assert await ask(box, "TransactionEvent", id=1) == "Accepted"

    async def test_none_runs(self, box: Box) -> None:
        assert await ask(box, "TransactionEvent") == "Rejected"


class TestJobs:
    """LogStatusNotification and FirmwareStatusNotification."""

    @pytest.mark.ocpp("F06.FR.15", "F06.FR.16")
    async def test_idle(self, box: Box) -> None:
        for message in ("LogStatusNotification", "FirmwareStatusNotification"):
            assert await ask(box, message) == "Accepted"
            assert await box.sent_of(message) == [{"status": "Idle"}]

    @pytest.mark.case("TC_F_16_CS")
    @pytest.mark.ocpp("F06.FR.14")
    async def test_an_upload(self, box: Box) -> None:
        await box.hub.execute(cmd.UploadLog(station=ID, request_id=6, location="ftp://x/y"))
        await box.sent()
        await ask(box, "LogStatusNotification")
        assert await box.sent_of("LogStatusNotification") == [{"status": "Uploading", "requestId": 6}]


class TestStationThatCanBeAsked:
    """A station of OCPP 1.6, which tells its readings when it is told to."""

    async def arrive(self, box: Box) -> None:
        await box.hub.publish(
            ev.StationFound(
                station=ID,
                at=box.clock.now(),
                capabilities=frozenset({Capability.TRIGGER, Capability.CONFIGURATION_READ}),
            )
        )

    async def test_it_is_asked_and_what_it_reports_goes_up(self, box: Box) -> None:
        await self.arrive(box)
        assert await ask(box, "MeterValues", id=1) == "Accepted"
        (asked,) = box.adapter.asked(cmd.TriggerReport)
        assert (asked.place, asked.report) == (PLACE, cmd.Report.METER_VALUES)
        assert await box.sent_of("MeterValues") == []
        await box.measure(5.0)
        assert len(await box.sent_of("MeterValues")) == 1

    async def test_one_that_refuses_leaves_what_is_known(self, box: Box) -> None:
        await self.arrive(box)
        box.adapter.refuse(cmd.TriggerReport)
        assert await ask(box, "MeterValues") == "Rejected"
        await box.measure(5.0)
        await box.sent()
        assert await ask(box, "MeterValues") == "Accepted"
        assert len(await box.sent_of("MeterValues")) == 1

    @pytest.mark.ocpp("F06.FR.06", "F06.FR.07", "F06.FR.09", "F06.FR.10")
    @pytest.mark.parametrize("message", ["MeterValues", "TransactionEvent"])
    async def test_of_a_transaction_it_is_told_as_soon_as_the_station_has(self, box: Box, message: str) -> None:
        await self.arrive(box)
        await box.begin()
        await box.measure(1100.0)
        await box.sent()
        box.clock.pass_(minutes=1)
        assert await ask(box, message, id=1) == "Accepted"
        assert [asked.place for asked in box.adapter.asked(cmd.TriggerReport)] == [PLACE]
        assert await box.sent() == [], "not what was measured before"
        await box.measure(1200.0)
        await box.settled()
        told, answer = await box.sent()
        assert told.payload["triggerReason"] == "MeterValuePeriodic"
        assert answer.action == message
        assert answer.payload.get("triggerReason", "Trigger") == "Trigger"
        (value,) = answer.payload["meterValue"][0]["sampledValue"]
        assert (value["value"], value["context"]) == (1200.0, "Trigger")

    @pytest.mark.ocpp("F06.FR.10")
    async def test_one_that_does_not_tell_in_time_leaves_what_is_known(
        self, box: Box, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("profiles.core.readings_on_demand.PATIENCE", 0.01)
        await self.arrive(box)
        await box.begin()
        await box.sent()
        for message in ("MeterValues", "TransactionEvent"):
            assert await ask(box, message, id=1) == "Accepted"
        await box.settled()
        told = await box.sent()
        assert {m.action for m in told} == {"MeterValues", "TransactionEvent"}
        assert {m.payload["meterValue"][0]["sampledValue"][0]["value"] for m in told} == {1000.0}


class TestStationThatTheBoxReads:
    """A station without OCPP: it is measured there and then, and what was asked for is told."""

    @pytest.fixture
    async def read(self, box: Box) -> Box:
        """A box whose station shows more at every look."""
        found = frozenset({Capability.BOX_SESSIONS, Capability.TRIGGER})
        await box.hub.publish(ev.StationFound(station=ID, at=box.clock.now(), capabilities=found))
        await box.settled()
        looks = count(1)

        async def measure(command: cmd.Command) -> None:
            assert isinstance(command, cmd.TriggerReport)
            box.clock.pass_(seconds=1)
            readings = (
                Reading(value=1000.0 + next(looks)),
                Reading(value=7000.0, measurand=POWER_IMPORT, unit="W"),
                Reading(value=230.0, measurand="Voltage", unit="V"),
            )
            sample = Sample(at=box.clock.now(), readings=readings)
            await box.hub.publish(ev.Measured(place=command.place, samples=(sample,), asked=True))

        box.adapter.on_command = measure
        await box.sent()
        return box

    @pytest.mark.ocpp("F06.FR.06", "F06.FR.09", "F06.FR.10")
    async def test_meter_values_are_those_of_now_and_of_the_measurands_of_aligned_data(self, read: Box) -> None:
        ref = VariableRef(component="AlignedDataCtrlr", variable="Measurands")
        assert (await read.hub.set_variable(ID, ref, f"{ENERGY_REGISTER},Voltage")).accepted
        for look in (1, 2):
            assert await ask(read, "MeterValues", id=1) == "Accepted"
            (told,) = await read.sent()
            assert (told.action, told.requested) == ("MeterValues", True)
            (value,) = told.payload["meterValue"]
            assert value["timestamp"] == timestamp(read.clock.now())
            assert [(v["measurand"], v["value"], v["context"]) for v in value["sampledValue"]] == [
                (ENERGY_REGISTER, 1000.0 + look, "Trigger"), ("Voltage", 230.0, "Trigger"),
            ]  # fmt: skip

    @pytest.mark.ocpp("F06.FR.06")
    async def test_meter_values_are_told_in_a_transaction_too(self, read: Box) -> None:
        await read.begin()
        await read.sent()
        assert await ask(read, "MeterValues", id=1) == "Accepted"
        (told,) = await read.sent()
        assert told.action == "MeterValues"

    @pytest.mark.ocpp("F06.FR.07", "F06.FR.09")
    async def test_a_transaction_is_told_as_it_is_now_with_the_measurands_of_its_updates(self, read: Box) -> None:
        ref = VariableRef(component="SampledDataCtrlr", variable="TxUpdatedMeasurands")
        assert (await read.hub.set_variable(ID, ref, POWER_IMPORT)).accepted
        await read.begin()
        await read.sent()
        assert await ask(read, "TransactionEvent", id=1) == "Accepted"
        (told,) = await read.sent()
        assert (told.payload["eventType"], told.payload["triggerReason"]) == ("Updated", "Trigger")
        assert told.payload["transactionInfo"]["chargingState"] == "EVConnected"
        (value,) = told.payload["meterValue"]
        assert value["timestamp"] == told.payload["timestamp"] == timestamp(read.clock.now())
        (sampled,) = value["sampledValue"]
        assert (sampled["measurand"], sampled["value"], sampled["context"]) == (POWER_IMPORT, 7000.0, "Trigger")

    async def test_nothing_is_told_where_nothing_is_to_be_measured(self, read: Box) -> None:
        ref = VariableRef(component="AlignedDataCtrlr", variable="Measurands")
        assert (await read.hub.set_variable(ID, ref, "")).accepted
        assert await ask(read, "MeterValues", id=1) == "Rejected"

    async def test_one_that_is_away_leaves_what_it_showed_last_with_its_time(self, read: Box) -> None:
        await ask(read, "MeterValues", id=1)
        at = read.clock.now()
        read.clock.pass_(minutes=5)
        await read.sent()
        await read.hub.publish(ev.StationLost(station=ID, at=read.clock.now()))
        await read.sent()
        assert await ask(read, "MeterValues", id=1) == "Accepted"
        (told,) = await read.sent_of("MeterValues")
        assert told["meterValue"][0]["timestamp"] == timestamp(at)


@pytest.mark.ocpp("F06.FR.07")
async def test_a_transaction_that_has_told_nothing_since_the_box_started_is_told_with_its_last_register(
    tmp_path: Path,
) -> None:
    async with open_box(tmp_path) as first:
        await first.arrive()
        await first.begin()
        await first.measure(1500.0)
    async with open_box(tmp_path, clock=first.clock) as second:
        await second.sent()
        assert await ask(second, "TransactionEvent", id=1) == "Accepted"
        (told,) = await second.sent_of("TransactionEvent")
        assert told["meterValue"][0]["sampledValue"][0]["value"] == 1500.0
