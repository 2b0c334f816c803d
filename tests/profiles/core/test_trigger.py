"""Messages that the backend asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.changes import BootReason
from gateway.model.ids import Place
from gateway.model.station import Capability
from tests.fakes.box import ID

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.fakes.box import Box


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
    """MeterValues of a station that measures when it is told to."""

    async def arrive(self, box: Box) -> None:
        await box.hub.publish(
            ev.StationFound(station=ID, at=box.clock.now(), capabilities=frozenset({Capability.TRIGGER}))
        )

    async def test_it_is_asked_and_what_it_reports_goes_up(self, box: Box) -> None:
        await self.arrive(box)
        assert await ask(box, "MeterValues", id=1) == "Accepted"
        (asked,) = box.adapter.asked(cmd.TriggerReport)
        assert (asked.place, asked.report) == (Place(station=ID, evse=1, connector=1), cmd.Report.METER_VALUES)
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

    async def test_not_during_a_transaction_whose_readings_go_elsewhere(self, box: Box) -> None:
        await self.arrive(box)
        await box.begin()
        await ask(box, "MeterValues")
        assert box.adapter.asked(cmd.TriggerReport) == []
